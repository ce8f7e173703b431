# SPDX-License-Identifier: Apache-2.0
"""窓口徴収 — local programmes, ten-yen rounding, and exactness at a cap: what one set pays at this visit."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tasuki.calculation.copayment.ledger import LocalMonth, PartCharge, ProgrammePart
from tasuki.calculation.copayment.local_share import (
    LocalOutcome,
    LocalVisit,
    add_local,
    is_for_insurer,
    is_in_ages,
    local_share,
)
from tasuki.calculation.copayment.parts import after_national, cap_room, half_up_amount, is_national
from tasuki.calculation.copayment.settings import AtCap
from tasuki.kernel.because import Because, Verdict, facts
from tasuki.kernel.points import to_ten_yen

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tasuki.calculation.copayment.aggregation import Aggregation
    from tasuki.calculation.copayment.context import Context
    from tasuki.calculation.copayment.ledger import Amount, SetKey, SetMonth
    from tasuki.calculation.copayment.local_programmes import LocalRule

_CITE_ROUNDING = "健康保険法 第75条; 国民健康保険法 第42条の2; 高齢者の医療の確保に関する法律 第67条"


class _Scope(NamedTuple):
    """One cap in yen: how much exact payment is not yet collected under it, and what it still allows."""

    residue_yen: Amount
    room_yen: Amount


class _LocalStep(NamedTuple):
    """One local programme's turn on a set."""

    programme: str
    visit: LocalVisit
    outcome: LocalOutcome


class Settled(NamedTuple):
    """徴収の結果 — the set's sums after collection, the step for the charge, and the local sums."""

    month: SetMonth
    part: PartCharge
    local: dict[str, LocalMonth]


def settle(
    context: Context,
    key: SetKey,
    old: SetMonth,
    sets: Mapping[SetKey, SetMonth],
    local: Mapping[str, LocalMonth],
    aggregation: Aggregation,
) -> Settled:
    """窓口徴収 — what a set whose care and 合算 are known adds to the patient's payment of this visit.

    ``old`` are the set's sums before the visit; ``sets`` holds the new ones, not yet collected.
    """
    month = sets[key]._replace(refund_yen=aggregation.refunds.get(key, sets[key].refund_yen))
    added_cost = month.cost_yen - old.cost_yen
    base = _before_local(month) - _before_local(old)
    remainders = list(month.remainders[: sum(map(is_national, month.law_codes))])
    outcomes: list[_LocalStep] = []
    reached_before_local = month.limit is not None and month.share_yen >= month.limit.yen
    left = base
    for index in range(len(remainders), len(key.programmes)):
        programme = key.programmes[index]
        given = local.get(programme, LocalMonth())
        rule = context.rule_of(programme)
        if rule is None:
            raise AssertionError("a national programme after a local one")
        visit = LocalVisit(
            context.visit, context.visit_number, rule, given, left, added_cost, reached_before_local
        )
        before = old.remainders[index - 1] if outcomes else _before_local(old)
        outcome = _local_outcome(context, visit, before - old.remainders[index])
        outcomes.append(_LocalStep(programme, visit, outcome))
        left = outcome.patient_yen
        remainders.append(old.remainders[index] + left)
    scopes = _scopes(context, key, old, month, sets, aggregation)
    collect = _collected(context, scopes, left, old.patient_yen - old.collected_yen, outcomes)
    if aggregation.limit is not None and key in aggregation.refunds and month.share_yen:
        # Ten-yen roundings of the other sets may have passed the common limit by a few yen. Where those alone owe more than
        # it, theirs is the sum: nothing comes off this set for that but what it is given back.
        owed = sum(aggregation.paid.values()) - sum(aggregation.refunds.values())
        collected = sum(sets[k].collected_yen for k in aggregation.keys)
        collect = min(collect, max(aggregation.limit.yen, owed) - collected)
    sums = {}
    for step in outcomes:
        paid = collect if step is outcomes[-1] else half_up_amount(step.outcome.patient_yen)
        sums[step.programme] = add_local(step.visit, step.outcome, paid)
    month = month._replace(
        remainders=tuple(remainders),
        patient_yen=old.patient_yen + left,
        collected_yen=old.collected_yen + collect,
    )
    return Settled(month, _part(key, old, month, collect), sums)


def _before_local(month: SetMonth) -> Amount:
    return after_national(month) - month.refund_yen


def _local_outcome(context: Context, visit: LocalVisit, paid: Amount) -> LocalOutcome:
    rule, person = visit.rule, context.visit.person
    if visit.cost_yen:
        note_unconfirmed(context, rule)
    out = ""
    if not is_for_insurer(rule, context.insurance):
        out = "copay/local/insurer"
    elif rule.ages is not None and not is_in_ages(rule.ages, person.born, context.visit.day):
        out = "copay/local/age"
    if out:
        context.because.append(
            Because(out, Verdict.DENIED, facts(name=rule.name, base=visit.base_yen), rule.cite, rule.id)
        )
        return LocalOutcome(visit.base_yen)
    if visit.base_yen < 0:
        # Money the insurer gives back goes back to the programme as far as it paid, beyond it to the patient.
        return LocalOutcome(min(0, visit.base_yen + paid), is_reduced=True)
    outcome = local_share(visit)
    name = "copay/local/whole-month" if outcome.is_whole_month else "copay/local/rule"
    context.because.append(
        Because(
            name, Verdict.DENIED if outcome.is_whole_month else Verdict.GRANTED,
            facts(
                name=rule.name, base=visit.base_yen, patient=outcome.patient_yen,
                pays=visit.base_yen - outcome.patient_yen,
            ),
            rule.cite, rule.id,
        )
    )  # fmt: skip
    return outcome


def note_unconfirmed(context: Context, rule: LocalRule) -> None:
    """未確認の一覧 — a rule out of a list whose day is not known is told as such."""
    if rule.is_confirmed:
        return
    told = facts(name=rule.name, note=f"（{rule.note}）" if rule.note else "")
    context.because.append(Because("copay/local/unconfirmed", Verdict.ADVISED, told, rule.cite, rule.id))


def _collected(
    context: Context,
    scopes: list[_Scope],
    added: Amount,
    own_residue: Amount,
    outcomes: list[_LocalStep],
) -> int:
    """The yen of this visit: ten-yen rounding below every cap, the cap exactly where one is reached."""
    if added == 0:
        return 0
    if added < 0:
        residue = scopes[-1].residue_yen if scopes else own_residue
        return min(0, half_up_amount(added + residue))
    rule, collect = _uncapped(context, scopes, added, outcomes)
    if rule != "copay/rounding/local" and context.settings.at_cap is AtCap.EXACT:
        bounds = [half_up_amount(added + s.residue_yen + s.room_yen) for s in scopes]
        bounds += [
            half_up_amount(added + step.visit.month.patient_yen - step.visit.month.collected_yen + room)
            for step in outcomes
            if (room := step.outcome.room_yen) is not None
        ]
        if bounds and max(0, min(bounds)) < collect:
            rule, collect = "copay/rounding/under-cap", max(0, min(bounds))
    context.because.append(
        Because(rule, Verdict.GRANTED, facts(exact=added, collect=collect), _CITE_ROUNDING)
    )
    return collect


def _uncapped(
    context: Context, scopes: list[_Scope], added: Amount, outcomes: list[_LocalStep]
) -> tuple[str, int]:
    if context.settings.at_cap is AtCap.TEN_YEN:
        return "copay/rounding/ten-yen", to_ten_yen(added)
    lowered = [o.outcome for o in outcomes if o.outcome.is_reduced or o.outcome.is_whole_month]
    if lowered and lowered[-1].collect_yen is not None:
        return "copay/rounding/local", lowered[-1].collect_yen
    reached = None if lowered else next((s for s in reversed(scopes) if s.room_yen <= 0), None)
    if reached is not None:
        return "copay/rounding/at-cap", max(0, half_up_amount(added + reached.residue_yen))
    return "copay/rounding/ten-yen", to_ten_yen(added)


def _scopes(
    context: Context,
    key: SetKey,
    old: SetMonth,
    month: SetMonth,
    sets: Mapping[SetKey, SetMonth],
    aggregation: Aggregation,
) -> list[_Scope]:
    """The caps in force on a set: its own limit, each programme's, and the common one of 合算."""
    own = old.patient_yen - old.collected_yen
    scopes: list[_Scope] = []
    if month.limit is not None and after_national(month) == month.within_limit_yen:
        scopes.append(_Scope(own, month.limit.yen - month.within_limit_yen))
    for programme in key.programmes:
        card = context.programmes[programme]
        room = cap_room(card, programme, sets) if is_national(card.law_code) else None
        if room is not None:
            others = (m for k, m in sets.items() if k != key and programme in k.programmes)
            scopes.append(_Scope(own + _residue(others), room))
    if aggregation.limit is not None and key in aggregation.keys:
        others = (sets[k] for k in aggregation.keys if k != key)
        combined = sum(aggregation.paid.values()) - sum(aggregation.refunds.values())
        scopes.append(_Scope(own + _residue(others), aggregation.limit.yen - combined))
    return scopes


def _residue(months: Iterable[SetMonth]) -> Amount:
    return sum(month.patient_yen - month.collected_yen for month in months)


def _part(key: SetKey, old: SetMonth, month: SetMonth, collect: int) -> PartCharge:
    left = month.within_limit_yen - month.refund_yen - (old.within_limit_yen - old.refund_yen)
    programmes: list[ProgrammePart] = []
    for index, programme in enumerate(key.programmes):
        after = month.remainders[index] - old.remainders[index]
        programmes.append(ProgrammePart(programme, month.law_codes[index], left - after, after))
        left = after
    return PartCharge(
        payer_set=key.programmes,
        receipt=key.receipt,
        points=month.points - old.points,
        cost_yen=month.cost_yen - old.cost_yen,
        share_yen=month.share_yen - old.share_yen,
        within_limit_yen=month.within_limit_yen - old.within_limit_yen,
        aggregated_yen=month.refund_yen - old.refund_yen,
        programmes=tuple(programmes),
        patient_yen=month.patient_yen - old.patient_yen,
        collect_yen=collect,
    )
