# SPDX-License-Identifier: Apache-2.0
"""合算 — when care with and without programmes is limited together, and what comes off the insurer's part."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tasuki.calculation.copayment.limits import high_cost_limit, specific_disease_limit
from tasuki.calculation.copayment.parts import after_national, half_up_amount, has_national
from tasuki.calculation.copayment.settings import SpecificDiseaseScope
from tasuki.kernel.because import Because, Verdict, facts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tasuki.calculation.copayment.context import Context
    from tasuki.calculation.copayment.ledger import Amount, SetKey, SetMonth
    from tasuki.calculation.copayment.limits import Limit

# Under seventy a payment counts for aggregation from this sum of one month, in a halved month from half of it.
AGGREGATION_FLOOR_YEN = 21_000


class Aggregation(NamedTuple):
    """合算 — the sets limited together with what each brings, the common limit, and the refunds of 単独分."""

    limit: Limit | None
    paid: Mapping[SetKey, int]
    refunds: Mapping[SetKey, int]

    @property
    def keys(self) -> tuple[SetKey, ...]:
        """合算対象の組合せ — every set under the common limit."""
        return tuple(self.paid)


NOTHING = Aggregation(None, {}, {})


def alone_keys(group: str, sets: Mapping[SetKey, SetMonth]) -> tuple[SetKey, ...]:
    """単独分 — the sets the insurer bears without a national programme.

    Where some care has no programme at all, that is the insurer's own part and a local programme's
    care counts among the combined; else the local programme's care is the insurer's own part.
    """
    insured = [key for key, month in sets.items() if month.limit_group == group and month.is_insured]
    plain = tuple(key for key in insured if not key.programmes)
    return plain or tuple(key for key in insured if not has_national(sets[key]))


def aggregate(context: Context, group: str, sets: Mapping[SetKey, SetMonth]) -> Aggregation:
    """合算高額療養費 — what the limit on the whole cost takes off the insurer-only part.

    Seventy and over: always. Under seventy: only sets whose share under its limit is 21,000 yen or
    more (10,500 in a month whose limits are halved), and only where the patient really pays something under
    the programme.

    Cite: 健康保険法施行令 第41条第1項・第2項・第3項
    """
    floor = AGGREGATION_FLOOR_YEN // 2 if context.is_halved else AGGREGATION_FLOOR_YEN
    alone = alone_keys(group, sets)
    if context.card_class is None or not alone or context.insurance is None:
        return NOTHING
    alone_share = sum(sets[key].share_yen for key in alone)
    combined = tuple(
        key
        for key, month in sets.items()
        if month.limit_group == group
        and month.is_insured
        and key not in alone
        and _combined_part(key, month, alone) > 0
        and (context.is_elder or month.within_limit_yen >= floor)
    )
    if not combined or (not context.is_elder and alone_share < floor):
        return NOTHING
    limit = _common_limit(context, sum(sets[key].cost_yen for key in (*combined, *alone)))
    paid = {key: half_up_amount(_combined_part(key, sets[key], alone)) for key in combined}
    alone_paid = {key: half_up_amount(sets[key].within_limit_yen) for key in alone}
    total, alone_total = sum(paid.values()), sum(alone_paid.values())
    refund = min(alone_total, max(0, total + alone_total - limit.yen))
    context.because.append(
        Because("copay/aggregation" if refund else "copay/aggregation/within", Verdict.GRANTED if refund else Verdict.DENIED,
            facts(limit=limit.yen, combined=total, alone=alone_total, refund=refund),
            limit.cite,
        )
    )  # fmt: skip
    refunds: dict[SetKey, int] = {}
    for key in alone:
        refunds[key] = min(refund, alone_paid[key])
        refund -= refunds[key]
    return Aggregation(limit, paid | alone_paid, refunds)


def _common_limit(context: Context, cost_yen: int) -> Limit:
    insurance, day = context.insurance, context.visit.day
    if insurance is None or context.card_class is None:
        raise AssertionError("aggregation asks for an insurer and a class")
    limit = high_cost_limit(
        day,
        context.card_class,
        cost_yen,
        is_repeated=insurance.is_repeated_high_cost,
        is_halved=context.is_halved,
    )
    scope = context.settings.specific_disease_scope
    special_yen = context.specific_disease_yen
    if special_yen is not None and scope is SpecificDiseaseScope.AGGREGATED:
        special = specific_disease_limit(special_yen, is_halved=context.is_halved)
        return min(limit, special, key=lambda one: one.yen)
    return limit


def _combined_part(key: SetKey, month: SetMonth, alone: tuple[SetKey, ...]) -> Amount:
    # Beside plain insurer-only care a local programme's relief counts as relief of the patient.
    return month.patient_yen if not alone[0].programmes else after_national(month)
