# SPDX-License-Identifier: Apache-2.0
"""体外照射 — the second irradiation of a day, and for whom IMRT is billed (M001)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from tasuki.calculation.diseases import is_charted
from tasuki.calculation.rule import Advice, Denial, Proposal, Stage, rule
from tasuki.calculation.rules.standing_acts import Done, done
from tasuki.kernel.because import facts

if TYPE_CHECKING:
    from datetime import datetime

    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.calculation.rule import Outcome

# 1回目 → 2回目 of the same method.
SECOND = {
    "180008810": "180019410",
    "180020710": "180021410",
    "180020810": "180021510",
    "180020910": "180021610",
    "180021010": "180021710",
    "180021110": "180021810",
    "180021210": "180021910",
    "180021310": "180022010",
}
LEAST_INTERVAL = timedelta(hours=2)
IMRT = "180031910"
# Of lymph, blood and bone marrow: whether one of them is 固形 is for the doctor to say.
OF_BLOOD = tuple(f"C{number}" for number in (*range(81, 87), 88, *range(90, 97)))
SOLID = (*(f"C{number:02d}" for number in range(81)), "C97", "D0")


@rule(
    "M001/second_of_a_day",
    title="体外照射の1日2回目",
    cite="医科点数表 M001 1・2; 通知 M001(2)・(3)",
    since=date(2024, 6, 1),
    stage=Stage.CONDITION,
    codes=SECOND,
)
def second_of_a_day(case: Case, draft: Draft) -> tuple[Outcome, ...] | None:
    """体外照射の2回目 — another site of the day is the second irradiation; the same site again only after two hours."""
    found = sorted(done(draft, frozenset(SECOND)), key=lambda each: each.unit.group)
    if len(found) < 2:
        return None
    first, second, *others = found
    answer = _second(case, first, second)
    outcomes: list[Outcome] = [] if answer is None else [answer]
    outcomes.extend(
        Denial(each.row.code, first.row.code, facts(reason="third"), group=each.unit.group) for each in others
    )
    return tuple(outcomes) or None


def _second(case: Case, first: Done, second: Done) -> Outcome | None:
    if not first.unit.site or not second.unit.site:
        return Advice(second.row.code, facts(reason="site"))
    if first.unit.site != second.unit.site:
        known = facts(site=second.unit.site)
        code = SECOND[second.row.code]
        return Proposal(code, known, onto_group=second.unit.group, replaces=second.row.code)
    began, again = _at(case, first), _at(case, second)
    if began is None or again is None:
        return Advice(second.row.code, facts(site=second.unit.site, reason="time"))
    if abs(again - began) > LEAST_INTERVAL:
        return None
    return Denial(second.row.code, first.row.code, facts(site=second.unit.site), group=second.unit.group)


def _at(case: Case, each: Done) -> datetime | None:
    return next((order.at for order in case.visit.orders if order.id == each.unit.order_id), None)


@rule(
    "M001/imrt_patients",
    title="強度変調放射線治療（IMRT）の対象患者",
    cite="医科点数表 M001 3; 特掲診療料の施設基準等 別表第十一の三; 疑義解釈その5 (令和8年5月8日) 医科 問19",
    since=date(2026, 6, 1),
    stage=Stage.CONDITION,
    codes=(IMRT,),
)
def imrt_patients(case: Case, draft: Draft) -> Outcome | None:
    """IMRTの対象患者 — a solid malignancy whose metastases, if any, are few and lie in one field, as the doctor says."""
    if IMRT not in draft.codes() or is_charted(case, SOLID):
        return None
    return Advice(IMRT) if is_charted(case, OF_BLOOD) else Denial(IMRT, "")
