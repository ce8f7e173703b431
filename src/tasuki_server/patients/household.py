# SPDX-License-Identifier: Apache-2.0
"""世帯 — which patients are one family to their insurer: stored as confirmed, proposed by the number of the insured."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from typing import NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Q

from tasuki.calculation.copayment.household_parts import HouseholdKey, household_key
from tasuki_server.audit.trail import record
from tasuki_server.institutions.ids import new_id
from tasuki_server.institutions.work import current_institution_id
from tasuki_server.patients.coverage_values import insurance_value
from tasuki_server.patients.models import HouseholdMember, InsuranceRecord, Patient

MOST_MEMBERS = 20


class BadMember(ValueError):
    """世帯の誤り — its text is the Japanese sentence to show."""


class Proposal(NamedTuple):
    """世帯の候補 — a patient whose card bears the same insurer, symbol and number."""

    patient: Patient
    insurer_number: str


def last_day(month: date) -> date:
    """月末 — of the month of a day."""
    return month.replace(day=monthrange(month.year, month.month)[1])


def members_in(patient: Patient, month: date) -> list[HouseholdMember]:
    """世帯の家族 — of a patient in a month, the patient's own row first; empty where no household is stored."""
    own = _rows(month).filter(patient=patient).order_by("-since").first()
    if own is None:
        return []
    rows = _rows(month).filter(household=own.household).select_related("patient").order_by("since", "made_at")
    found: dict[UUID, HouseholdMember] = {}
    for row in rows:
        found.setdefault(row.patient_id, row)
    return sorted(found.values(), key=lambda row: row.patient_id != patient.id)


def proposals(patient: Patient, month: date) -> list[Proposal]:
    """世帯の候補 — patients with the patient's insurer, symbol and number in the month, not of the household yet.

    後期高齢者 have a number each: who lives with them is for a human to say.
    """
    mine = {key for card in _cards(month).filter(patient=patient) if (key := _key(card)) and key.number}
    if not mine:
        return []
    known = {row.patient_id for row in members_in(patient, month)} | {patient.id}
    numbers = {card.insurer_number for card in _cards(month).filter(patient=patient)}
    rows = _cards(month).filter(insurer_number__in=numbers).exclude(patient__in=known)
    found: dict[UUID, Proposal] = {}
    for card in rows.select_related("patient").order_by("patient__number"):
        if _key(card) in mine:
            found.setdefault(card.patient_id, Proposal(card.patient, card.insurer_number))
    return list(found.values())


def add_member(patient: Patient, other: Patient, *, since: date) -> HouseholdMember:
    """世帯の家族の登録 — into the household of the patient, which begins with its first member.

    Raises :class:`BadMember` for the patient again, for who is in a household already, and past twenty members.
    """
    _wait()
    if other.id == patient.id:
        raise BadMember("本人です。家族の患者番号を入れてください。")
    for person in (patient, other):
        later = HouseholdMember.objects.current().filter(patient=person, since__gt=since)
        if later.exists():
            raise BadMember(f"患者番号 {person.number} にはこの日より後に始まる世帯の記録があります。")
    own = _on(patient, since)
    theirs = _on(other, since)
    if theirs is not None:
        same = own is not None and own.household == theirs.household
        raise BadMember(
            "すでにこの世帯の家族です。"
            if same
            else "すでに別の世帯の家族です。先にその世帯から外してください。"
        )
    household = own.household if own is not None else new_id()
    if HouseholdMember.objects.current().filter(household=household).count() >= MOST_MEMBERS:
        raise BadMember(f"一つの世帯は{MOST_MEMBERS}人までです。")
    if own is None:
        _told(_made(patient, household, since), "add")
    return _told(_made(other, household, since), "add")


def end_member(
    row: HouseholdMember, *, read_version: int, until: date | None, reason: str
) -> HouseholdMember:
    """世帯からの離脱 — with the last day, or, without one, as never having held; the versions of before stay.

    Raises :class:`BadMember` without a reason, or for a day before the membership began.
    """
    if not reason.strip():
        raise BadMember("理由を書いてください。")
    if until is None:
        return _told(row.withdraw(read_version=read_version, reason=reason[:200]), "withdraw")
    if until < row.since:
        raise BadMember("終了日が開始日より前です。")
    return _told(row.revise(read_version=read_version, reason=reason[:200], until=until), "end")


def _on(patient: Patient, day: date) -> HouseholdMember | None:
    rows = HouseholdMember.objects.current().filter(patient=patient, since__lte=day)
    return rows.filter(Q(until__isnull=True) | Q(until__gte=day)).first()


def _made(patient: Patient, household: UUID, since: date) -> HouseholdMember:
    row = HouseholdMember(patient=patient, household=household, since=since)
    row.save()
    return row


def _told(row: HouseholdMember, act: str) -> HouseholdMember:
    record(f"household.{act}", row, row.patient_id, {"version": row.version})
    return row


def _rows(month: date):  # type: ignore[no-untyped-def]
    return _during(HouseholdMember.objects.current(), month)


def _cards(month: date):  # type: ignore[no-untyped-def]
    return _during(InsuranceRecord.objects.current(), month)


def _during(rows, month: date):  # type: ignore[no-untyped-def]
    first = month.replace(day=1)
    return rows.filter(since__lte=last_day(month)).filter(Q(until__isnull=True) | Q(until__gte=first))


def _key(card: InsuranceRecord) -> HouseholdKey | None:
    return household_key(insurance_value(card))


def _wait() -> None:
    """Until the end of the transaction: two clerks cannot put one patient into two households."""
    with connection.cursor() as cursor:
        place = f"household:{current_institution_id()}"
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [place])
