# SPDX-License-Identifier: Apache-2.0
"""内視鏡検査 — neighbouring scopes, pictures taken elsewhere, and urgent hours of a throat camera (医科点数表 D295〜D325)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation.flags import Flag
from tasuki.calculation.rule import Advice, Denial, Proposal, Stage, rule
from tasuki.calculation.time_additions import act_time_kind
from tasuki.kernel.because import facts

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.calculation.rule import Outcome

# Scopes that pass one another on the way: 区分番号 of one neighbourhood.
NEIGHBOURS = (("D306", "D308"), ("D298", "D299", "D302"), ("D312", "D313"))
PICTURES_FROM_ELSEWHERE = "160092050"
THROAT_CAMERA, THROAT_HOURS = "160235650", "160240870"
NIGHT_ADDITIONS = ("111012470", "112015570")


@rule(
    "D295/neighbours",
    title="近接する部位の内視鏡検査",
    cite="通知 第3部第3節 内視鏡検査(12)イ",
    since=date(2024, 6, 1),
    sections=[section for each in NEIGHBOURS for section in each],
)
def neighbours(_case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """近接する部位の内視鏡検査 — scopes of neighbouring parts one after another count as the main one."""
    found = []
    for sections in NEIGHBOURS:
        rows = {act.code: act for act in draft.acts() if act.section in sections and not act.is_addition}
        ranked = sorted(rows.values(), key=lambda row: (-row.points, row.code))
        found += [Denial(row.code, ranked[0].code) for row in ranked[1:] if row.section != ranked[0].section]
    return tuple(found) or None


@rule(
    "D295/pictures_from_elsewhere",
    title="他の医療機関で撮影した内視鏡写真の診断",
    cite="医科点数表 第3部内視鏡検査 通則3; 通知 第3部第3節 内視鏡検査(3)",
    since=date(2024, 6, 1),
    stage=Stage.CONDITION,
    codes=(PICTURES_FROM_ELSEWHERE,),
)
def pictures_from_elsewhere(_case: Case, draft: Draft) -> Denial | None:
    """内視鏡写真診断 — only on the day of a first visit."""
    if draft.is_first or PICTURES_FROM_ELSEWHERE not in draft.codes():
        return None
    return Denial(PICTURES_FROM_ELSEWHERE, "")


@rule(
    "D296-3/hours",
    title="時間外加算（内視鏡用テレスコープを用いた咽頭画像等解析）",
    cite="医科点数表 D296-3 注; 通知 D296-3(3)・(4)",
    since=date(2024, 6, 1),
    codes=(THROAT_CAMERA,),
)
def throat_hours(case: Case, draft: Draft) -> tuple[Outcome, ...] | None:
    """時間外加算 — 200 points for an urgent reading outside the displayed hours; then no 夜間・早朝等加算."""
    units = (unit for unit in draft.units if any(line.code == THROAT_CAMERA for line in unit.lines))
    unit = next(units, None)
    if unit is None or any(line.code == THROAT_HOURS for line in unit.lines):
        return None
    kind = act_time_kind(case, unit.order_id)
    if kind is None:
        return None
    known = facts(kind=kind.value)
    if not case.has_flag(Flag.EMERGENCY_TEST):
        return (Advice(THROAT_HOURS, known),)
    lost = tuple(Denial(code, THROAT_HOURS) for code in NIGHT_ADDITIONS if code in draft.codes())
    return (Proposal(THROAT_HOURS, known, onto=THROAT_CAMERA, onto_group=unit.group), *lost)
