# SPDX-License-Identifier: Apache-2.0
"""精神療法の時間と回数 — 精神分析, 認知療法, 心身医学療法, and long-acting injections (I003, I003-2, I004, I013)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation.diseases import under_treatment
from tasuki.calculation.flags import Flag
from tasuki.calculation.rule import Advice, Denial, Proposal, Stage, rule
from tasuki.kernel.because import facts
from tasuki.kernel.days import months_before
from tasuki.masters.rows import Drug

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.calculation.rule import Outcome

R6 = date(2024, 6, 1)
ANALYSIS = "180006810"
COGNITIVE = ("180056410", "180047810", "180777110")
PSYCHOSOMATIC_FIRST, PSYCHOSOMATIC = "180020610", "180020010"
# Code, the minutes that must be exceeded, whether only at a first visit.
EXCEEDED = {ANALYSIS: (45, False), **dict.fromkeys(COGNITIVE, (30, False)), PSYCHOSOMATIC_FIRST: (30, True)}
SERIES_TIMES = 16
SERIES_MONTHS = 12
# 持続性抗精神病注射薬剤 (薬価基準収載医薬品コード): リスペリドン, パリペリドン, アリピプラゾール, ハロペリドール, フルフェナジン.
LONG_ACTING = ("1179408", "1179409", "1179410", "1179406", "1179407", "1172405")
LONG_ACTING_CARE = "180012610"
SCHIZOPHRENIA = ("F20",)


@rule(
    "I003/minutes",
    title="精神分析療法・認知療法・心身医学療法の診療時間",
    cite="医科点数表 I003 注, I003-2 注3, I004 注2",
    since=R6,
    stage=Stage.CONDITION,
    codes=tuple(EXCEEDED),
)
def minutes(case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """診療時間 — more than 45 minutes of analysis, 30 of cognitive therapy, 30 at the first visit of 心身医学療法."""
    given = case.visit.minutes
    if given is None:
        return None
    return (
        tuple(
            Denial(code, "", facts(minutes=given, least=EXCEEDED[code][0]))
            for code in sorted(draft.codes() & EXCEEDED.keys())
            if given <= EXCEEDED[code][0] and (draft.is_first or not EXCEEDED[code][1])
        )
        or None
    )


@rule(
    "I003-2/series",
    title="認知療法・認知行動療法の回数",
    cite="医科点数表 I003-2 注1; 疑義解釈その2 (令和8年4月1日) 医科 問87",
    since=R6,
    stage=Stage.CONDITION,
    codes=COGNITIVE,
)
def series(case: Case, draft: Draft) -> tuple[Outcome, ...] | None:
    """認知療法・認知行動療法の回数 — sixteen times in one series; insomnia beside depression or anxiety has a series of its own."""
    since = months_before(case.day, SERIES_MONTHS)
    times = sum(line.count for code in COGNITIVE for line in case.history.of(code) if line.day >= since)
    if times < SERIES_TIMES:
        return None
    standing = sorted(draft.codes().intersection(COGNITIVE))
    if times < 2 * SERIES_TIMES and _has_insomnia_besides(case):
        return tuple(Advice(code, facts(reason="two", count=times)) for code in standing)
    return tuple(Denial(code, "", facts(count=times)) for code in standing)


def _has_insomnia_besides(case: Case) -> bool:
    rows = [row for _, row in under_treatment(case)]
    has_insomnia = any(icd.startswith(("G470", "F510")) for row in rows for icd in row.icd10)
    return has_insomnia and any(icd.startswith(("F3", "F40", "F41")) for row in rows for icd in row.icd10)


@rule(
    "I004/visit",
    title="心身医学療法の初診時・再診時",
    cite="医科点数表 I004 2 イ・ロ, 注4",
    since=R6,
    codes=(PSYCHOSOMATIC_FIRST, PSYCHOSOMATIC),
)
def psychosomatic(_case: Case, draft: Draft) -> Proposal | None:
    """心身医学療法 — the code of a first visit at a first visit, the other at a revisit."""
    right = PSYCHOSOMATIC_FIRST if draft.is_first else PSYCHOSOMATIC
    ordered = next((code for code in (PSYCHOSOMATIC_FIRST, PSYCHOSOMATIC) if code in draft.codes()), None)
    return (
        None
        if ordered is None or right == ordered
        else Proposal(right, facts(is_first=draft.is_first), replaces=ordered)
    )


@rule(
    "I013/long_acting",
    title="持続性抗精神病注射薬剤治療指導管理料",
    cite="医科点数表 I013 1 ロ・注2",
    since=R6,
    chapters=("G",),
)
def long_acting(case: Case, draft: Draft) -> Outcome | None:
    """持続性抗精神病注射薬剤治療指導管理料 — on the day such a drug is injected for schizophrenia, once a month."""
    rows = [line.row for line in draft.lines() if isinstance(line.row, Drug)]
    if not any(act.chapter == "G" for act in draft.acts()):
        return None
    if not any(row.price_list_code.startswith(LONG_ACTING) for row in rows):
        return None
    if LONG_ACTING_CARE in draft.codes() or case.billed_this_month((LONG_ACTING_CARE,)) is not None:
        return None
    disease = next(
        (row for _, row in under_treatment(case) if any(icd.startswith(SCHIZOPHRENIA) for icd in row.icd10)),
        None,
    )
    if disease is None:
        return None
    if not case.has_flag(Flag.GUIDANCE_GIVEN):
        return Advice(LONG_ACTING_CARE, facts(disease=disease.name, missing_flag=Flag.GUIDANCE_GIVEN.value))
    return Proposal(LONG_ACTING_CARE, facts(disease=disease.name))
