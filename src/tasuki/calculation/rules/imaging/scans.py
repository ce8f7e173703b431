# SPDX-License-Identifier: Apache-2.0
"""CT・MRI・PET — scans of one month that lean on one another, head injuries of children, drips of contrast."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation.diseases import is_charted
from tasuki.calculation.rule import Advice, Denial, Proposal, rule
from tasuki.kernel.because import facts
from tasuki.masters.rows import Act

if TYPE_CHECKING:
    from collections.abc import Collection

    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.calculation.rule import Outcome

REDUCTION = "170022290"  # 2回目以降減算（CT、MRI）
# A scan in one machine with PET → the scan whose second time it makes.
AFTER_PET = {"E200": "E101-3", "E202": "E101-4"}
# PET・CT複合撮影 → the PET billed instead when a CT of the month came before.
PET_ALONE = {
    "170027210": "170020610", "170027310": "170024810", "170704410": "170703210", "170704610": "170703410",
    "170704810": "170703610",
}  # fmt: skip
# CT撮影 → the code of the same for a head injury below six.
HEAD_INJURY = {
    "170034910": "170038710", "170033410": "170038810", "170011810": "170038910", "170028610": "170039010",
    "170011710": "170039110", "170012110": "170039210",
}  # fmt: skip
HEAD_INJURY_AGE, HEAD_INJURIES = 6, ("S00", "S01", "S02", "S06", "S09", "T06")
CONTRAST_DRIPS = ("170034310", "170034410", "170034510")
INJECTIONS = ("G001", "G004")


@rule(
    "E200/after_pet",
    title="PET複合撮影後のCT・MRI",
    cite="通知 第4部第3節 1(1)",
    since=date(2024, 6, 1),
    sections=AFTER_PET,
)
def after_pet(case: Case, draft: Draft) -> tuple[Proposal, ...] | None:
    """コンピューター断層撮影 — after a combined PET of the month CT and MRI count 80/100 from the first time."""
    past = _sections_of_month(case, AFTER_PET.values())
    proposals = []
    for unit in draft.units:
        scan = next(
            (
                row
                for line in unit.lines
                if isinstance(row := line.row, Act)
                and AFTER_PET.get(row.section) in past
                and not row.is_addition
                and row.month_reduction == "1"
            ),
            None,
        )
        if scan is None or any(line.code == REDUCTION for line in unit.lines):
            continue
        known = facts(test=scan.name, last_day=past[AFTER_PET[scan.section]])
        proposals.append(Proposal(REDUCTION, known, onto=scan.code, onto_group=unit.group))
    return tuple(proposals) or None


@rule(
    "E101-3/after_ct",
    title="CT撮影後のPET・CT複合撮影",
    cite="通知 E101-3(2)",
    since=date(2024, 6, 1),
    codes=PET_ALONE,
)
def after_ct(case: Case, draft: Draft) -> tuple[Proposal, ...] | None:
    """ポジトロン断層・コンピューター断層複合撮影 — after a CT of the month ポジトロン断層撮影 is billed instead."""
    past = _sections_of_month(case, ("E200",))
    if not past:
        return None
    return tuple(
        Proposal(
            PET_ALONE[line.code], facts(last_day=past["E200"]), onto_group=unit.group, replaces=line.code
        )
        for unit in draft.units
        for line in unit.lines
        if line.code in PET_ALONE
    )


def _sections_of_month(case: Case, sections: Collection[str]) -> dict[str, date]:
    """The last day of the month on which an act of each section was billed."""
    month = (case.day.year, case.day.month)
    found: dict[str, date] = {}
    for line in case.history.lines:
        if (line.day.year, line.day.month) != month or line.day > case.day or line.code[:2] != "17":
            continue
        if case.book.has(line.code) and (section := case.book.act(line.code).section) in sections:
            found[section] = max(line.day, found.get(section, line.day))
    return found


@rule(
    "E200/head_injury",
    title="小児の頭部外傷のCT撮影",
    cite="医科点数表 第4部第3節 通則4; 通知 第4部第3節 4",
    since=date(2024, 6, 1),
    codes=HEAD_INJURY,
)
def head_injury(case: Case, draft: Draft) -> tuple[Advice, ...] | None:
    """頭部外傷撮影加算 — a CT for a head injury below six has a code of its own, with a larger addition."""
    if case.age.years >= HEAD_INJURY_AGE or not is_charted(case, HEAD_INJURIES):
        return None
    codes = sorted(draft.codes() & HEAD_INJURY.keys())
    return tuple(Advice(HEAD_INJURY[code], facts(test=case.name_of(code))) for code in codes) or None


@rule(
    "E003/drip_billed",
    title="造影剤注入手技（点滴注射）と注射料",
    cite="通知 E003(1)",
    since=date(2024, 6, 1),
    codes=CONTRAST_DRIPS,
)
def drip_billed(case: Case, draft: Draft) -> tuple[Outcome, ...] | None:
    """造影剤注入手技（点滴注射） — falls where 静脈内注射 or 点滴注射 of the day is billed."""
    found = next((act.code for act in draft.acts() if act.section in INJECTIONS and act.points), "")
    if not found:
        found = next(
            (
                line.code
                for line in case.today
                if line.code[:1] == "1" and case.book.has(line.code)
                and case.book.act(line.code).section in INJECTIONS
            ),
            "",
        )  # fmt: skip
    if not found:
        return None
    return tuple(Denial(code, found) for code in CONTRAST_DRIPS if code in draft.codes())
