# SPDX-License-Identifier: Apache-2.0
"""認可の訓練場 — clinics with staff of every role, a row in every table for each patient, and the situations to be in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from psycopg import sql

from tasuki_server.accounts.addresses import Address, Parameter, addresses
from tasuki_server.drills.ground import a_clinic, as_superuser
from tasuki_server.drills.linked_rows import link_rows
from tasuki_server.drills.people import entered

if TYPE_CHECKING:
    import psycopg
    from django.test import Client

PASSWORD = "a password of the drill"  # noqa: S105 - of people who live as long as the drill
EVERYTHING = "everything"
YEARS_BACK = timedelta(days=3000)
# A value for each parameter that is no row.
PLAIN = {"int": "1", "slug": "receipt", "str": "x", "path": "x"}


@dataclass
class Clinic:
    """訓練の医療機関 — its people, their browsers, and the rows of its patients by table."""

    id: UUID
    names: list[str]
    staff: dict[str, Any] = field(default_factory=dict)
    users: dict[str, Any] = field(default_factory=dict)
    browsers: dict[str, Client] = field(default_factory=dict)
    rows: list[dict[str, UUID]] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)

    @property
    def patient_count(self) -> int:
        """患者数."""
        return len(self.rows)

    def work(self, role: str = "doctor") -> AbstractContextManager[Any]:
        """取引 — as its member of staff."""
        from tasuki_server.institutions.work import Actor, as_institution

        return as_institution(self.id, Actor(self.staff[role].name, self.staff[role].id))

    def browser_of_all(self) -> Client:
        """すべての役割を持つ人 — signed in just now, so that only the walls between institutions can refuse."""
        return signed_in(self, EVERYTHING)

    def sign_in_anew(self) -> None:
        """サインインのやり直し — of every role: a long drill must not measure sessions that were left idle."""
        self.browsers = {name: signed_in(self, name) for name in self.browsers}

    def is_filled(self, route: str) -> bool:
        """行の有無 — whether an address names a row that another institution does not have."""
        return _address(route).has_row


class Situation(NamedTuple):
    """状況 — how it is arranged and undone, and the one answer it has for everything, if it has one."""

    name: str
    arranged: Callable[[Clinic], AbstractContextManager[None]]
    whole_answer: str = ""
    patient_shared: bool = True


def make_ground(clinic_count: int, patient_count: int) -> list[Clinic]:
    """訓練場 — institutions with people and rows."""
    return [_make_clinic(number, patient_count) for number in range(1, clinic_count + 1)]


def _make_clinic(number: int, patient_count: int) -> Clinic:
    from tasuki.chart.visit import Sex
    from tasuki.security.permissions import OWN_ROLES, Role
    from tasuki_server.drills.emergency_accounts import opened_by_hand
    from tasuki_server.patients.register import WhoTheyAre, register_patient

    clinic = Clinic(a_clinic(number), [])
    # Somebody without a role, who may do nothing at all, and somebody with every one. A vendor's people have what a
    # work order lends: drill vendor walks every address for them.
    people = {"no_role": [], **{role.value: [role] for role in (*OWN_ROLES, Role.EMERGENCY)}}
    for name, roles in {**people, EVERYTHING: list(OWN_ROLES)}.items():
        _add_person(clinic, name, roles, number)
    opened_by_hand(clinic)
    for name in people:
        clinic.browsers[name] = signed_in(clinic, name)
    del clinic.staff[EVERYTHING]
    for place in range(1, patient_count + 1):
        name = f"訓練{number}の{place:04d}番"
        with clinic.work():
            patient = register_patient(WhoTheyAre(name, "クンレン", date(1960, 4, 1), Sex.MALE))
        known = {"patients_patient": patient.id, "institutions_staff": clinic.staff["doctor"].id}
        with as_superuser() as owner, owner.transaction():
            owner.execute("SET LOCAL session_replication_role = replica")
            clinic.rows.append(link_rows(owner, clinic.id, known, place))
            # A row to be asked for, not a family: those are made by the situations.
            owner.execute(
                "UPDATE privacy_staffpatient SET withdrawn = true WHERE institution_id = %s", [clinic.id]
            )
        clinic.names.append(name)
        clinic.numbers.append(patient.number)
    return clinic


def _add_person(clinic: Clinic, name: str, roles: list[Any], number: int) -> None:
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    from tasuki_server.accounts.models import User
    from tasuki_server.institutions.opening import add_staff, system_actor
    from tasuki_server.institutions.work import as_institution

    user = User.objects.create(username=f"{name}_{number}", institution_id=clinic.id)
    TOTP.activate(user, generate_totp_secret())
    with as_institution(clinic.id, system_actor(clinic.id)):
        clinic.staff[name] = add_staff(f"訓練 {name}", "クンレン", roles, user_id=user.pk)
    clinic.users[name] = user


def signed_in(clinic: Clinic, name: str, *, has_proved: bool = True) -> Client:
    """サインイン済みの画面 — after password and, unless it is left out, the second factor."""
    return entered(clinic.users[name], has_proved=has_proved)


def ask(clinic: Clinic, role: str, path: str, situation: Situation) -> str:
    """照会 — with a method that no view answers: 405 says that the gate let it pass."""
    browser = clinic.browsers[role]
    answer = browser.generic("PATCH", path)
    if answer.status_code in (302, 204) and "/accounts/" in answer.headers.get(
        "Location", answer.headers.get("HX-Redirect", "")
    ):
        where = answer.headers.get("Location", "")
        return "sign_in" if "login" in where or "enrol" in where else "open"
    if answer.status_code == 403:
        return "asked" if "/privacy/emergencies/patients/" in answer.content.decode() else "closed"
    return "open" if answer.status_code < 500 else f"fault {answer.status_code}"


def leak_in(answer: Any, theirs: Clinic) -> list[str]:
    """漏れた言葉 — names of their patients in an answer."""
    body = b"".join(answer) if answer.streaming else answer.content
    text = body.decode("utf-8", "replace")
    return [name for name in theirs.names if name in text]


def path_of(clinic: Clinic, route: str, place: int = 0) -> str:
    """アドレス — filled with the rows of one of the clinic's patients."""
    from tasuki_server.accounts.whose import NUMBER, OTHER_SIDE, WORDS, UnknownParameter, model_of

    address = _address(route)

    def value_of(parameter: Parameter) -> object:
        if parameter.name == NUMBER:
            return clinic.numbers[place]
        if parameter.kind != "uuid":
            return PLAIN[parameter.kind]
        if address.room in OTHER_SIDE or parameter.name in WORDS:
            return clinic.id
        try:
            table = model_of(address.room, parameter.name)._meta.db_table
        except UnknownParameter:
            # A record beside the patient or visit it belongs to, by which it is found.
            return clinic.id
        return clinic.rows[place].get(table, clinic.id)

    return address.filled(value_of)


@cache
def _address(route: str) -> Address:
    return next(each for each in addresses() if each.name == route)


def situations() -> tuple[Situation, ...]:
    """状況の一覧 — at home first."""
    return (
        Situation("own_clinic", lambda clinic: nullcontext()),
        Situation("no_relation", _long_ago),
        Situation("sealed", lambda clinic: _marked(clinic, "sealed")),
        Situation("vip", lambda clinic: _marked(clinic, "vip")),
        Situation("own_record", lambda clinic: _linked(clinic, "self")),
        Situation("family", lambda clinic: _linked(clinic, "family")),
        Situation("break_glass", _break_glass),
        Situation("mfa_pending", lambda clinic: _browsers(clinic, has_proved=False), "sign_in"),
        Situation("disabled_user", _disabled_users, "sign_in"),
        Situation("expired_session", _expired_sessions, "sign_in"),
        Situation("left_staff", _left_staff, "closed"),
    )


@contextmanager
def _long_ago(clinic: Clinic) -> Iterator[None]:
    """診療の関係なし — every day and moment of the clinic's rows lies years back, drafts are another's, nothing is held."""
    with as_superuser() as owner:
        drafts = owner.execute(
            "SELECT id, staff_id FROM chart_draft WHERE institution_id = %s", [clinic.id]
        ).fetchall()
        _shift(owner, clinic, -YEARS_BACK)
        owner.execute(
            "UPDATE chart_draft SET staff_id = (SELECT id FROM institutions_staff WHERE is_system AND"
            " institution_id = %s) WHERE institution_id = %s",
            [clinic.id, clinic.id],
        )
        owner.execute("UPDATE claims_heldclaim SET withdrawn = true WHERE institution_id = %s", [clinic.id])
        try:
            yield
        finally:
            _shift(owner, clinic, YEARS_BACK)
            for row_id, staff_id in drafts:
                owner.execute("UPDATE chart_draft SET staff_id = %s WHERE id = %s", [staff_id, row_id])
            owner.execute(
                "UPDATE claims_heldclaim SET withdrawn = false WHERE institution_id = %s", [clinic.id]
            )


def _shift(owner: psycopg.Connection, clinic: Clinic, time: timedelta) -> None:
    from tasuki_server.drills.made_rows import columns_of
    from tasuki_server.institutions.tenancy import tenant_models

    for model in tenant_models():
        if model._meta.app_label in ("audit", "privacy", "institutions", "continuity"):
            continue
        table = model._meta.db_table
        dated = [each.name for each in columns_of(owner, table) if each.kind in ("date", "timestamptz")]
        if dated:
            sets = sql.SQL(", ").join(
                sql.SQL("{0} = {0} + %s").format(sql.Identifier(each)) for each in dated
            )
            statement = sql.SQL("UPDATE {} SET {} WHERE institution_id = %s").format(
                sql.Identifier(table), sets
            )
            owner.execute(statement, [*[time] * len(dated), clinic.id])


@contextmanager
def _marked(clinic: Clinic, kind: str) -> Iterator[None]:
    """閲覧制限・要配慮 — on every patient; only the automatic member of staff may read past a seal."""
    from tasuki_server.institutions.models import Staff
    from tasuki_server.patients.models import Patient
    from tasuki_server.privacy.marks import add_mark, withdraw_mark

    with clinic.work():
        readers = list(Staff.objects.filter(is_system=True))
        rows = [add_mark(each, kind, readers, "訓練") for each in Patient.objects.all()]
    try:
        yield
    finally:
        with clinic.work():
            for row in rows:
                withdraw_mark(row, read_version=1, why="訓練の終わり")


@contextmanager
def _linked(clinic: Clinic, relation: str) -> Iterator[None]:
    """本人・家族 — every patient is that of everybody who asks."""
    from tasuki_server.patients.models import Patient
    from tasuki_server.privacy.marks import add_link, remove_link

    with clinic.work():
        patients = list(Patient.objects.all())
        rows = [add_link(member, each, relation) for member in clinic.staff.values() for each in patients]
    try:
        yield
    finally:
        with clinic.work():
            for row in rows:
                remove_link(row, why="訓練の終わり")


@contextmanager
def _break_glass(clinic: Clinic) -> Iterator[None]:
    """緊急閲覧 — sealed, and opened by everybody who asks."""
    from tasuki_server.patients.models import Patient
    from tasuki_server.privacy.emergency import end_emergency, open_emergency

    with _marked(clinic, "sealed"):
        with clinic.work():
            patients = list(Patient.objects.all())
            rows = [
                open_emergency(member, each, "care", "訓練のため", "sealed/chart")
                for member in clinic.staff.values()
                for each in patients
            ]
        try:
            yield
        finally:
            with clinic.work():
                for row in rows:
                    end_emergency(row, row.staff)


@contextmanager
def _browsers(clinic: Clinic, *, has_proved: bool) -> Iterator[None]:
    """二要素の途中 — after the password alone; each answer ends the session, so each is signed in anew."""
    before = clinic.browsers
    clinic.browsers = _Anew(clinic, has_proved)
    try:
        yield
    finally:
        clinic.browsers = before


class _Anew(dict[str, Any]):
    def __init__(self, clinic: Clinic, has_proved: bool) -> None:
        super().__init__(clinic.browsers)
        self._clinic, self._has_proved = clinic, has_proved

    def __getitem__(self, name: str) -> Any:
        return signed_in(self._clinic, name, has_proved=self._has_proved)


@contextmanager
def _disabled_users(clinic: Clinic) -> Iterator[None]:
    """停止した利用者 — with the session they had."""
    from tasuki_server.accounts.models import User

    before = clinic.browsers
    User.objects.filter(institution_id=clinic.id).update(is_active=False)
    try:
        yield
    finally:
        User.objects.filter(institution_id=clinic.id).update(is_active=True)
        clinic.browsers = {name: signed_in(clinic, name) for name in before}


@contextmanager
def _expired_sessions(clinic: Clinic) -> Iterator[None]:
    """期限の切れたサインイン — the cookies of sessions that are over."""
    from django.contrib.sessions.models import Session

    from tasuki_server.database.hashed_sessions import kept_name

    before = clinic.browsers
    keys = [kept_name(browser.session.session_key) for browser in before.values()]
    Session.objects.filter(session_key__in=keys).update(expire_date=datetime(2019, 4, 1, tzinfo=UTC))
    try:
        yield
    finally:
        clinic.browsers = {name: signed_in(clinic, name) for name in before}


@contextmanager
def _left_staff(clinic: Clinic) -> Iterator[None]:
    """在籍しない職員 — whose sign-in was forgotten."""
    from tasuki_server.institutions.models import Staff

    ids = [each.id for each in clinic.staff.values()]
    with clinic.work():
        Staff.objects.filter(id__in=ids).update(is_active=False)
    try:
        yield
    finally:
        with clinic.work():
            Staff.objects.filter(id__in=ids).update(is_active=True)
