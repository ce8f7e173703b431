# SPDX-License-Identifier: Apache-2.0
"""CT・MRI・PET — scans of one month that lean on one another, head injuries of children, drips of contrast."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation.diseases import is_charted
from tasuki.calculation.rule import Advice, Denial, Proposal, Stage, rule
from tasuki.calculation.rules.standing_acts import done, ranked
from tasuki.kernel.because import facts
from tasuki.masters.rows import Act, Drug

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

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
SCANNERS = ("E200", "E202")
CONTRAST_ADDITIONS = ("170012070", "170020470")
CONTRAST_CLASSES = ("721", "729")  # 薬効分類 X線造影剤, その他の診断用薬


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
    "E200/at_one_time",
    title="同時に行ったCT撮影・MRI撮影",
    cite="医科点数表 E200 注2, E202 注2",
    since=date(2024, 6, 1),
    stage=Stage.CONDITION,
    sections=SCANNERS,
)
def at_one_time(case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """同時に行ったCT・MRI — of several of one kind at one time the main one only, however many parts were taken.

    Orders of the same instant, or without one, are of one time; another instant is a second time of the month.
    """
    instants = {order.id: order.at for order in case.visit.orders}
    denials: list[Denial] = []
    for section in SCANNERS:
        mains: dict[datetime | None, Act] = {}
        for each in ranked(done(draft, (section,))):
            instant = instants.get(each.unit.order_id)
            if instant in mains:
                denials.append(Denial(each.row.code, mains[instant].code, group=each.unit.group))
            else:
                mains[instant] = each.row
    return tuple(denials) or None


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


@rule(
    "E200/contrast_or_injection",
    title="造影剤使用加算と注射料",
    cite="医科点数表 E200 注3, E202 注3; 疑義解釈その14 (平成27年6月30日) 医科 問8",
    since=date(2024, 6, 1),
    stage=Stage.CONDITION,
    codes=CONTRAST_ADDITIONS,
)
def contrast_or_injection(_case: Case, draft: Draft) -> tuple[Outcome, ...] | None:
    """造影剤使用加算と注射料 — of the addition and the injection that brought the contrast medium the main one only.

    An injection whose drugs hold no contrast medium may be for something else: it is shown.
    """
    addition = next((code for code in CONTRAST_ADDITIONS if code in draft.codes()), "")
    if not addition:
        return None
    of_contrast = {
        unit.order_id
        for unit in draft.units
        for line in unit.lines
        if isinstance(line.row, Drug) and line.row.price_list_code.startswith(CONTRAST_CLASSES)
    }
    outcomes: list[Outcome] = []
    for each in done(draft, INJECTIONS):
        if each.unit.order_id in of_contrast:
            outcomes.append(Denial(each.row.code, addition, group=each.unit.group))
        else:
            outcomes.append(Advice(each.row.code, facts(lost_to=addition)))
    return tuple(outcomes) or None
