# SPDX-License-Identifier: Apache-2.0
"""監査証跡 — written with what it tells of, and telling when it was touched."""

from __future__ import annotations

import ast
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from clinics import Clinic

pytestmark = pytest.mark.server
SOURCE = Path(__file__).resolve().parents[2] / "src" / "tasuki_server"


def chain(clinic: Clinic):
    from tasuki_server.audit.trail import verify_chain

    with clinic.work():
        return verify_chain(clinic.id)


def tamper(server, statement, *values):
    """As someone with all power over the database, past every policy."""
    with psycopg.connect(server.connections.owner) as connection:
        connection.execute("SET ROLE NONE")
        connection.execute(statement, values)


def test_opening_an_institution_leaves_a_chain_that_holds(server):
    count, last, breaks = chain(server.first)
    assert count >= 6 and breaks == [] and last != "0" * 64


def test_work_that_is_parted_keeps_its_first_part_whatever_follows(server):
    from django.db import transaction

    from tasuki_server.audit.models import AuditEvent
    from tasuki_server.audit.trail import record
    from tasuki_server.institutions.models import Institution
    from tasuki_server.institutions.work import between_transactions, has_work

    with server.first.work():
        before = AuditEvent.objects.filter(action="checkup.send").count()
    with pytest.raises(ZeroDivisionError), server.first.work():
        record("checkup.send", detail={"part": "first"})
        with between_transactions():
            assert not has_work()
        assert Institution.objects.get().id == server.first.id
        record("checkup.send", detail={"part": "second"})
        raise ZeroDivisionError
    with server.first.work():
        kept = AuditEvent.objects.filter(action="checkup.send").order_by("number")[before:]
        assert [each.detail["part"] for each in kept] == ["first"]
        with transaction.atomic(), pytest.raises(RuntimeError), between_transactions():
            raise AssertionError("half of a work was committed")
    assert chain(server.first)[2] == []


def test_rows_event_and_message_come_together_or_not_at_all(server):
    from tasuki_server.audit.models import AuditEvent, OutboxMessage
    from tasuki_server.audit.trail import emit, record
    from tasuki_server.institutions.models import Institution

    with pytest.raises(ZeroDivisionError), server.first.work():
        Institution.objects.update(name="半分だけ")
        record("institution.change")
        emit("institution.changed")
        raise ZeroDivisionError
    with server.first.work():
        assert Institution.objects.get().name == server.first.name
        assert not AuditEvent.objects.filter(action="institution.change").exists()
        assert not OutboxMessage.objects.exists()
    with server.first.work():
        record("institution.change", Institution.objects.get(), detail={"field": "telephone"})
        emit("institution.changed", {"field": "telephone"})
    with server.first.work():
        event = AuditEvent.objects.get(action="institution.change")
        assert event.subject == "institutions.institution" and event.subject_id == str(server.first.id)
        assert event.actor == server.first.staff["admin"].name
        assert OutboxMessage.objects.get().payload == {"field": "telephone"}


def test_a_savepoint_that_fails_takes_its_events_with_it(server):
    from tasuki_server.audit.models import AuditEvent
    from tasuki_server.audit.trail import record

    with server.first.work():
        record("outer.act")
        with pytest.raises(ZeroDivisionError), server.first.work():
            record("inner.act")
            raise ZeroDivisionError
    with server.first.work():
        assert AuditEvent.objects.filter(action="outer.act").count() == 1
        assert not AuditEvent.objects.filter(action="inner.act").exists()


def test_two_institutions_at_once_are_refused(server):
    from tasuki_server.institutions.work import NoInstitution

    with server.first.work(), pytest.raises(NoInstitution), server.second.work():
        pass


def test_many_at_once_make_one_chain(server):
    from django.db import connections

    from tasuki_server.audit.trail import record

    def act(number: int) -> None:
        with server.second.work():
            record("load.act", detail={"number": number})
        connections.close_all()

    before = chain(server.second)[0]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(act, range(40)))
    count, _, breaks = chain(server.second)
    assert (count - before, breaks) == (40, [])


def test_two_events_of_one_work_are_two_links(server):
    from tasuki_server.audit.models import AuditEvent
    from tasuki_server.audit.trail import record

    before = chain(server.first)[0]
    with server.first.work():
        record("two.acts", detail={"n": 1})
        record("two.acts", detail={"n": 2})
    assert chain(server.first)[::2] == (before + 2, [])
    with server.first.work():
        kept = AuditEvent.objects.filter(action="two.acts").order_by("number")
        assert [each.detail["n"] for each in kept] == [1, 2]


def test_the_chain_sees_who_acted_and_whose_it_was(server):
    from made_up import make_patient
    from tasuki_server.audit.models import AuditEvent
    from tasuki_server.audit.trail import event_of, record

    with server.first.work():
        patient = make_patient("監査　三郎")
        record("named.act", patient_id=patient.id)
    with server.first.work():
        seen = event_of(AuditEvent.objects.get(action="named.act"), server.first.id)
    assert (seen.institution, seen.staff, seen.patient) == (
        str(server.first.id),
        str(server.first.staff["admin"].id),
        str(patient.id),
    )


def test_the_chain_of_one_institution_is_locked_by_its_own_name_for_twenty_seconds(server):
    from django.db import connection

    from tasuki_server.audit.trail import lock_chain

    taking = "SELECT pg_try_advisory_lock(hashtextextended(%s, 0))"
    with server.first.work():
        lock_chain(server.first.id)
        with connection.cursor() as cursor:
            cursor.execute("SHOW lock_timeout")
            assert cursor.fetchone() == ("20s",)
        with psycopg.connect(server.connections.owner) as another:
            assert another.execute(taking, [f"audit:{server.first.id}"]).fetchone() == (False,)
            assert another.execute(taking, [f"audit:{server.second.id}"]).fetchone() == (True,)


def test_seals_are_made_with_a_key_of_their_own(server):
    """Another name of the key would leave every trail of before unsealed."""
    from tasuki_server.audit.trail import seal_key
    from tasuki_server.database.places import installation_secrets

    assert seal_key() == installation_secrets().derived("audit")


def test_patients_moved_to_another_day_show_and_stay_in_what_is_handed_out(server):
    """A disclosure is of a range of days: a sight whose day is changed must not leave it unseen."""
    from datetime import date

    from made_up import make_patient
    from tasuki_server.audit.handing_out import Asked, events_within
    from tasuki_server.audit.trail import record

    with server.first.work():
        patient, other = make_patient("監査　四郎"), make_patient("監査　五郎")
        record("list.act", patients=[patient.id, other.id])
    asked = Asked(date(2020, 1, 1), date(2199, 1, 1), patient.id)
    moving = "UPDATE audit_shownpatient SET at = %s WHERE patient_id = %s"
    with server.first.work():
        kept = events_within(asked).get(action="list.act")
    assert chain(server.first)[2] == []
    tamper(server, moving, "1990-01-01", patient.id)
    assert {(each.number, each.kind) for each in chain(server.first)[2]} >= {(kept.number, "patients")}
    with server.first.work():
        assert events_within(asked).filter(action="list.act").exists()
    tamper(server, moving, kept.at, patient.id)
    assert chain(server.first)[2] == []


@pytest.mark.parametrize("later", [1, 5])
def test_patients_kept_beside_an_event_that_is_not_there_show(server, later):
    """Who cuts the last events off and forgets what stood beside them is told, however many they were."""
    from tasuki_server.institutions.ids import new_id

    count = chain(server.first)[0]
    row = new_id()
    tamper(
        server,
        "INSERT INTO audit_shownpatient (id, institution_id, number, patient_id, at) VALUES (%s, %s, %s, %s, now())",
        row,
        server.first.id,
        count + later,
        new_id(),
    )
    assert [(each.number, each.kind) for each in chain(server.first)[2]] == [(count + 1, "patients")]
    tamper(server, "DELETE FROM audit_shownpatient WHERE id = %s", row)
    assert chain(server.first)[2] == []


@pytest.mark.parametrize(
    ("statement", "kinds"),
    [
        ("UPDATE audit_auditevent SET actor = 'だれか' WHERE number = %s AND institution_id = %s", {"link"}),
        ("UPDATE audit_auditevent SET detail = '{}' WHERE number = %s AND institution_id = %s", {"link"}),
        ("DELETE FROM audit_auditevent WHERE number = %s AND institution_id = %s", {"gap", "link"}),
    ],
)
def test_tampering_shows(server, statement, kinds):
    from tasuki_server.audit.trail import record

    for _ in range(3):
        with server.first.work():
            record("page.read", detail={"n": 1})
    number = chain(server.first)[0] - 1
    assert chain(server.first)[2] == []
    with psycopg.connect(server.connections.owner) as connection:
        connection.execute("SET ROLE NONE")
        kept = connection.execute(
            "SELECT * FROM audit_auditevent WHERE number = %s AND institution_id = %s",
            [number, server.first.id],
        )
        names = [column.name for column in kept.description]
        row = dict(zip(names, kept.fetchone(), strict=True))
    tamper(server, statement, number, server.first.id)
    breaks = chain(server.first)[2]
    assert {each.kind for each in breaks} == kinds
    row["detail"] = psycopg.types.json.Jsonb(row["detail"])
    tamper(
        server,
        "DELETE FROM audit_auditevent WHERE number = %s AND institution_id = %s",
        number,
        server.first.id,
    )
    columns, places = ", ".join(row), ", ".join(["%s"] * len(row))
    tamper(server, f"INSERT INTO audit_auditevent ({columns}) VALUES ({places})", *row.values())
    assert chain(server.first)[2] == []


def test_a_chain_recomputed_without_the_key_shows(server):
    """Who changes an event and computes every later link anew still cannot seal them."""
    from tasuki.security.audit_chain import link_of
    from tasuki_server.audit.models import AuditEvent
    from tasuki_server.audit.trail import event_of, record

    with server.second.work():
        record("page.read")
    with server.second.work():
        last = AuditEvent.objects.order_by("-number").first()
        before = AuditEvent.objects.get(number=last.number - 1)
    last.actor = "別人"
    forged = link_of(before.link, event_of(last, server.second.id))
    tamper(server, "UPDATE audit_auditevent SET actor = '別人', link = %s WHERE id = %s", forged, last.id)
    assert [each.kind for each in chain(server.second)[2]] == ["seal"]


def test_the_command_tells_of_breaks(server, capsys, monkeypatch):
    """`audit verify` finishes with 1 when a chain is broken (the test before has broken the second one)."""
    from contextlib import contextmanager

    from tasuki_server.cli import main
    from tasuki_server.database import session

    @contextmanager
    def here(*args, **options):
        yield session.Attached(server.connections, None)

    monkeypatch.setattr(session, "connected", here)
    assert main(["audit", "verify"]) == 1
    out = capsys.readouterr().out
    assert "ひがし野診療所" in out and "正常" in out and "封印" in out


def test_the_screen_shows_the_trail_to_the_administrator_only(server):
    page = server.first.browser("admin").get("/audit/")
    assert page.status_code == 200 and "医療機関の開設" in page.content.decode()
    assert server.first.browser("doctor").get("/audit/").status_code == 403
    assert server.first.browser("admin").get("/audit/?day=2026-13-40").status_code == 400
    again = server.first.browser("admin").get("/audit/?action=audit.").content.decode()
    assert "監査記録の閲覧" in again


def newest(clinic, **asked):
    from tasuki_server.audit.models import AuditEvent

    with clinic.work():
        return AuditEvent.objects.filter(**asked).order_by("-number").first()


def test_an_act_of_a_page_says_from_where_in_which_session_and_why(server):
    from tasuki_server.accounts.models import SignInSession

    browser = server.first.browser("admin", REMOTE_ADDR="192.0.2.7")
    assert browser.get("/audit/?action=where").status_code == 200
    event = newest(server.first, action="audit.read")
    key = browser.session.session_key
    row = SignInSession.objects.get(pk=browser.session["tasuki_session"])
    assert (event.address, event.session, event.purpose) == ("192.0.2.7", row.public_id, "HOPERAT")
    assert key not in str(event.__dict__)


def test_a_header_that_a_client_can_set_is_no_address(server):
    browser = server.first.browser(
        "admin", REMOTE_ADDR="192.0.2.7", headers={"x-forwarded-for": "203.0.113.5"}
    )
    browser.get("/audit/")
    assert newest(server.first, action="audit.read").address == "192.0.2.7"


def test_behind_our_proxy_the_address_is_what_the_proxy_says(server, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    browser = server.first.browser(
        "admin", REMOTE_ADDR="127.0.0.1", headers={"x-forwarded-for": "203.0.113.5, 198.51.100.8"}
    )
    browser.get("/audit/")
    assert newest(server.first, action="audit.read").address == "198.51.100.8"


def test_what_the_system_does_by_itself_has_no_address(server):
    from tasuki_server.audit.trail import record
    from tasuki_server.institutions.opening import system_actor
    from tasuki_server.institutions.work import as_institution

    with as_institution(server.first.id, system_actor(server.first.id)):
        record("system.act")
    event = newest(server.first, action="system.act")
    assert (event.address, event.session, event.purpose) == ("", "", "HOPERAT")


def test_a_refusal_says_from_where_too(server):
    server.first.browser("doctor", REMOTE_ADDR="192.0.2.9").get("/audit/")
    event = newest(server.first, action="access.refused")
    assert event.address == "192.0.2.9" and event.session


def test_a_patient_who_stands_in_a_refused_address_is_named_by_the_page_that_shows_it(server):
    from made_up import make_patient
    from tasuki_server.audit.models import ShownPatient

    with server.first.work():
        patient = make_patient("監査　花子")
    refused = f"/claims/decisions/{patient.id}/end/"
    assert server.first.browser("doctor").get(refused).status_code in (403, 404, 405)
    page = server.first.browser("admin").get("/audit/?action=access.refused")
    assert refused in page.content.decode()
    event = newest(server.first, action="audit.read")
    with server.first.work():
        beside = ShownPatient.objects.filter(number=event.number, patient_id=patient.id).exists()
    assert event.patient_id == patient.id or beside


def test_the_sheet_of_a_patient_who_stood_in_a_list_is_one_event_and_names_nobody_else(server):
    from made_up import make_patient
    from tasuki_server.audit.trail import record

    with server.first.work():
        mine, other = make_patient("開示　一郎"), make_patient("開示　二郎")
        record("patient.read", patient_id=other.id, patients=[mine.id])
    page = server.first.browser("admin").get(f"/audit/patients/{mine.number}/sheet/")
    assert page.status_code == 200 and "患者情報の閲覧" in page.content.decode()
    event = newest(server.first)
    assert (event.action, event.patient_id) == ("audit.disclose", mine.id)
    assert "patients" not in event.detail


def test_every_workplace_has_a_purpose_on_purpose():
    from tasuki.security.permissions import PERMISSIONS
    from tasuki.security.purpose import Purpose, purpose_of

    # What an insurer does for the health of its insured (保健事業) is of its operations.
    running = {
        "共通",
        "マスター",
        "管理",
        "閲覧の保護",
        "保守",
        "見張り",
        "事業継続",
        "医療情報基盤",
        "保険者",
    }
    for permission, row in PERMISSIONS.items():
        assert (purpose_of(permission) is Purpose.OPERATIONS) == (row.workplace in running), row


def test_every_act_that_the_code_records_has_a_japanese_name():
    from tasuki_server.audit.action_names import action_name

    found: set[str] = set()
    for file in sorted(SOURCE.rglob("*.py")):
        if "drills" in file.parts:
            continue
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "record" and node.args:
                first = node.args[0]
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    found.add(first.value)
    assert len(found) > 80
    assert sorted(each for each in found if each in action_name(each)) == []


def test_who_waits_for_a_row_keeps_nobody_from_the_chain(server, monkeypatch):
    """A foreign key that is checked at the commit waits for whoever holds the row: it must not hold the chain meanwhile."""
    import time
    from datetime import date
    from threading import Event

    from django.db import connections

    from tasuki_server.audit import trail
    from tasuki_server.audit.trail import record
    from tasuki_server.patients.models import Patient
    from tasuki_server.patients.register import WhoTheyAre, register_patient
    from tasuki_server.reception.receive import Arrival, receive_patient

    clinic = server.first
    with clinic.work("reception"):
        patient = register_patient(WhoTheyAre("鎖 花子", "クサリ ハナコ", date(1970, 1, 1), "female"))
    held, over, ending, done = Event(), Event(), Event(), Event()

    def long_act():
        try:
            with clinic.work("doctor"):
                Patient.objects.select_for_update().get(pk=patient.pk)
                held.set()
                assert over.wait(20)
                record("chart.read")
        finally:
            connections.close_all()

    def act_on_the_same_patient():
        try:
            with clinic.work("reception"):
                receive_patient(patient, Arrival())
                ending.set()
            done.set()
        finally:
            connections.close_all()

    monkeypatch.setattr(trail, "LOCK_SECONDS", 2.0)
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(long_act)
        assert held.wait(10)
        second = threads.submit(act_on_the_same_patient)
        try:
            assert ending.wait(10)
            time.sleep(0.5)
            assert not done.is_set()
            with clinic.work("nurse"):
                record("chart.read")
        finally:
            over.set()
        assert first.result(20) is None and second.result(20) is None
    assert done.is_set() and chain(clinic)[2] == []
