# SPDX-License-Identifier: Apache-2.0
"""減点と患者負担 — what a cut takes off the patient's share, proposed for a person to credit or to leave, never silently.

The month's copayment is replayed with the points that were cut. A notice of a cut does not say on which day the act
was done; where more than one visit could be meant, every one is tried and the range is told instead of a guess.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import product

from tasuki.calculation.copayment import CopayVisit, MonthLedger, visit_copayment
from tasuki.calculation.copayment.from_statement import payer_set_of
from tasuki.kernel.finding import BadInput, Finding, Severity, Where
from tasuki.kernel.messages import register
from tasuki_server.audit.trail import emit, record
from tasuki_server.billing.draft import stored_copay_visit
from tasuki_server.billing.local_rules import copayment_settings
from tasuki_server.billing.models import AccountEntry, Bill, EntryKind
from tasuki_server.billing.settle import lock_patient
from tasuki_server.chart.values import visit_value
from tasuki_server.claims.models import CutRefund, PointChange, SentClaim
from tasuki_server.institutions.work import current_work
from tasuki_server.reception.models import Visit

MOST_WAYS = 64
register(
    {
        "claims.refund.no_reason": "判断の理由を書いてください。",
        "claims.refund.amount": "返金額は1円以上、患者負担額{most}円以下にしてください。",
        "claims.refund.visit": "返金する受診を選んでください。",
        "claims.refund.gone": "減点の内容が変わっています。画面を開き直してください。",
    }
)
_CODES = {
    "claims.refund.no_reason": "CLM-0030",
    "claims.refund.amount": "CLM-0031",
    "claims.refund.visit": "CLM-0032",
    "claims.refund.gone": "CLM-0033",
}


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a cut may belong: a visit of the month and the set of payers its points count in."""

    visit_id: str
    payer_set: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RefundProposal:
    """減点による返金の案 — of one receipt: points cut, the yen the share would be lower by, and the visits meant.

    ``amounts`` has more than one yen where the notice leaves it open, none where the cut was not found in a bill.
    """

    sent: SentClaim
    changes: tuple[PointChange, ...]
    amounts: tuple[int, ...]
    visits: tuple[Visit, ...]
    charged_yen: int

    @property
    def points(self) -> int:
        """減点数 — of every change so far, below zero."""
        return sum(each.points for each in self.changes)

    @property
    def exact_yen(self) -> int | None:
        """返金額 — None where it is not one amount."""
        return self.amounts[0] if len(self.amounts) == 1 else None


def open_refunds() -> list[RefundProposal]:
    """返金を決めていない減点 — of every receipt that was cut since a person decided, the newest first."""
    decided = {(each.sent_id, each.points) for each in CutRefund.objects.all()}
    changes: dict[SentClaim, list[PointChange]] = {}
    rows = PointChange.objects.filter(sent__isnull=False).select_related(
        "file", "sent__patient", "sent__claim"
    )
    for each in rows.defer("file__data", "sent__claim__records").order_by("-claim_month", "id"):
        assert each.sent is not None
        changes.setdefault(each.sent, []).append(each)
    found = (
        propose_refund(sent, mine)
        for sent, mine in changes.items()
        if (sent.id, sum(each.points for each in mine)) not in decided and not sent.returns.exists()
    )
    return [each for each in found if each is not None]


def propose_refund(sent: SentClaim, changes: Sequence[PointChange]) -> RefundProposal | None:
    """返金の案 — None when the points went up or the patient's share is the same."""
    if sum(each.points for each in changes) >= 0:
        return None
    bills = _bills(sent)
    entries = {str(bill.visit_id): entry for bill in bills if (entry := stored_copay_visit(bill)) is not None}
    ways = [list(_places(each, bills)) for each in changes]
    count = 1
    for each in ways:
        count *= len(each)
    amounts: set[int] = set()
    if 0 < count <= MOST_WAYS:
        before = _collected(entries.values())
        for chosen in product(*ways):
            cut = _cut(entries, list(zip(chosen, changes, strict=True)))
            if cut is not None:
                amounts.add(before - _collected(cut.values()))
    if amounts == {0}:
        return None
    meant = {place.visit_id for each in ways for place in each}
    visits = tuple(bill.visit for bill in bills if not meant or str(bill.visit_id) in meant)
    charged = sum(bill.patient_yen for bill in bills)
    return RefundProposal(sent, tuple(changes), tuple(sorted(amounts)), visits, charged)


def decide_refund(proposal: RefundProposal, visit: Visit | None, yen: int, why: str, day: date) -> CutRefund:
    """返金の判断 — a credit on the patient's account (査定減額), or none with its reason; raises ``BadInput``.

    The money itself changes hands at the counter, as 返金 of that visit.
    """
    if not why.strip():
        raise _refusal("claims.refund.no_reason")
    if yen < 0 or yen > proposal.charged_yen:
        raise _refusal("claims.refund.amount", most=proposal.charged_yen)
    if yen and visit is None:
        raise _refusal("claims.refund.visit")
    staff_id = current_work().actor.staff_id
    assert staff_id is not None
    sent = proposal.sent
    lock_patient(sent.patient)
    if CutRefund.objects.filter(sent=sent, points=proposal.points).exists():
        raise _refusal("claims.refund.gone")
    entry = None
    if yen and visit is not None:
        reason = f"{proposal.changes[0].claim_month:%Y-%m}請求の査定による減額: {why.strip()}"
        entry = AccountEntry.objects.create(
            patient_id=sent.patient_id, visit=visit, day=day, kind=EntryKind.ASSESSED, yen=-yen,
            reason=reason[:200], made_by_id=staff_id,
        )  # fmt: skip
    row = CutRefund.objects.create(
        sent=sent, points=proposal.points, yen=yen, why=why.strip()[:200], entry=entry, made_by_id=staff_id
    )
    record("claims.refund", row, sent.patient_id, {"yen": yen})
    emit("claims.refund", {"refund": str(row.id)})
    return row


def gone() -> BadInput:
    """案の消失 — someone decided meanwhile, or a further cut came."""
    return _refusal("claims.refund.gone")


def _bills(sent: SentClaim) -> list[Bill]:
    rows = Bill.objects.current().filter(
        patient_id=sent.patient_id,
        day__year=sent.month.year,
        day__month=sent.month.month,
        charge__isnull=False,
    )
    found = rows.select_related("visit", "visit__patient")
    return sorted(found, key=lambda bill: (bill.visit.arrived_at, bill.visit.serial))


def _places(change: PointChange, bills: Sequence[Bill]) -> Iterator[_Place]:
    """The units of the section with these very points, else what holds as many points in the section."""
    exact: dict[_Place, None] = {}
    wide: dict[_Place, int] = {}
    for bill in bills:
        visit = visit_value(bill.visit)
        entry = stored_copay_visit(bill)
        if entry is None:
            continue
        visit = replace(visit, coverage=entry.coverage)
        for unit in bill.calculated().units:
            if unit.section != change.section:
                continue
            place = _Place(str(bill.visit_id), payer_set_of(visit, unit))
            wide[place] = wide.get(place, 0) + unit.total_points
            if -change.points in (unit.points, unit.total_points):
                exact[place] = None
    yield from exact or (place for place, points in wide.items() if points >= -change.points > 0)


def _cut(
    entries: dict[str, CopayVisit], cuts: Sequence[tuple[_Place, PointChange]]
) -> dict[str, CopayVisit] | None:
    """The visits with the points taken off; None when a visit has not so many."""
    found = dict(entries)
    for place, change in cuts:
        entry = found[place.visit_id]
        points = dict(entry.points_by_payer_set)
        points[place.payer_set] = points.get(place.payer_set, 0) + change.points
        if points[place.payer_set] < 0:
            return None
        found[place.visit_id] = replace(entry, points_by_payer_set=points)
    return found


def _collected(entries: Iterable[CopayVisit]) -> int:
    total = 0
    ledger: MonthLedger | None = None
    for entry in entries:
        if ledger is None:
            ledger = MonthLedger((entry.day.year, entry.day.month), copayment_settings())
        charge, ledger = visit_copayment(ledger, entry)
        total += charge.collect_yen
    return total


def _refusal(key: str, **facts: object) -> BadInput:
    return BadInput([Finding(_CODES[key], Severity.BLOCK, Where(), key, facts)])
