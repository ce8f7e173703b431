# SPDX-License-Identifier: Apache-2.0
"""特記事項 — the marks a closed month puts on a receipt, and the kinds of RE and MF."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasuki.calculation.copayment.limits import LimitBasis
from tasuki.calculation.copayment.parts import has_national
from tasuki.calculation.copayment.programmes import BY_LAW_CODE, PartClass
from tasuki.calculation.copayment.settings import IncomeMark
from tasuki.chart.coverage import IncomeClass, InsuranceKind

if TYPE_CHECKING:
    from tasuki.calculation.copayment.context import Context
    from tasuki.calculation.copayment.ledger import SetKey, SetMonth

_C = IncomeClass
INCOME_MARKS: dict[IncomeClass, str] = {
    _C.A: "26", _C.ACTIVE_3: "26",
    _C.I: "27", _C.ACTIVE_2: "27",
    _C.U: "28", _C.ACTIVE_1: "28",
    _C.E: "29", _C.GENERAL: "29",
    _C.O: "30", _C.LOW_2: "30", _C.LOW_1: "30",
    _C.GENERAL_2: "41", _C.GENERAL_1: "42",
}  # fmt: skip
_SPECIFIC_MARKS = {10_000: "02", 20_000: "16"}
_BURDEN_CLASSES = {_C.LOW_2: "1", _C.LOW_1: "3"}


def marks_of(context: Context, sets: dict[SetKey, SetMonth]) -> tuple[str, ...]:
    """特記事項 — of one insured receipt, ascending.

    31-35 and 43-44 belong to inpatients and never stand here.

    Cite: 診療報酬請求書等の記載要領 別紙1; 記録条件仕様 別表9
    """
    insurance = context.insurance
    if insurance is None:
        return ()
    marks: set[str] = set()
    if _is_local_claimed_apart(context, sets):
        marks.add("01")
    special = context.specific_disease_yen
    if special in _SPECIFIC_MARKS and any(
        month.limit is not None
        and month.limit.basis is LimitBasis.SPECIFIC_DISEASE
        and month.share_yen > month.limit.yen
        for month in sets.values()
    ):
        marks.add(_SPECIFIC_MARKS[special])
    if insurance.is_limit_halved:
        marks.add("21")
    shown = shown_class(context)
    is_limited = any(month.is_limited for month in sets.values())
    if shown is not None and (context.settings.income_mark is IncomeMark.SHOWN or is_limited):
        marks.add(INCOME_MARKS[shown])
    return tuple(sorted(marks))


def shown_class(context: Context) -> IncomeClass | None:
    """提示された所得区分 — of the card, else the one printed on the certificate of 51, 52 or 54.

    At seventy and over a card that shows none stands for 一般 or 現役並みⅢ only where no certificate shows one.
    """
    if context.insurance is not None and context.insurance.income_class is not None:
        return context.card_class
    for card in context.programmes.values():
        programme = BY_LAW_CODE.get(card.law_code)
        if programme is not None and programme.part_class is PartClass.OWN and card.income_class is not None:
            return card.income_class
    return context.card_class


def _is_local_claimed_apart(context: Context, sets: dict[SetKey, SetMonth]) -> bool:
    for key, month in sets.items():
        if not key.programmes or has_national(month) or not month.is_limited:
            continue
        rules = [context.rule_of(programme) for programme in key.programmes]
        if all(rule is not None and not rule.is_on_receipt for rule in rules):
            return True
    return False


def counter_kind(context: Context, sets: dict[SetKey, SetMonth]) -> str:
    """窓口負担額区分 — MF: 00 no benefit in kind, 01 in kind, 02 in kind at 多数回.

    Cite: 記録条件仕様 別表31

    """
    if not any(month.is_limited for month in sets.values()):
        return "00"
    is_repeated = any(
        month.is_limited and month.limit is not None and month.limit.basis is LimitBasis.REPEATED
        for month in sets.values()
    )
    return "02" if is_repeated else "01"


def burden_class(context: Context, sets: dict[SetKey, SetMonth]) -> str:
    """一部負担金等区分 — RE: 1 for 低所得Ⅱ, 3 for 低所得Ⅰ outpatients given benefit in kind, else empty.

    Cite: 記録条件仕様 別表8
    """
    shown = shown_class(context)
    if shown is None or not any(month.is_limited for month in sets.values()):
        return ""
    return _BURDEN_CLASSES.get(shown, "")


def benefit_percent(context: Context) -> int | None:
    """給付割合 — RE: stated for 国保 only.

    Cite: 記録条件仕様 レセプト共通レコード 項番8
    """
    insurance = context.insurance
    if insurance is None or context.share is None or insurance.kind is not InsuranceKind.NATIONAL:
        return None
    return 100 - context.share.percent
