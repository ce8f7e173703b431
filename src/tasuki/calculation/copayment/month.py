# SPDX-License-Identifier: Apache-2.0
"""月の窓口負担 — a visit is added, the month is computed anew, and the difference is charged."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tasuki.calculation.copayment.aggregation import NOTHING, aggregate, alone_keys
from tasuki.calculation.copayment.check_visit import check_visit, limit_not_loaded
from tasuki.calculation.copayment.collect import note_unconfirmed, settle
from tasuki.calculation.copayment.context import context_of
from tasuki.calculation.copayment.ledger import Entry, LedgerLine, MonthLedger, VisitCharge
from tasuki.calculation.copayment.limits import LimitUnknown
from tasuki.calculation.copayment.parts import add_care, cap_of, half_up_amount
from tasuki.calculation.copayment.programmes import BY_LAW_CODE
from tasuki.kernel.because import Because, Verdict, facts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tasuki.calculation.copayment.context import Context
    from tasuki.calculation.copayment.ledger import CopayVisit, LocalMonth, PartCharge, SetKey, SetMonth
    from tasuki.calculation.copayment.settings import CopaymentSettings


def visit_copayment(ledger: MonthLedger, visit: CopayVisit) -> tuple[VisitCharge, MonthLedger]:
    """一部負担金 — what to collect at a visit, and the ledger with the visit in it.

    The result depends on the whole month so far: limits grow with the month's cost, programme caps
    fill, 合算 moves the insurer's part. So the sums of the month are made anew and the visit is
    charged the difference; a negative one is given back.

    Raises :class:`~tasuki.kernel.finding.BadInput` naming the member when the coverage does not allow an
    answer: nothing is guessed.

    Cite: 健康保険法 第74条, 第75条, 第115条; 健康保険法施行令 第41条, 第42条, 第43条
    """
    check_visit(ledger, visit)
    try:
        return _charge(ledger, visit)
    except LimitUnknown as unknown:
        raise limit_not_loaded(unknown) from unknown


def replay(visits: Iterable[CopayVisit], month: tuple[int, int], settings: CopaymentSettings) -> MonthLedger:
    """月次再計算 — the ledger of a month from its visits, for a corrected, late or deleted visit.

    What was really collected is the cashier's; the difference to it is what to collect or give back.
    """
    ledger = MonthLedger(month, settings)
    for visit in sorted(visits, key=lambda one: one.day):
        _, ledger = visit_copayment(ledger, visit)
    return ledger


def _charge(ledger: MonthLedger, visit: CopayVisit) -> tuple[VisitCharge, MonthLedger]:
    context = context_of(visit, ledger.settings, len(ledger.entries))
    sets, local = dict(ledger.sets), dict(ledger.local)
    points: dict[SetKey, int] = {}
    for payer_set, amount in visit.points_by_payer_set.items():
        key = context.key_of(payer_set)
        points[key] = points.get(key, 0) + amount
    _note_not_in_kind(context)
    # Sets with more programmes come first: 合算 takes from the insurer's own part, which settles last.
    keys = sorted(points, key=lambda key: (-len(key.programmes), key))
    for key in keys:
        sets[key], _ = add_care(context, key, points[key], sets)
    groups = dict.fromkeys(sets[key].limit_group for key in keys)
    alone = {key for group in groups for key in alone_keys(group, sets)}
    parts: list[PartCharge] = []
    for key in keys:
        if key not in alone:
            _settle(context, key, ledger, sets, local, parts)
    for group in groups:
        _settle_alone(context, group, ledger, (sets, local), parts, set(keys))
    charge = VisitCharge(
        collect_yen=sum(part.collect_yen for part in parts),
        share_percent=context.share.percent if context.share else None,
        parts=tuple(parts),
        because=tuple(context.because),
        ledger_lines=_ledger_lines(context, parts, sets),
    )
    entries = (*ledger.entries, Entry(visit, charge))
    return charge, replace(ledger, sets=sets, local=local, entries=entries)


def _note_not_in_kind(context: Context) -> None:
    """Of each programme that was named to pay and does not here, the reason, once."""
    points = context.visit.points_by_payer_set
    for programme in context.ordered(tuple({key for each, n in points.items() if n for key in each})):
        rule, reason = context.rule_of(programme), context.not_in_kind(programme)
        if rule is None or not reason:
            continue
        note_unconfirmed(context, rule)
        told = facts(name=rule.name)
        context.because.append(Because(reason, Verdict.DENIED, told, rule.cite, rule.id))


def _settle(
    context: Context,
    key: SetKey,
    ledger: MonthLedger,
    sets: dict[SetKey, SetMonth],
    local: dict[str, LocalMonth],
    parts: list[PartCharge],
) -> None:
    old = ledger.sets.get(key) or context.new_month(key)
    settled = settle(context, key, old, sets, local, NOTHING)
    sets[key] = settled.month
    local.update(settled.local)
    parts.append(settled.part)


def _settle_alone(
    context: Context,
    group: str,
    ledger: MonthLedger,
    sums: tuple[dict[SetKey, SetMonth], dict[str, LocalMonth]],
    parts: list[PartCharge],
    visited: set[SetKey],
) -> None:
    sets, local = sums
    aggregation = aggregate(context, group, sets)
    for key in alone_keys(group, sets):
        if key not in visited and not set(key.programmes) <= set(context.programmes):
            continue
        old = ledger.sets.get(key) or context.new_month(key)
        moved = aggregation.refunds.get(key, 0) != old.refund_yen
        if key not in visited and not moved and aggregation.limit is None:
            continue
        settled = settle(context, key, old, sets, local, aggregation)
        sets[key] = settled.month
        local.update(settled.local)
        if key in visited or settled.part.collect_yen or moved:
            parts.append(settled.part)


def _ledger_lines(
    context: Context, parts: list[PartCharge], sets: dict[SetKey, SetMonth]
) -> tuple[LedgerLine, ...]:
    """The lines this visit adds to each 上限額管理票, in legal order."""
    lines: list[LedgerLine] = []
    for programme in context.ordered(tuple(context.programmes)):
        card = context.programmes[programme]
        national = BY_LAW_CODE.get(card.law_code)
        mine = [part for part in parts if programme in part.payer_set and part.cost_yen]
        if national is None or not national.has_ledger or not mine:
            continue
        cap = cap_of(card)
        if cap is None:
            continue
        paid = sum(_paid_under(programme, part) for part in mine)
        here = sum(
            month.collected_yen
            if key.programmes[-1] == programme
            else half_up_amount(_left(key, month, programme))
            for key, month in sets.items()
            if programme in key.programmes
        )
        total = card.paid_elsewhere_yen + here
        cost = sum(part.cost_yen for part in mine)
        lines.append(
            LedgerLine(programme, card.law_code, context.visit.day, cost, paid, total, cap, total >= cap)
        )
    return tuple(lines)


def _paid_under(programme: str, part: PartCharge) -> int:
    """What stands in the ledger: the collected yen, or what is left to the next programme."""
    if part.payer_set[-1] == programme:
        return part.collect_yen
    return half_up_amount(part.programmes[part.payer_set.index(programme)].patient_yen)


def _left(key: SetKey, month: SetMonth, programme: str) -> int:
    return half_up_amount(month.remainders[key.programmes.index(programme)])
