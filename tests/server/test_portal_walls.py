# SPDX-License-Identifier: Apache-2.0
"""人ごとの壁 — by SQL of the portal's own role: one person's rows and no other, table by table, and nothing for nobody."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import psycopg
import pytest
from django.utils import timezone

from portal import Telephone, person_with_card

pytestmark = pytest.mark.server
# 表の持ち主: which rows are a person's, said apart from the policies.
_ACCOUNT, _PERSON = "account_id = %(account)s", "person_id = %(person)s"
WHOSE = {
    "portal_account": "id = %(account)s",
    "portal_passkey": _ACCOUNT,
    "portal_onetimecode": _PERSON,
    "portal_proxy": f"{_PERSON} OR {_ACCOUNT}",
    "portal_session": _ACCOUNT,
    "portal_event": _PERSON,
    "portal_ownentry": _PERSON,
    # By name and birthday also the child they stand in for, whose record is not open.
    "eligibility_insuredperson": "id IN (%(person)s, %(child)s)",
    "eligibility_heldqualification": _PERSON,
    "eligibility_consentrow": _PERSON,
    "eligibility_drugrecord": _PERSON,
    "eligibility_treatmentrecord": _PERSON,
    "eligibility_checkuprecord": _PERSON,
    "prescriptions_patient": "id = %(patient)s",
    "platform_serviceevent": "person_id IN (%(person)s, %(patient)s)",
}
KEYS = {"portal_event": "number"}
RECORDS = sorted(each for each in WHOSE if each.startswith(("eligibility_", "prescriptions_", "platform_")))


class One:
    """A person with an account, and something of theirs in every table."""

    def __init__(self, name: str, number: str, caller) -> None:
        from tasuki_server.eligibility.models import CheckupRecord, ConsentRow, DrugRecord, TreatmentRecord
        from tasuki_server.platform.models import ServiceEvent
        from tasuki_server.portal.codes import issue_code
        from tasuki_server.portal.models import Account, CodeKind
        from tasuki_server.prescriptions.models import Patient

        # As a card writes a number, and as prescriptions do.
        self.row = person_with_card(name, f" {number}".translate(_WIDE))
        self.phone = Telephone()
        self.phone.register(self.row)
        self.phone.post("entries/new/", {"kind": "note", "text": f"{name}の一言"})
        self.invitation = issue_code(self.row, CodeKind.INVITE, ends_on=timezone.localdate())
        self.account = Account.objects.get(person=self.row)
        now, day = timezone.now(), timezone.localdate()
        ConsentRow.objects.create(caller=caller, person=self.row, way="2", given=[], given_at=now)
        DrugRecord.objects.create(person=self.row, day=day, source="ShPrInf", code="1", name="薬")
        TreatmentRecord.objects.create(person=self.row, day=day, code="1", name="行為")
        CheckupRecord.objects.create(person=self.row, day=day, code="1", name="項目", value="1")
        card = self.row.qualifications.get()
        patient = Patient.objects.create(insurer=card.insurer_number.strip(), symbol="12", number=number, branch="01")  # fmt: skip
        for whose in (self.row.pk, patient.pk):
            ServiceEvent.objects.create(caller=caller, operation="view-drugs", person_id=whose)
        self.facts = {"account": self.account.pk, "person": self.row.pk, "patient": patient.pk}


_WIDE = {ord("0") + each: ord("０") + each for each in range(10)}


class Walk:
    """The portal's role on one connection, and somebody who sees everything on another."""

    def __init__(self, portal, owner, people) -> None:
        self.portal, self.owner, self.people = portal, owner, people

    def enter(self, one, opened=None) -> None:
        from tasuki_server.institutions.work import signed

        told = f"{one.account.pk},{one.row.pk},{(opened or one).row.pk}"
        self._tell(signed(told, self.portal.info.backend_pid))

    def _tell(self, proof: str) -> None:
        self.portal.rollback()
        self.portal.execute("SELECT set_config('tasuki.standing', %s, true)", [proof])

    def seen(self, table: str) -> set:
        key = KEYS.get(table, "id")
        return {row[0] for row in self.portal.execute(f"SELECT {key} FROM {table}")}

    def of(self, table: str, one) -> set:
        key = KEYS.get(table, "id")
        rows = self.owner.execute(f"SELECT {key} FROM {table} WHERE {WHOSE[table]}", one.facts)
        return {row[0] for row in rows}

    def faults(self, table: str) -> list[str]:
        """What is wrong with one table's wall: as nobody, and as each for the other."""
        told = []
        self.portal.rollback()
        if self.seen(table):
            told.append("seen by nobody")
        for one, other in (self.people, self.people[::-1]):
            theirs = self.of(table, other)
            self.enter(one)
            own = self.seen(table)
            if own != self.of(table, one) or not own or not theirs:
                told.append(f"seen by {one.row.name}: {len(own)}")
            told += [f"changed: {each}" for each in self.changed(table, theirs)]
            if self.adds(table, theirs):
                told.append("added for another")
        self.portal.rollback()
        return told

    def changed(self, table: str, theirs: set) -> list[str]:
        """Columns of another's rows that can be written, and whether these can be removed."""
        columns = self.owner.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
            " AND has_column_privilege('tasuki_portal', attrelid, attnum, 'UPDATE')",
            [table],
        )
        key = KEYS.get(table, "id")
        done = [
            name
            for (name,) in columns.fetchall()
            if self.rows(f"UPDATE {table} SET {name} = {name} WHERE {key} = ANY (%s)", list(theirs))
            or self.rows(f"UPDATE {table} SET {name} = NULL WHERE {key} = ANY (%s)", list(theirs))
        ]
        if self.rows(f"DELETE FROM {table} WHERE {key} = ANY (%s)", list(theirs)):
            done.append("removed")
        return done

    def adds(self, table: str, theirs: set) -> bool:
        """Whether a row like another's is taken, under a key of its own."""
        key = KEYS.get(table, "id")
        (row,) = self.owner.execute(
            f"SELECT to_jsonb(t) FROM {table} t WHERE {key} = ANY (%s) LIMIT 1", [list(theirs)]
        ).fetchone()
        row[key] = 10**9 if key == "number" else str(uuid4())
        return bool(
            self.rows(
                f"INSERT INTO {table} SELECT * FROM jsonb_populate_record(NULL::{table}, %s)",
                psycopg.types.json.Jsonb(row),
            )
        )

    def rows(self, statement: str, *given) -> int:
        """How many it reaches; a key that is met or a rule of the table counts, for the wall was passed before."""
        try:
            with self.portal.transaction(force_rollback=True):
                return self.portal.execute(statement, given).rowcount
        except psycopg.errors.InsufficientPrivilege:
            return 0
        except psycopg.errors.IntegrityError:
            return 1


@pytest.fixture(scope="module")
def people(server):
    from tasuki_server.platform.clients import register_institution
    from tasuki_server.platform.house import close_house
    from tasuki_server.platform.models import FeeTable

    caller, _ = register_institution("13", FeeTable.MEDICAL, "9990044", "かべの医院")
    made = [One("架空　右", "7001", caller), One("架空　左", "7002", caller), One("架空　親", "7003", caller)]
    # Everybody stands in for somebody, each for another child.
    for number, one in enumerate(made):
        one.child = _stand_in(one, number)
        one.facts["child"] = one.child.pk
    yield made
    close_house()


def _stand_in(one, number):
    from tasuki_server.portal.codes import issue_code
    from tasuki_server.portal.models import CodeKind

    born = timezone.localdate() - timedelta(days=3000 + number)
    child = person_with_card(f"架空　子{number}", f"71{number:02}", born)
    done = one.phone.post(
        "proxies/accept/", {"code": issue_code(child, CodeKind.CHILD), "born": born.isoformat()}
    )
    assert done.status_code == 302
    return child


@pytest.fixture
def walk(people, owner):
    with psycopg.connect(_as_portal()) as portal:
        yield Walk(portal, owner, people[:2])


def _as_portal() -> str:
    from django.conf import settings
    from psycopg.conninfo import make_conninfo

    known = settings.DATABASES["portal"]
    return make_conninfo(
        dbname=known["NAME"], user=known["USER"], password=known["PASSWORD"], host=known["HOST"], port=known["PORT"]
    )  # fmt: skip


def test_the_role_reaches_these_tables_and_no_other(owner):
    from tasuki_server.database.person_walls import OPEN_TABLES, WALLS

    reached = owner.execute(
        "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema' AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')"
        " AND (CASE WHEN c.relkind = 'S' THEN has_sequence_privilege('tasuki_portal', c.oid, 'USAGE, SELECT, UPDATE') ELSE"
        " has_any_column_privilege('tasuki_portal', c.oid, 'SELECT, INSERT, UPDATE, REFERENCES')"
        " OR has_table_privilege('tasuki_portal', c.oid, 'DELETE, TRUNCATE, TRIGGER') END)"
    )
    assert {row[0] for row in reached} == {*WALLS, *OPEN_TABLES}
    assert set(WALLS) == {*WHOSE, "portal_spent_challenge"}


def test_every_table_of_the_portal_has_a_wall(server):
    from django.apps import apps

    from tasuki_server.database.person_walls import WALLS

    assert {each._meta.db_table for each in apps.get_app_config("portal").get_models()} <= set(WALLS)


@pytest.mark.parametrize("table", sorted(WHOSE))
def test_a_person_reaches_their_own_rows_and_nobody_reaches_any(walk, table):
    assert walk.faults(table) == []


@pytest.mark.parametrize("table", sorted(WHOSE))
def test_the_walk_finds_a_wall_that_is_gone(walk, table):
    from tasuki_server.database.person_walls import WALLS
    from tasuki_server.database.roles import PLATFORM, PORTAL_DOOR
    from tasuki_server.institutions.tenancy_lint import offences

    for fault in (
        f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
        f"DROP POLICY portal_reads ON {table}",
        f"CREATE POLICY portal_adds_all ON {table} TO tasuki_portal USING (true)",
    ):
        walk.portal.rollback()
        walk.owner.execute(fault)
        try:
            assert walk.faults(table) != [], fault
            if not fault.startswith("DROP"):
                assert [each.thing for each in offences(lambda query: walk.owner.execute(query).fetchall())]
        finally:
            walk.portal.rollback()
            walk.owner.execute(f"DROP POLICY IF EXISTS portal_adds_all ON {table}")
            for statement in WALLS[table].statements(table, (PLATFORM, PORTAL_DOOR)):
                walk.owner.execute(statement)
    assert walk.faults(table) == []


def test_what_no_page_shows_is_not_read_by_its_column(walk):
    one, _ = walk.people
    for statement in (
        "SELECT card FROM eligibility_insuredperson", "SELECT address FROM eligibility_insuredperson",
        "SELECT digest FROM portal_session", "SELECT digest FROM portal_onetimecode",
        "SELECT digest FROM platform_connectedinstitution", "SELECT * FROM exchange_resource",
        "SELECT * FROM records_permission", "SELECT * FROM tasuki.tenancy_key", "SELECT * FROM accounts_user",
        "SELECT * FROM patients_patient",
    ):  # fmt: skip
        walk.enter(one)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            walk.portal.execute(statement)


def test_a_proof_is_not_made_carried_or_kept(walk):
    from tasuki_server.institutions.work import signed

    one, other = walk.people
    backend = walk.portal.info.backend_pid
    own = f"{one.account.pk},{one.row.pk},{one.row.pk}"
    theirs = f"{one.account.pk},{one.row.pk},{other.row.pk}"
    proof = signed(own, backend)
    for forged in (
        theirs, f"{theirs}:{'0' * 64}", f"{theirs}{proof[110:]}", signed(own, backend + 1),
        signed(one.row.pk, backend), "true",
    ):  # fmt: skip
        walk._tell(forged)
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="no proof of a standing"):
            walk.portal.execute("SELECT count(*) FROM portal_event")
    walk.enter(one)
    assert walk.seen("portal_event")
    walk.portal.commit()
    assert walk.seen("portal_event") == set()


def test_who_stands_in_has_that_record_open_and_not_their_own(people, walk):
    parent = people[2]
    child = type("Child", (), {"row": parent.child, "facts": {**parent.facts, "person": parent.child.pk}})
    walk.enter(parent, child)
    for table in RECORDS:
        assert not walk.seen(table) & walk.of(table, parent) or table == "eligibility_insuredperson", table
    assert (
        walk.seen("eligibility_heldqualification") == walk.of("eligibility_heldqualification", child) != set()
    )
    assert walk.seen("portal_event") == walk.of("portal_event", child) != set()
    assert walk.seen("portal_ownentry") == set()
    # Devices and sessions stay those of the account.
    assert walk.seen("portal_passkey") == walk.of("portal_passkey", parent) != set()


def test_a_standing_begins_by_a_code_and_by_nothing_else(people, walk):
    from tasuki_server.portal.models import OneTimeCode, Proxy, Session

    parent, other = people[2], walk.people[0]
    proxy = Proxy.objects.get(account=parent.account)
    invitation = OneTimeCode.objects.get(person=other.row, kind="invite")
    add = (
        "INSERT INTO portal_proxy (id, person_id, account_id, kind, may_consent, code_id, since_at, ends_on)"
        " VALUES (gen_random_uuid(), %s, %s, %s, %s, %s, now(), %s)"
    )
    account, today = parent.account.pk, invitation.ends_on
    walk.enter(parent)
    assert not walk.rows(add, other.row.pk, account, "chosen", False, invitation.pk, today)
    walk.enter(parent, other)
    for given in (
        (other.row.pk, account, "chosen", True, invitation.pk, today),
        (other.row.pk, account, "parent", False, invitation.pk, today),
        (other.row.pk, account, "chosen", False, invitation.pk, date(2099, 1, 1)),
        (other.row.pk, account, "chosen", False, proxy.code_id, today),
        (other.row.pk, other.account.pk, "chosen", False, invitation.pk, today),
        (parent.child.pk, account, "chosen", False, invitation.pk, today),
    ):
        assert not walk.rows(add, *given), given
    assert walk.rows(add, other.row.pk, account, "chosen", False, invitation.pk, today)
    # Nobody makes a code for whom they stand in for, nor for their own registration.
    code = (
        "INSERT INTO portal_onetimecode (id, person_id, kind, digest, may_consent, made_at, until_at)"
        " VALUES (gen_random_uuid(), %s, %s, 'x', false, now(), now())"
    )
    assert not walk.rows(code, other.row.pk, "invite")
    walk.enter(parent)
    assert walk.rows(code, parent.row.pk, "invite") and not walk.rows(code, parent.row.pk, "own")
    # No other's standing is taken, and one that ended does not begin again.
    session, strange = (
        Session.objects.filter(account=parent.account).latest("begun_at"),
        Proxy.objects.get(account=other.account),
    )
    act = "UPDATE portal_session SET acting_id = %s WHERE id = %s"
    assert walk.rows(act, proxy.pk, session.pk) and not walk.rows(act, strange.pk, session.pk)
    assert not walk.rows("UPDATE portal_proxy SET revoked_at = NULL WHERE id = %s", proxy.pk)
    end = "UPDATE portal_proxy SET revoked_at = now(), revoked_by_id = %s WHERE id = %s"
    assert walk.rows(end, account, proxy.pk) and not walk.rows(end, other.account.pk, proxy.pk)


def test_an_answer_that_was_spent_stays_spent(walk):
    from tasuki_server.portal.models import SpentChallenge

    SpentChallenge.objects.create(nonce=b"n" * 16, until_at=timezone.now() + timedelta(minutes=3))
    walk.enter(walk.people[0])
    assert walk.portal.execute("SELECT 1 FROM portal_spent_challenge").fetchone() is None
    assert not walk.rows("DELETE FROM portal_spent_challenge")
    assert walk.rows("INSERT INTO portal_spent_challenge VALUES (%s, now())", b"m" * 16)
    walk.portal.rollback()
    assert not walk.rows("INSERT INTO portal_spent_challenge VALUES (%s, now())", b"m" * 16)


def test_a_page_that_forgets_its_filter_still_shows_one_person(people, monkeypatch):
    from django.db import connections, router

    from tasuki_server.portal import own_views
    from tasuki_server.portal.models import OwnEntry

    asked = []

    def forgetful(person):
        with connections[router.db_for_read(OwnEntry)].cursor() as cursor:
            cursor.execute("SELECT current_user, (SELECT count(*) FROM eligibility_drugrecord)")
            asked.append(cursor.fetchone())
        return list(OwnEntry.objects.select_related("account").order_by("-measured_at"))

    monkeypatch.setattr(own_views, "entries_of", forgetful)
    for one, other in (people[:2], people[1::-1]):
        page = one.phone.text("entries/")
        assert f"{one.row.name}の一言" in page and f"{other.row.name}の一言" not in page
    assert asked == [("tasuki_portal", 1)] * 2


def test_an_address_that_takes_anybodys_row_finds_ones_own_alone(people, monkeypatch):
    from tasuki_server.portal import own_views
    from tasuki_server.portal.models import OwnEntry

    def careless(person, entry_id):
        return bool(OwnEntry.objects.filter(pk=entry_id).update(withdrawn_at=timezone.now()))

    monkeypatch.setattr(own_views, "withdraw_entry", careless)
    one, other = people[:2]
    entry = OwnEntry.objects.get(person=other.row)
    assert one.phone.post(f"entries/{entry.pk}/end/").status_code == 404
    assert OwnEntry.objects.get(pk=entry.pk).withdrawn_at is None


def test_the_door_reaches_no_record(owner, people):
    from django.conf import settings
    from psycopg.conninfo import make_conninfo

    known = settings.DATABASES["portal_door"]
    place = make_conninfo(
        dbname=known["NAME"], user=known["USER"], password=known["PASSWORD"], host=known["HOST"], port=known["PORT"]
    )  # fmt: skip
    with psycopg.connect(place, autocommit=True) as door:
        assert door.execute("SELECT count(*) FROM portal_account").fetchone() == (len(people),)
        for table in set(RECORDS) - {"eligibility_insuredperson"}:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                door.execute(f"SELECT 1 FROM {table}")
