# SPDX-License-Identifier: Apache-2.0
"""組合せの計算 — the month of one payer set as a visit is added: share, limit, national programmes."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from tasuki.calculation.copayment.context import part_class, part_limit
from tasuki.calculation.copayment.limits import LimitBasis
from tasuki.calculation.copayment.programmes import BY_LAW_CODE, PartClass, ProgrammeKind
from tasuki.chart.coverage import InsuranceKind, ReductionKind
from tasuki.kernel.because import Because, Verdict, facts
from tasuki.kernel.points import half_up

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tasuki.calculation.copayment.context import Context
    from tasuki.calculation.copayment.ledger import Amount, SetKey, SetMonth
    from tasuki.calculation.copayment.limits import Limit
    from tasuki.chart.coverage import PublicProgramme

YEN_PER_POINT = 10
_CITE_REDUCTION = "国民健康保険法 第44条; 健康保険法 第75条の2; 高齢者の医療の確保に関する法律 第69条"


def add_care(
    context: Context, key: SetKey, points: int, sets: Mapping[SetKey, SetMonth]
) -> tuple[SetMonth, Limit | None]:
    """診療の加算 — a set's sums after a visit, up to what the national programmes leave.

    Local programmes and 合算 come later, since they ask for amounts of the whole receipt.
    """
    old = sets.get(key) or context.new_month(key)
    visit = context.visit
    cost = points * YEN_PER_POINT
    gross, share = _share(context, key, old, cost, sets)
    counted = old.counted_days | {visit.day} if visit.is_counted_day else old.counted_days
    new = old._replace(
        points=old.points + points,
        cost_yen=old.cost_yen + cost,
        gross_share_yen=old.gross_share_yen + gross,
        share_yen=old.share_yen + share,
        days=old.days | {visit.day},
        counted_days=counted,
    )
    limit = None
    within = new.share_yen
    if new.is_insured:
        others = [
            other
            for other_key, other in sets.items()
            if other_key.receipt != key.receipt
            and other.limit_group == new.limit_group
            and other.law_codes == new.law_codes
        ]
        limit = part_limit(context, key, new.cost_yen + sum(other.cost_yen for other in others))
        if limit is not None:
            room = max(0, limit.yen - sum(half_up_amount(other.within_limit_yen) for other in others))
            limit = limit._replace(yen=room) if others else limit
            within = min(within, room)
        if cost:
            context.because.append(_limit_reason(context, key, new, limit))
    new = new._replace(limit=limit, within_limit_yen=within)
    return new._replace(remainders=_national_remainders(context, key, new, sets, shown=cost > 0)), limit


def _share(
    context: Context, key: SetKey, old: SetMonth, cost: int, sets: Mapping[SetKey, SetMonth]
) -> tuple[int, Amount]:
    """The share this visit adds, before and after 減免; without an insurer the whole cost goes on."""
    insurance = context.insurance
    if not old.is_insured or insurance is None:
        return cost, cost
    if insurance.kind is InsuranceKind.WORK_ACCIDENT or context.share is None:
        context.because.append(
            Because("copay/share/work-accident", Verdict.GRANTED, facts(), "労働者災害補償保険法 第13条")
        )
        return 0, 0
    gross = cost * context.share.percent // 100
    reduction = insurance.share_reduction
    if reduction is None or not cost:
        return gross, gross
    share: Amount
    if reduction.kind is not ReductionKind.REDUCED:
        share = 0
    elif reduction.percent is not None:
        exact = Fraction(gross * (100 - reduction.percent), 100)
        share = exact.numerator if exact.denominator == 1 else exact
    else:
        used = sum(s.gross_share_yen - s.share_yen for k, s in sets.items() if k.receipt == key.receipt)
        share = max(0, gross - max(0, (reduction.yen or 0) - used))
    context.because.append(
        Because(
            f"copay/reduction/{reduction.kind.name.lower()}", Verdict.GRANTED,
            facts(share=gross, reduced=share), _CITE_REDUCTION,
        )
    )  # fmt: skip
    return gross, share


def _limit_reason(context: Context, key: SetKey, month: SetMonth, limit: Limit | None) -> Because:
    if context.share is None:
        return Because("copay/limit/none", Verdict.DENIED, facts(), "労働者災害補償保険法 第13条")
    if limit is None:
        return Because(
            "copay/limit/class-unknown", Verdict.ADVISED, facts(share=month.share_yen),
            "健康保険法施行規則 第103条の2（限度額適用認定証）",
        )  # fmt: skip
    _, whose = part_class(context, key)
    reached = month.share_yen >= limit.yen
    name = limit.basis.value.replace("_", "-")
    if limit.basis is LimitBasis.FORMULA and month.cost_yen <= (limit.threshold_yen or 0):
        name = "base"
    return Because(
        f"copay/limit/{name}",
        Verdict.GRANTED if reached else Verdict.DENIED,
        facts(
            limit=limit.yen,
            income_class=limit.income_class.value if limit.income_class else "",
            whose=_WHOSE[whose],
            base=limit.base_yen,
            threshold=limit.threshold_yen or 0,
            cost=month.cost_yen,
            share=month.share_yen,
            halved=limit.halved,
            reached=reached,
        ),
        limit.cite,
    )


_WHOSE = {
    PartClass.OWN: "本人の区分",
    PartClass.GENERAL: "公費併用分は一般の区分",
    PartClass.LOW: "公費併用分は低所得の区分",
    PartClass.NONE: "",
}


def half_up_amount(yen: Amount) -> int:
    """1円未満四捨五入 — an amount of a percentage in whole yen.

    >>> half_up_amount(Fraction(455, 2)), half_up_amount(12)
    (228, 12)
    """
    return yen if isinstance(yen, int) else half_up(yen)


def is_national(law_code: str) -> bool:
    """国の公費 — whether a law code is a national programme."""
    return law_code in BY_LAW_CODE


def has_national(month: SetMonth) -> bool:
    """国の公費の有無 — whether a set has a national programme."""
    return any(is_national(code) for code in month.law_codes)


def after_national(month: SetMonth) -> Amount:
    """国の公費の後の残額 — what the insurer, its limit and the national programmes leave."""
    national = sum(is_national(code) for code in month.law_codes)
    return month.remainders[national - 1] if national else month.within_limit_yen


def cap_of(card: PublicProgramme) -> int | None:
    """公費の月額上限 — in yen, None where only a percentage speaks."""
    programme = BY_LAW_CODE[card.law_code]
    if programme.kind is ProgrammeKind.ZERO:
        return 0
    if programme.kind is ProgrammeKind.TICKET:
        return card.month_cap_yen or 0
    return card.month_cap_yen


def cap_room(
    card: PublicProgramme, programme: str, sets: Mapping[SetKey, SetMonth], without: SetKey | None = None
) -> Amount | None:
    """公費の残り枠 — the cap less what was paid elsewhere and here under the same programme."""
    cap = cap_of(card)
    if cap is None:
        return None
    here = sum(
        month.remainders[key.programmes.index(programme)]
        for key, month in sets.items()
        if programme in key.programmes and key != without
    )
    return max(0, cap - card.paid_elsewhere_yen - here)


def _national_remainders(
    context: Context, key: SetKey, month: SetMonth, sets: Mapping[SetKey, SetMonth], *, shown: bool
) -> tuple[Amount, ...]:
    """What each national programme leaves, in legal order; a later one sees only what the earlier left.

    Never less than before while the share allows it: what was paid stays paid when the ledger fills elsewhere.
    """
    base = month.within_limit_yen
    remainders: list[Amount] = []
    for index, programme in enumerate(key.programmes):
        card = context.programmes[programme]
        national = BY_LAW_CODE.get(card.law_code)
        if national is None:
            break
        before = month.remainders[index]
        left = base
        if national.kind is ProgrammeKind.PERCENT:
            exact = Fraction(month.cost_yen * national.percent, 100)
            left = min(base, exact.numerator if exact.denominator == 1 else exact)
        by_rule = left
        room = cap_room(card, programme, sets, without=key)
        if room is not None:
            left = min(left, max(before, room))
        if shown:
            context.because.append(
                Because(
                    f"copay/programme/{national.kind.value.replace('_', '-')}",
                    Verdict.GRANTED,
                    facts(
                        law_code=national.law_code, name=national.name, base=base, by_rule=by_rule,
                        percent=national.percent, cap=cap_of(card) if room is not None else -1,
                        elsewhere=card.paid_elsewhere_yen, patient=left, pays=base - left,
                    ),
                    national.cite,
                )
            )  # fmt: skip
            if national.caps and card.month_cap_yen is not None and card.month_cap_yen not in national.caps:
                unusual = facts(law_code=national.law_code, name=national.name, cap=card.month_cap_yen)
                context.because.append(
                    Because("copay/programme/unusual-cap", Verdict.ADVISED, unusual, national.cite)
                )
        remainders.append(left)
        base = left
    return tuple(remainders)
