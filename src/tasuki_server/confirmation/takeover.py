# SPDX-License-Identifier: Apache-2.0
"""取込み — chosen differences become new versions of the records, with the reason 資格確認; each is noted with from and to.

What holds from a day on (share, 限度額, 特定疾病) begins a record of its own on that day: visits before it keep what
they were billed by. A programme is added or extended, never ended, and nothing is replaced on 無効（新しい資格あり）.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from tasuki.chart.coverage import Insurance
from tasuki.kernel.validity import Validity
from tasuki_server.audit.trail import record
from tasuki_server.confirmation.compare import (
    Comparison,
    Difference,
    Known,
    KnownCard,
    KnownProgramme,
    same_programme,
)
from tasuki_server.confirmation.models import ArrivedAnswer, Takeover
from tasuki_server.confirmation.told import Told, days_of
from tasuki_server.institutions.work import current_work
from tasuki_server.patients import records
from tasuki_server.patients.access import access_insurances, access_programmes
from tasuki_server.patients.coverage_values import (
    insurance_members,
    insurance_value,
    programme_members,
    programme_value,
)
from tasuki_server.patients.models import InsuranceRecord, Patient, ProgrammeRecord
from tasuki_server.patients.register import WhoTheyAre, newest_demographics, revise_patient

REASON = "資格確認"
# Items of a card that count from a day on.
DATED = ("share_percent", "income_class", "specific_disease_limit_yen")


@dataclass(frozen=True, slots=True)
class Taken:
    """取り込んだもの — the insurance that holds now (None: unchanged), and how many items."""

    insurance: UUID | None
    programmes: tuple[UUID, ...]
    count: int


def take_over(
    row: ArrivedAnswer, told: Told, known: Known, found: Comparison, chosen: Sequence[Difference]
) -> Taken:
    """取込み — of the chosen differences. Raises ``StaleVersion`` when a record was changed meanwhile."""
    patient = row.patient
    assert patient is not None
    by_group: dict[str, list[Difference]] = {}
    for each in chosen:
        by_group.setdefault(each.group, []).append(each)
    if "who" in by_group:
        _who(row, patient, told, by_group["who"])
    insurance = _card(row, told, known, found, by_group.get("card", []))
    programmes = [
        _programme(row, place, told, known, by_group[f"programme{place}"])
        for place in range(len(told.programmes))
        if f"programme{place}" in by_group
    ]
    return Taken(insurance, tuple(programmes), len(chosen))


def add_all(row: ArrivedAnswer, told: Told, patient: Patient, on: date) -> Taken:
    """すべての登録 — cards and programmes of a patient who was just registered from the card."""
    insurance: UUID | None = None
    if told.insurance is not None:
        made = records.add_insurance(patient, told.insurance, days_of(told, on), on)
        insurance = made.record_id
        _noted(row, patient, "card:new", "", told.insurance.insurer_number, made.record_id)
    programmes = []
    for place, one in enumerate(told.programmes):
        held = records.add_programme(patient, one.value, Validity(one.since or on, one.until), on)
        programmes.append(held.record_id)
        _noted(row, patient, f"programme{place}:new", "", one.value.payer_number, held.record_id)
    return Taken(insurance, tuple(programmes), len(programmes) + (insurance is not None))


def _who(row: ArrivedAnswer, patient: Patient, told: Told, chosen: Sequence[Difference]) -> None:
    assert told.who is not None
    newest = newest_demographics(patient)
    names = WhoTheyAre.__dataclass_fields__
    given = WhoTheyAre(**{name: getattr(newest, name) for name in names})
    changed = {each.item: getattr(told.who, each.item) for each in chosen}
    revise_patient(patient, replace(given, **changed), read_version=newest.version, reason=REASON)
    for each in chosen:
        _noted(row, patient, each.key, each.ours, each.theirs, patient.id)


def _card(
    row: ArrivedAnswer, told: Told, known: Known, found: Comparison, chosen: Sequence[Difference]
) -> UUID | None:
    if not chosen or told.insurance is None or row.patient is None:
        return None
    if any(each.item == "new" for each in chosen):
        return _new_card(row, told, known, chosen)
    card = found.card
    assert card is not None
    newest = _newest(InsuranceRecord, card.record_id)
    items = {each.item for each in chosen}
    value = replace(card.value, **{name: getattr(told.insurance, name) for name in items - {"until"}})
    until = told.until if "until" in items else card.days.until
    starts = told.changed_on or known.day
    is_dated = bool(items & set(DATED)) and starts > card.days.since and starts <= known.day
    if is_dated and starts in card.days:
        # The record begins anew and the membership does not.
        joined = told.insurance.member_since or card.value.member_since or card.days.since
        value = replace(value, member_since=joined)
        steady = {name: getattr(told.insurance, name) for name in items - {"until", *DATED}}
        _revise(newest, replace(card.value, **steady), card.days.since, starts - timedelta(days=1), known.day)
        made = records.add_insurance(row.patient, value, Validity(starts, until), known.day)
        kept = made.record_id
    else:
        _revise(newest, value, card.days.since, until, known.day)
        kept = card.record_id
    for each in chosen:
        _noted(row, row.patient, each.key, each.ours, each.theirs, kept)
    return kept


def _new_card(row: ArrivedAnswer, told: Told, known: Known, chosen: Sequence[Difference]) -> UUID:
    assert told.insurance is not None and row.patient is not None
    days = days_of(told, known.day)
    overlapping = records.overlapping_insurances(row.patient, told.insurance.kind.value, days)
    # One that began on the same day or later cannot end before it: it stays, and the person sees both.
    for each in overlapping:
        if each.since < days.since:
            last = days.since - timedelta(days=1)
            records.revise_record(each, read_version=each.version, reason=REASON, until=last)
    made = records.add_insurance(row.patient, told.insurance, days, known.day)
    for each in chosen:
        _noted(row, row.patient, each.key, each.ours, each.theirs, made.record_id)
    return made.record_id


def _programme(
    row: ArrivedAnswer, place: int, told: Told, known: Known, chosen: Sequence[Difference]
) -> UUID:
    assert row.patient is not None
    one = told.programmes[place]
    mine = same_programme(one.value, known)
    if mine is None:
        days = Validity(one.since or known.day, one.until)
        kept = records.add_programme(row.patient, one.value, days, known.day).record_id
    else:
        items = {each.item for each in chosen}
        cap = one.value.month_cap_yen if "month_cap_yen" in items else mine.value.month_cap_yen
        until = one.until if "until" in items else mine.days.until
        members = programme_members(
            replace(mine.value, month_cap_yen=cap), since=mine.days.since, until=until
        )
        newest = _newest(ProgrammeRecord, mine.record_id)
        records.revise_record(
            newest, read_version=mine.version, reason=REASON, confirmed_on=known.day, **members
        )
        kept = mine.record_id
    for each in chosen:
        _noted(row, row.patient, each.key, each.ours, each.theirs, kept)
    return kept


def note_confirmed(patient: Patient, told: Told, found: Comparison, on: date) -> None:
    """確認日の記入 — the record agrees with the answer: a new version says when that was seen."""
    card = found.card
    if card is None or told.insurance is None:
        return
    newest = _newest(InsuranceRecord, card.record_id)
    if newest.confirmed_on != on:
        records.revise_record(newest, read_version=newest.version, reason=REASON, confirmed_on=on)


def known_of(patient: Patient, day: date) -> Known:
    """登録済みの内容 — of a patient, as the comparison wants it."""
    newest = newest_demographics(patient)
    names = WhoTheyAre.__dataclass_fields__
    return Known(
        day,
        WhoTheyAre(**{name: getattr(newest, name) for name in names}),
        tuple(
            KnownCard(each.record_id, each.version, insurance_value(each), each.validity)
            for each in access_insurances(patient)
        ),
        tuple(
            KnownProgramme(each.record_id, each.version, programme_value(each), each.validity)
            for each in access_programmes(patient)
        ),
    )


def _revise(newest: Any, value: Insurance, since: date, until: date | None, on: date) -> None:
    members = insurance_members(value, since=since, until=until)
    records.revise_record(newest, read_version=newest.version, reason=REASON, confirmed_on=on, **members)


def _newest(kind: Any, record_id: UUID) -> Any:
    return kind.objects.filter(record_id=record_id).select_related("patient").latest("version")


def _noted(row: ArrivedAnswer, patient: Patient, item: str, ours: str, theirs: str, kept: UUID) -> None:
    Takeover.objects.create(
        answer=row,
        patient=patient,
        item=item[:40],
        change={"from": ours, "to": theirs},
        record_id=kept,
        at=current_work().at,
        made_by_id=current_work().actor.staff_id,
    )
    record("eligibility.take_over", row, patient.id, {"item": item, "record": str(kept)})
