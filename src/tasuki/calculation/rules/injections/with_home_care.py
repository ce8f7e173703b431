# SPDX-License-Identifier: Apache-2.0
"""在宅療養指導管理と注射 — injections that a management fee or a home visit already pays."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from tasuki.calculation.rule import Denial, Stage, rule

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft

R6 = date(2024, 6, 1)
SELF_INJECTION = ("114021010", "114040610", "114028410", "114063110", "114062910", "114063010")
NUTRITION = "114004210"
NARCOTIC = ("114741810", "114741910", "114742010")
CHEMOTHERAPY, HEART, SHARED = "114742110", "114742210", "114021310"
HOME_VISITS = frozenset(
    (
        *("114001110", "114030310", "114042810", "114706310", "114706410", "114706610"),
        *("114042110", "114042210", "114046310"),
    )
)


class Contained(NamedTuple):
    """包含の組 — the sections of injections that the fees contain on the day of a home visit."""

    sections: frozenset[str]
    fees: frozenset[str]


# 医科点数表 G000 注2; G001 注3, G004 注4; G005 注4, G006 注2
ON_VISITS = (
    Contained(frozenset(("G000",)), frozenset((*SELF_INJECTION, *NARCOTIC, CHEMOTHERAPY, SHARED))),
    Contained(
        frozenset(("G001", "G004")),
        frozenset((*SELF_INJECTION, NUTRITION, *NARCOTIC, CHEMOTHERAPY, HEART, SHARED)),
    ),
    Contained(frozenset(("G005", "G006")), frozenset((*NARCOTIC, CHEMOTHERAPY, HEART, SHARED))),
)


@rule(
    "G000/on_home_visit",
    title="訪問診療の日の注射",
    cite="医科点数表 G000 注2, G001 注3, G004 注4, G005 注4, G006 注2; 通知 C101 (14)",
    since=R6,
    stage=Stage.CONDITION,
    sections=("G000", "G001", "G004", "G005", "G006"),
)
def on_home_visit(case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """訪問診療の日の注射 — contained for patients whose injections at home are managed, the drugs too."""
    if draft.codes().isdisjoint(HOME_VISITS):
        return None
    denials: list[Denial] = []
    for contained in ON_VISITS:
        fee = _fee(case, draft, contained.fees)
        if fee:
            denials += _denied_groups(draft, contained.sections, fee)
    return tuple(denials) or None


@rule(
    "G005/nutrition",
    title="在宅中心静脈栄養法の患者の中心静脈注射",
    cite="医科点数表 G005 注3, G006 注1; 通知 G005 (3), G006 (3)",
    since=R6,
    stage=Stage.CONDITION,
    sections=("G005", "G006"),
)
def nutrition(case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """中心静脈注射 — not for a patient whose 在宅中心静脈栄養法指導管理料 is billed in the month."""
    fee = _fee(case, draft, frozenset((NUTRITION,)))
    if not fee:
        return None
    codes = sorted({act.code for act in draft.acts() if act.section in ("G005", "G006")})
    return tuple(Denial(code, fee) for code in codes) or None


def _fee(case: Case, draft: Draft, fees: frozenset[str]) -> str:
    standing = min(draft.codes() & fees, default="")
    if standing:
        return standing
    billed = case.billed_this_month(fees)
    return "" if billed is None else billed.code


def _denied_groups(draft: Draft, sections: frozenset[str], fee: str) -> list[Denial]:
    groups = {
        unit.group
        for unit in draft.units
        for line in unit.lines
        if getattr(line.row, "section", "") in sections and line.kind == "SI"
    }
    return [
        Denial(line.code, fee, group=unit.group)
        for unit in draft.units
        if unit.group in groups
        for line in unit.lines
    ]
