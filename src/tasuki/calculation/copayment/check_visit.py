# SPDX-License-Identifier: Apache-2.0
"""受診の検査 — what a payment cannot be computed from, found before anything is computed, by member path."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasuki.calculation.copayment.context import context_of, part_limit
from tasuki.calculation.copayment.limits import AgeGroup, LimitUnknown, group_of
from tasuki.calculation.copayment.programmes import BY_LAW_CODE, ProgrammeKind, is_before_insurance
from tasuki.calculation.copayment.share import ShareUnknown, elder_from, share_of
from tasuki.chart.coverage import IncomeClass, InsuranceKind, ReductionKind
from tasuki.kernel.days import month_of, reached_on
from tasuki.kernel.finding import BadInput, Finding, Severity, Where

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from tasuki.calculation.copayment.ledger import CopayVisit, MonthLedger
    from tasuki.calculation.copayment.local_programmes import LocalRule
    from tasuki.chart.coverage import Insurance, PublicProgramme, ShareReduction

_MAX_PROGRAMMES = 4
_LATE_ONLY = frozenset({IncomeClass.GENERAL_1, IncomeClass.GENERAL_2})
_SPECIFIC_LIMITS = frozenset({10_000, 20_000})
_OWN_BILLS = frozenset({InsuranceKind.TRAFFIC_ACCIDENT, InsuranceKind.PRIVATE})


def check_visit(ledger: MonthLedger, visit: CopayVisit) -> None:
    """受診の検査 — raises :class:`BadInput` with every finding; a sound visit passes silently."""
    findings = list(visit_findings(ledger, visit))
    if findings:
        raise BadInput(findings)


def limit_not_loaded(unknown: LimitUnknown) -> BadInput:
    """限度額未収載 — as an input error: no loaded table speaks of the day."""
    return BadInput(
        [_finding("COPAY-018", "day", day=unknown.day.isoformat(), income_class=unknown.income_class.value)]
    )


def limit_findings(ledger: MonthLedger, visit: CopayVisit) -> Iterator[Finding]:
    """限度額の指摘 — a sound visit whose limits no loaded table knows."""
    context = context_of(visit, ledger.settings, 0)
    try:
        for payer_set in visit.points_by_payer_set:
            part_limit(context, context.key_of(payer_set), 0)
    except LimitUnknown as unknown:
        yield from limit_not_loaded(unknown).findings


def visit_findings(ledger: MonthLedger, visit: CopayVisit) -> Iterator[Finding]:
    """受診の指摘 — everything that keeps a visit from being computed."""
    day, born = visit.day, visit.person.born
    if day < born:
        yield _finding("COPAY-003", "day", day=day.isoformat(), born=born.isoformat())
        return
    if month_of(day) != ledger.month:
        yield _finding("COPAY-002", "day", day=day.isoformat(), month="{}-{:02}".format(*ledger.month))
    elif ledger.entries and day < ledger.entries[-1].visit.day:
        last = ledger.entries[-1].visit.day
        yield _finding("COPAY-004", "day", day=day.isoformat(), last=last.isoformat())
    known = ledger.entries[0].visit.person if ledger.entries else visit.person
    if known != visit.person:
        yield _finding("COPAY-032", "person", born=born.isoformat(), known=known.born.isoformat())
    coverage = visit.coverage
    if coverage.insurance is None and not coverage.programmes:
        yield _finding("COPAY-001", "insurance")
    if coverage.insurance is not None:
        yield from _insurance_findings(coverage.insurance, born, day)
    yield from _programme_findings(ledger, visit)
    yield from _points_findings(visit)


def _insurance_findings(insurance: Insurance, born: date, day: date) -> Iterator[Finding]:
    kind = insurance.kind
    if kind in _OWN_BILLS:
        yield _finding("COPAY-017", "insurance.kind", kind=kind.value)
        return
    if insurance.validity is not None and day not in insurance.validity:
        yield _finding("COPAY-010", "insurance.validity", day=day.isoformat())
    if kind in (InsuranceKind.WORK_ACCIDENT, InsuranceKind.PUBLIC_ONLY):
        return
    if kind is InsuranceKind.LATE_ELDERLY and day <= reached_on(born, 65):
        yield _finding("COPAY-021", "insurance.kind", born=born.isoformat())
    percent = insurance.share_percent
    if percent is not None and (percent % 10 or not 0 <= percent <= 30):
        yield _finding("COPAY-009", "insurance.share_percent", percent=percent)
    elif percent is None:
        try:
            share_of(insurance, born, day)
        except ShareUnknown:
            yield _finding("COPAY-008", "insurance.share_percent")
    is_late = kind is InsuranceKind.LATE_ELDERLY
    yield from _class_findings(insurance.income_class, "insurance", visit=(born, day), is_late=is_late)
    limit = insurance.specific_disease_limit_yen
    if limit is not None and limit not in _SPECIFIC_LIMITS:
        yield _finding("COPAY-019", "insurance.specific_disease_limit_yen", yen=limit)
    if insurance.share_reduction is not None and not _is_sound(insurance.share_reduction):
        yield _finding("COPAY-027", "insurance.share_reduction")


def _class_findings(
    shown: IncomeClass | None, path: str, *, visit: tuple[date, date], is_late: bool
) -> Iterator[Finding]:
    """A class of the wrong age: the certificate is old, or of another person."""
    if shown is None:
        return
    born, day = visit
    group = AgeGroup.ELDER if is_late or day >= elder_from(born) else AgeGroup.UNDER_70
    if group_of(shown) is not group or (shown in _LATE_ONLY and not is_late):
        yield _finding("COPAY-007", f"{path}.income_class", income_class=shown.value, group=group.value)


def _is_sound(reduction: ShareReduction) -> bool:
    given = [value for value in (reduction.percent, reduction.yen) if value is not None]
    if reduction.kind is not ReductionKind.REDUCED:
        return not given
    in_range = reduction.percent is None or 0 < reduction.percent <= 100
    return len(given) == 1 and given[0] > 0 and in_range


def _programme_findings(ledger: MonthLedger, visit: CopayVisit) -> Iterator[Finding]:
    cards = visit.coverage.programmes
    if len(cards) > _MAX_PROGRAMMES:
        yield _finding("COPAY-016", "programmes", count=len(cards))
    if len({card.key for card in cards}) < len(cards):
        yield _finding("COPAY-020", "programmes")
    insurance = visit.coverage.insurance
    if cards and insurance is not None and insurance.kind is InsuranceKind.WORK_ACCIDENT:
        yield _finding("COPAY-023", "programmes")
    is_late = insurance is not None and insurance.kind is InsuranceKind.LATE_ELDERLY
    ages = (visit.person.born, visit.day)
    for index, card in enumerate(cards):
        yield from _card_findings(ledger, visit.day, card, f"programmes[{index}]")
        yield from _class_findings(card.income_class, f"programmes[{index}]", visit=ages, is_late=is_late)


def _card_findings(ledger: MonthLedger, day: date, card: PublicProgramme, path: str) -> Iterator[Finding]:
    if len(card.payer_number) != 8 or not card.payer_number.isdecimal():
        yield _finding("COPAY-029", f"{path}.payer_number", number=card.payer_number)
        return
    if card.validity is not None and day not in card.validity:
        yield _finding("COPAY-011", f"{path}.validity", law_code=card.law_code, day=day.isoformat())
    if (card.month_cap_yen is not None and card.month_cap_yen < 0) or card.paid_elsewhere_yen < 0:
        yield _finding("COPAY-022", path)
    national = BY_LAW_CODE.get(card.law_code)
    if national is None:
        if not card.local_rule:
            yield _finding("COPAY-005", f"{path}.local_rule", law_code=card.law_code)
            return
        rule = ledger.settings.local_rules.get(card.local_rule)
        if rule is None:
            yield _finding("COPAY-006", f"{path}.local_rule", rule=card.local_rule)
        elif rule.validity is not None and day not in rule.validity:
            yield _finding("COPAY-026", f"{path}.local_rule", rule=card.local_rule, day=day.isoformat())
        if rule is not None:
            yield from _rule_findings(rule, card, path)
        return
    is_needed = national.is_cap_needed or national.kind is ProgrammeKind.DECIDED
    if is_needed and card.month_cap_yen is None:
        yield _finding("COPAY-014", f"{path}.month_cap_yen", law_code=card.law_code, name=national.name)


def _rule_findings(rule: LocalRule, card: PublicProgramme, path: str) -> Iterator[Finding]:
    """A programme without its amount, or a rule of another programme than the card's."""
    if not rule.steps:
        note = f"（{rule.note}）" if rule.note else ""
        yield _finding("COPAY-033", f"{path}.local_rule", name=rule.name, note=note)
    is_other_law = rule.law_code not in ("", card.law_code)
    is_other_place = rule.law_code != "" and rule.prefecture not in ("", card.payer_number[2:4])
    if is_other_law or is_other_place:
        yield _finding(
            "COPAY-034", f"{path}.local_rule", rule=rule.id, prefecture=rule.prefecture,
            expected=rule.law_code, number=card.payer_number[:4],
        )  # fmt: skip


def _points_findings(visit: CopayVisit) -> Iterator[Finding]:
    known = {card.key: card for card in visit.coverage.programmes}
    insurance = visit.coverage.insurance
    is_insured = insurance is not None and insurance.kind is not InsuranceKind.PUBLIC_ONLY
    for index, (payer_set, points) in enumerate(visit.points_by_payer_set.items()):
        path = f"points[{index}]"
        if points < 0:
            yield _finding("COPAY-013", f"{path}.points", points=points)
        unknown = [key for key in payer_set if key not in known]
        if unknown or len(set(payer_set)) < len(payer_set):
            yield _finding("COPAY-012", f"{path}.programmes", programmes=", ".join(unknown or payer_set))
        elif not payer_set and not is_insured:
            yield _finding("COPAY-028", f"{path}.programmes")
        elif len(payer_set) > 1 and any(is_before_insurance(known[key].law_code) for key in payer_set):
            yield _finding("COPAY-015", f"{path}.programmes")


def _finding(code: str, field: str, **pairs: object) -> Finding:
    return Finding(code, Severity.BLOCK, Where(field=field), code.lower(), pairs)
