# SPDX-License-Identifier: Apache-2.0
"""資格変更の後追い — bills whose card was changed after they were confirmed, and what to give back or collect."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import msgspec
from django.db.models import Exists, F, OuterRef, Q

from tasuki.chart.coverage import Coverage
from tasuki.masters.book import OutOfBook
from tasuki_server.audit.trail import record
from tasuki_server.billing.cap_ledger import with_ledgers
from tasuki_server.billing.draft import BillDraft, OwnItem, draft_bill
from tasuki_server.billing.models import Bill
from tasuki_server.billing.payer_models import CapLedgerLine
from tasuki_server.billing.settle import Seen, settle_bill
from tasuki_server.chart.values import coverage_value
from tasuki_server.claims.closing import is_closed
from tasuki_server.patients.models import InsuranceRecord, ProgrammeRecord
from tasuki_server.reception.models import Visit

REASON = "保険・公費の変更による再計算"
MOST = 200


class NotUsable(ValueError):
    """使えない保険 — its text is the Japanese sentence to show."""


@dataclass(frozen=True, slots=True)
class ChangedBill:
    """再計算が要る会計 — a confirmed bill, what it would be under the cards as they are, and the difference.

    ``faults`` say why it cannot be computed yet (a card that no longer covers the day); ``choices`` are the
    insurances of the day to choose instead. ``is_closed``: the month's receipts were closed.
    """

    bill: Bill
    draft: BillDraft
    faults: tuple[str, ...]
    choices: tuple[tuple[str, str], ...]
    is_closed: bool

    @property
    def now_yen(self) -> int:
        """今の請求額 — what the visit would be billed at."""
        return self.draft.patient_yen + self.draft.own_yen

    @property
    def difference_yen(self) -> int:
        """差額 — below zero to give back, above to collect."""
        return self.now_yen - self.bill.due_yen

    @property
    def others(self) -> tuple[tuple[Bill, int], ...]:
        """同じ月のほかの会計 — whose charge moves with this one."""
        return self.draft.moved


def changed_bills(visits: Sequence[object] | None = None) -> list[ChangedBill]:
    """再計算が要る会計 — oldest first, so that a month is worked through in its order.

    A bill counts when a card of its patient was written after it and the visit's payers are no longer those
    it was made under; at most 200 are shown at once.
    """
    return list(_changed(visits))


def _changed(visits: Sequence[object] | None) -> Iterator[ChangedBill]:
    later = {"patient": OuterRef("patient"), "made_at__gt": OuterRef("made_at")}
    touched = Q(Exists(InsuranceRecord.objects.filter(**later))) | Q(
        Exists(ProgrammeRecord.objects.filter(**later))
    )
    touched |= Q(Exists(CapLedgerLine.objects.filter(**later)))
    rows = Bill.objects.current().filter(touched).select_related("visit", "visit__patient", "patient")
    if visits is not None:
        rows = rows.filter(visit_id__in=visits)
    shown = 0
    for bill in rows.order_by("visit__arrived_at", "visit__serial"):
        if not bill.parts and _is_as_billed(bill):
            continue
        if shown == MOST:
            return
        try:
            draft = draft_bill(bill.visit, [OwnItem(**item) for item in bill.own_items])
        except OutOfBook:
            continue
        same = _undated(msgspec.convert(bill.coverage, Coverage)) == _undated(draft.coverage)
        if same and draft.can_settle:
            continue
        shown += 1
        yield ChangedBill(bill, draft, _faults(draft), _choices(bill.visit), is_closed(bill.day))


def recalculate_bill(visit: Visit, *, read_version: int, seen_yen: int) -> Bill:
    """再計算 — the next version of a bill under the cards as they are; the account gets the difference.

    Raises what :func:`settle_bill` raises, also when the amount is no longer the one that was read.
    """
    draft = draft_bill(visit, _items(visit))
    seen = Seen(draft.statement.total_points, seen_yen)
    bill = settle_bill(visit, read_version=read_version, reason=REASON, seen=seen)
    record("bill.recalculate", bill, visit.patient_id, {"version": bill.version})
    return bill


def switch_insurance(visit: Visit, record_id: str) -> None:
    """受付の保険の変更 — to another card of the day; raises :class:`NotUsable` for one that is not."""
    if record_id not in {key for key, _ in _choices(visit)}:
        raise NotUsable("この受診日に有効な保険を選んでください。")
    locked = Visit.objects.select_for_update(of=("self",)).get(pk=visit.pk)
    locked.insurance_record = record_id
    locked.save(update_fields=["insurance_record"])
    Visit.objects.filter(pk=visit.pk).update(stamp=F("stamp") + 1)
    record("visit.switch_insurance", locked, visit.patient_id, {"record": record_id})


def _is_as_billed(bill: Bill) -> bool:
    """Whether the cards still say what the bill was made under; asked of many bills, so nothing is calculated."""
    now = with_ledgers(coverage_value(bill.visit), bill.visit)
    cards = (now.insurance, *now.programmes)
    covers = all(card is None or card.validity is None or bill.day in card.validity for card in cards)
    return covers and _undated(msgspec.convert(bill.coverage, Coverage)) == _undated(now)


def _undated(coverage: Coverage) -> Coverage:
    """Only whether the day is covered matters of the days of a card, and that the draft has asked."""
    insurance = coverage.insurance
    return replace(
        coverage,
        insurance=None if insurance is None else replace(insurance, validity=None),
        programmes=tuple(replace(card, validity=None) for card in coverage.programmes),
    )


def _items(visit: Visit) -> list[OwnItem]:
    bill = Bill.objects.current().filter(record_id=visit.id).first()
    return [OwnItem(**item) for item in bill.own_items] if bill is not None else []


def _faults(draft: BillDraft) -> tuple[str, ...]:
    from tasuki.kernel.messages import sentence

    return tuple(sentence(each) for each in draft.findings if each.severity == "block")


def _choices(visit: Visit) -> tuple[tuple[str, str], ...]:
    rows = InsuranceRecord.objects.current().filter(patient_id=visit.patient_id, since__lte=visit.day)
    rows = rows.filter(Q(until__isnull=True) | Q(until__gte=visit.day)).order_by("-since")
    return tuple(
        (str(row.record_id), f"{row.get_kind_display()} {row.insurer_number}".strip()) for row in rows
    )
