# SPDX-License-Identifier: Apache-2.0
"""世帯合算の画面の値 — each member's shares of a month by insurer, what would be refunded and why, and the year."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.http import QueryDict

from tasuki.calculation.copayment import MonthLedger, explain
from tasuki.calculation.copayment.household import HouseholdPart, household_month, year_of, year_reasons
from tasuki.calculation.copayment.household_parts import HouseholdKey, household_parts
from tasuki.calculation.copayment.insurer_side import Payment
from tasuki.calculation.payers.sentences import PAYER_NAMES
from tasuki.kernel.because import Because, Verdict
from tasuki.kernel.finding import BadInput
from tasuki.kernel.messages import sentence
from tasuki_server.billing.desk_input import BadAmount, read_yen
from tasuki_server.billing.draft import month_bills, replay_bills
from tasuki_server.patients.household import Proposal, last_day, members_in, proposals
from tasuki_server.patients.models import HouseholdMember, Patient

SIGNS = {Verdict.GRANTED: "○", Verdict.DENIED: "－", Verdict.ADVISED: "！"}
OTHER_ROWS = 4
PLACES = {"outpatient": "ほかの医療機関・薬局の外来", "inpatient": "入院"}


class Step(NamedTuple):
    """説明の一段 — its sign, sentence and source."""

    sign: str
    text: str
    cite: str


@dataclass(frozen=True, slots=True)
class InsurerGroup:
    """合算の単位ごとの結果 — of one insurer: payments, refund (None: not computed) and every step."""

    label: str
    parts: tuple[HouseholdPart, ...]
    refund_yen: int | None
    steps: tuple[Step, ...]


class YearLine(NamedTuple):
    """年間の自己負担 — one member's outpatient payments here from August on, with what the caps say of them."""

    patient: Patient
    paid_yen: int
    month_count: int
    steps: tuple[Step, ...]


class OtherPayment(NamedTuple):
    """ほかの支払 — a payment at another institution as typed for this page alone; it is not stored."""

    number: str = ""
    place: str = "outpatient"
    cost_yen: str = ""
    paid_yen: str = ""


@dataclass(frozen=True, slots=True)
class HouseholdPage:
    """世帯合算の画面の値 — ready to show or to print."""

    members: tuple[HouseholdMember, ...]
    proposals: tuple[Proposal, ...]
    groups: tuple[InsurerGroup, ...]
    years: tuple[YearLine, ...]
    year: tuple[date, date]
    others: tuple[OtherPayment, ...]
    faults: tuple[str, ...]


def household_page(patient: Patient, month: date, given: QueryDict) -> HouseholdPage:
    """世帯合算の画面の値 — of a patient's household in a month; without a household, of the patient alone."""
    members = members_in(patient, month)
    people = [row.patient for row in members] or [patient]
    faults: list[str] = []
    by_insurer: dict[HouseholdKey, list[HouseholdPart]] = defaultdict(list)
    years = []
    for person in people:
        ledger = _ledger(person, month, faults)
        if ledger is not None:
            for key, parts in household_parts(ledger, person.name).items():
                by_insurer[key].extend(parts)
        line = _year(person, month, faults)
        if line is not None:
            years.append(line)
    others = _others(given)
    _add_others(people, others, by_insurer, faults)
    return HouseholdPage(
        tuple(members),
        tuple(proposals(patient, month)),
        tuple(_group(key, parts, last_day(month)) for key, parts in by_insurer.items()),
        tuple(years),
        year_of(month),
        (*others, *(OtherPayment() for _ in range(max(1, OTHER_ROWS - len(others))))),
        tuple(dict.fromkeys(faults)),
    )


def _ledger(patient: Patient, month: date, faults: list[str]) -> MonthLedger | None:
    try:
        ledger, _ = replay_bills(month_bills(patient, month.year, month.month))
    except BadInput as refused:
        faults += [f"患者番号 {patient.number}: {sentence(each)}" for each in refused.findings]
        return None
    return ledger


def _group(key: HouseholdKey, parts: Sequence[HouseholdPart], day: date) -> InsurerGroup:
    result = household_month(parts, day)
    number = f"記号 {key.symbol or '—'} 番号 {key.number}" if key.number else "（広域連合ごと）"
    label = f"{PAYER_NAMES[key.kind]} {key.insurer_number} {number}"
    return InsurerGroup(label, tuple(parts), result.refund_yen, tuple(_steps(result.because)))


def _year(patient: Patient, month: date, faults: list[str]) -> YearLine | None:
    """From August to the month shown; months are added up one by one, since a card may change between them."""
    since, _ = year_of(month)
    paid: list[int] = []
    shown = None
    day = since
    while day <= month:
        ledger = _ledger(patient, day, faults)
        parts = [] if ledger is None else [p for found in household_parts(ledger, "").values() for p in found]
        if parts:
            paid.append(sum(part.payment.paid_yen for part in parts))
            shown = next((p.income_class for p in reversed(parts) if p.income_class is not None), shown)
        day = _next(day)
    if not paid:
        return None
    return YearLine(patient, sum(paid), len(paid), tuple(_steps(year_reasons(paid, shown, month))))


def _next(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def _steps(because: Sequence[Because]) -> Iterator[Step]:
    for each in because:
        yield Step(SIGNS[each.verdict], explain(each), each.cite)


def _others(given: QueryDict) -> tuple[OtherPayment, ...]:
    columns = [given.getlist(name)[:20] for name in ("who", "place", "cost", "paid")]
    rows = (OtherPayment(*(text.strip()[:12] for text in row)) for row in zip(*columns, strict=False))
    return tuple(row for row in rows if row.cost_yen or row.paid_yen)


def _add_others(
    people: Sequence[Patient],
    others: Sequence[OtherPayment],
    by_insurer: dict[HouseholdKey, list[HouseholdPart]],
    faults: list[str],
) -> None:
    """A payment elsewhere goes to the insurer of the member's own payments here, whose class it shares."""
    names = {str(person.number): person.name for person in people}
    for row in others:
        try:
            cost, paid = read_yen(row.cost_yen, "医療費（10割）"), read_yen(row.paid_yen, "自己負担")
        except BadAmount as bad:
            faults.append(str(bad))
            continue
        who = names.get(row.number)
        if who is None or row.place not in PLACES or paid > cost:
            faults.append("ほかの支払は、家族と場所を選び、自己負担を医療費以下で入れてください。")
            continue
        mine = next(
            (
                (key, part)
                for key, parts in by_insurer.items()
                for part in parts
                if part.payment.person == who
            ),
            None,
        )
        if mine is None:
            faults.append(f"{who}さんは、この月の当院の会計がないので、保険と所得区分が分かりません。")
            continue
        key, like = mine
        payment = Payment(who, cost, paid, like.payment.is_elder, row.place == "outpatient")
        by_insurer[key].append(
            HouseholdPart(payment, PLACES[row.place], like.income_class, like.is_repeated, like.is_halved)
        )
