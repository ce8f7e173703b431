# SPDX-License-Identifier: Apache-2.0
"""リハビリテーションの計画・診療 — 総合計画評価料, 外来リハビリテーション診療料 and the data addition (H003-2, B001-2-7)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from tasuki.calculation.base_fee import BASE_CODES
from tasuki.calculation.flags import Flag
from tasuki.calculation.rule import Denial, Proposal, Stage, rule
from tasuki.calculation.rules.rehabilitation.units_and_days import SECTIONS, done
from tasuki.kernel.because import facts

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft

R6 = date(2024, 6, 1)
R8 = date(2026, 6, 1)
PLANS = {"180024710": 240, "180053910": 196}  # 計画評価料１・２ → 2回目以降の点数
DATA = "180066370"
DATA_STANDARD = "3780"
# 外来リハビリテーション診療料１・２ → the days within which no basic fee is billed for the rehabilitation.
VISITS = {"113013910": 7, "113014010": 14}


@rule(
    "H003-2/second_time",
    title="リハビリテーション総合計画評価料（２回目以降）",
    cite="医科点数表 H003-2 1・2; 疑義解釈その1 (令和8年3月23日) 医科 問41・問42・問44",
    since=R8,
    stage=Stage.CONDITION,
    codes=tuple(PLANS),
)
def second_time(case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """リハビリテーション総合計画評価料 — the first one here only once for a disease, unless a new onset began it anew.

    What was billed elsewhere does not count; what was billed here before 令和8年6月 does. The code of the later
    one is not known yet, so that it is named by its points.
    """
    if case.has_flag(Flag.NEW_REHABILITATION_START):
        return None
    fallen = []
    for code in sorted(draft.codes() & PLANS.keys()):
        before = max((line.day for each in PLANS for line in case.history.of(each)), default=None)
        if before is not None:
            fallen.append(Denial(code, "", facts(last_day=before, points=PLANS[code])))
    return tuple(fallen) or None


@rule(
    "H000/data_submission",
    title="リハビリテーションデータ提出加算",
    cite="医科点数表 H000 注7, H001 注8, H001-2 注8, H002 注8, H003 注7",
    since=R6,
    sections=SECTIONS,
)
def data_submission(case: Case, draft: Draft) -> Proposal | None:
    """リハビリテーションデータ提出加算 — once a month with disease-based rehabilitation, where it is notified."""
    if not case.has_standard(DATA_STANDARD) or not done(draft) or case.billed_this_month((DATA,)) is not None:
        return None
    return Proposal(DATA, facts(standard=case.standard_names((DATA_STANDARD,))[0]))


@rule(
    "B001-2-7/basic_fee",
    title="外来リハビリテーション診療料の期間の初・再診料",
    cite="医科点数表 B001-2-7 注2・注3",
    since=R6,
    stage=Stage.CONDITION,
    sections=SECTIONS,
)
def basic_fee(case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """外来リハビリテーション診療料 — within seven or fourteen days the rehabilitation brings no basic fee.

    A doctor who also treats another disease that day records it as 治療中の疾患の診察 and the fee stands.
    """
    if not done(draft) or case.has_flag(Flag.CONTINUED_TREATMENT):
        return None
    winner = next(
        (
            code
            for code, days in VISITS.items()
            for line in case.history.of(code)
            if case.day - timedelta(days=days - 1) <= line.day < case.day
        ),
        None,
    ) or next((code for code in VISITS if code in draft.codes()), None)
    if winner is None:
        return None
    return tuple(Denial(code, winner) for code in sorted(draft.codes() & BASE_CODES)) or None
