# SPDX-License-Identifier: Apache-2.0
"""診療情報提供料（Ⅰ）の加算・こころの連携指導料 — what a letter to another institution may carry (B009, B005-12, B005-13)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from tasuki.calculation.diseases import is_charted, is_under_treatment
from tasuki.calculation.flags import Flag
from tasuki.calculation.rule import Advice, Denial, Stage, rule
from tasuki.calculation.rules.basic.community_care import DEMENTIA_ICD10
from tasuki.kernel.because import facts
from tasuki.kernel.days import months_after, months_before

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.calculation.rule import Outcome

R6 = date(2024, 6, 1)
LETTER = "180016110"
DISCHARGE_STATE, DISCHARGE_RESULTS = "113009470", "113023470"
DEMENTIA_SUSPECTED, DEMENTIA_WORSE = "113011070", "113012570"
PSYCHIATRIST, INTERFERON = "113011170", "113012670"
ADDITIONS = (
    "113009470", "113010970", "113011070", "113011170", "113012570", "113012670", "113016170", "113023370",
    "113023470", "113023570", "113028670", "113032270",
)  # fmt: skip
PSYCHIATRY, PSYCHOSOMATIC = "02", "33"
MENTAL_ICD10 = ("F",)
HEPATITIS_ICD10 = ("B16", "B17", "B18", "B19")
MENTAL_LINK, MENTAL_LINK_BACK = "113043010", "113043110"
MONTHS_OF_LINK = 12
CONSENT = "113004310"
FIRST_HALF = 15


@rule(
    "B009/alone",
    title="診療情報提供料（Ⅰ）の加算",
    cite="医科点数表 B009 注8〜注18",
    since=R6,
    stage=Stage.CONDITION,
    codes=ADDITIONS,
)
def alone(case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """診療情報提供料（Ⅰ）の加算 — only on a letter billed at this visit."""
    if LETTER in draft.codes():
        return None
    return tuple(Denial(code, "") for code in sorted(draft.codes().intersection(ADDITIONS)))


@rule(
    "B009/discharged",
    title="退院時診療状況添付加算・検査・画像情報提供加算イ",
    cite="医科点数表 B009 注8・注18イ; 通知 B009 (21)",
    since=R6,
    stage=Stage.CHECK,
    codes=(DISCHARGE_STATE, DISCHARGE_RESULTS),
)
def discharged(case: Case, draft: Draft) -> tuple[Advice, ...] | None:
    """退院した患者の加算 — in the month of the discharge or the next; asked where no discharge is recorded."""
    left = case.visit.home.discharged_on if case.visit.home is not None else None
    is_recent = left is not None and left >= months_before(case.day, 2)
    if is_recent or case.has_flag(Flag.DISCHARGED_WITHIN_MONTH):
        return None
    standing = sorted(draft.codes() & {DISCHARGE_STATE, DISCHARGE_RESULTS})
    return tuple(Advice(code) for code in standing) or None


@rule(
    "B009/dementia",
    title="認知症専門医療機関紹介・連携加算",
    cite="医科点数表 B009 注10・注11; 通知 B009 (23)・(24)",
    since=R6,
    stage=Stage.CONDITION,
    codes=(DEMENTIA_SUSPECTED, DEMENTIA_WORSE),
)
def dementia(case: Case, draft: Draft) -> tuple[Outcome, ...] | None:
    """認知症の加算 — to find out about a suspected dementia, or when one already diagnosed has become worse."""
    outcomes: list[Outcome] = []
    is_diagnosed = is_under_treatment(case, DEMENTIA_ICD10)
    if DEMENTIA_WORSE in draft.codes() and not is_diagnosed:
        outcomes.append(Denial(DEMENTIA_WORSE, "", facts(reason="no_disease")))
    if DEMENTIA_SUSPECTED in draft.codes() and is_diagnosed:
        outcomes.append(Advice(DEMENTIA_SUSPECTED, facts(reason="diagnosed")))
    elif DEMENTIA_SUSPECTED in draft.codes() and not is_charted(case, DEMENTIA_ICD10):
        outcomes.append(Advice(DEMENTIA_SUSPECTED))
    return tuple(outcomes) or None


@rule(
    "B009/psychiatrist",
    title="精神科医連携加算",
    cite="医科点数表 B009 注12; 通知 B009 (25)",
    since=R6,
    stage=Stage.CONDITION,
    codes=(PSYCHIATRIST,),
)
def psychiatrist(case: Case, draft: Draft) -> Outcome | None:
    """精神科医連携加算 — from a doctor of another department, for a suspected mental disorder, the visit booked."""
    if PSYCHIATRIST not in draft.codes():
        return None
    if case.visit.department == PSYCHIATRY:
        return Denial(PSYCHIATRIST, "", facts(reason="department"))
    return None if is_charted(case, MENTAL_ICD10) else Advice(PSYCHIATRIST)


@rule(
    "B009/hepatitis",
    title="肝炎インターフェロン治療連携加算",
    cite="医科点数表 B009 注13; 通知 B009 (26)",
    since=R6,
    stage=Stage.CONDITION,
    codes=(INTERFERON,),
)
def hepatitis(case: Case, draft: Draft) -> Denial | None:
    """肝炎インターフェロン治療連携加算 — for a patient under treatment for viral hepatitis."""
    if INTERFERON not in draft.codes() or is_under_treatment(case, HEPATITIS_ICD10):
        return None
    return Denial(INTERFERON, "")


@rule(
    "B005-12/department",
    title="こころの連携指導料（Ⅰ）と精神科・心療内科",
    cite="医科点数表 B005-12 注; 疑義解釈その1 (令和4年3月31日) 医科 問163・問164",
    since=R6,
    stage=Stage.CONDITION,
    codes=(MENTAL_LINK,),
)
def not_by_psychiatry(case: Case, draft: Draft) -> Denial | None:
    """こころの連携指導料（Ⅰ） — not when the doctor is of 精神科 or 心療内科; another department of such a hospital may."""
    if MENTAL_LINK not in draft.codes() or case.visit.department not in (PSYCHIATRY, PSYCHOSOMATIC):
        return None
    return Denial(MENTAL_LINK, "")


@rule(
    "B005-13/department",
    title="こころの連携指導料（Ⅱ）と精神科・心療内科",
    cite="医科点数表 B005-13 注",
    since=R6,
    stage=Stage.CONDITION,
    codes=(MENTAL_LINK_BACK,),
)
def only_by_psychiatry(case: Case, draft: Draft) -> Denial | None:
    """こころの連携指導料（Ⅱ） — only by a doctor of 精神科 or 心療内科."""
    if MENTAL_LINK_BACK not in draft.codes() or case.visit.department in (PSYCHIATRY, PSYCHOSOMATIC):
        return None
    return Denial(MENTAL_LINK_BACK, "")


@rule(
    "B005-12/period",
    title="こころの連携指導料の期間",
    cite="医科点数表 B005-12 注, B005-13 注",
    since=R6,
    stage=Stage.CONDITION,
    codes=(MENTAL_LINK, MENTAL_LINK_BACK),
)
def period(case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """こころの連携指導料の期間 — twelve months counted from the month of the first one."""
    fallen = []
    for code in sorted(draft.codes() & {MENTAL_LINK, MENTAL_LINK_BACK}):
        first = min((line.day for line in case.history.of(code)), default=None)
        if first is not None and first < months_before(case.day, MONTHS_OF_LINK):
            fallen.append(Denial(code, "", facts(first_day=first)))
    return tuple(fallen) or None


@rule(
    "B005-12/letter",
    title="こころの連携指導料の初回の診療情報提供料",
    cite="通知 B005-12 (4), B005-13 (3)",
    since=R6,
    stage=Stage.CONDITION,
    codes=(MENTAL_LINK, MENTAL_LINK_BACK),
)
def first_letter(case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """初回の文書 — the letter of the first time is part of the fee; 連携強化診療情報提供料 too with （Ⅱ）."""
    fee = next(
        (
            code
            for code in (MENTAL_LINK, MENTAL_LINK_BACK)
            if code in draft.codes() and not case.history.of(code)
        ),
        None,
    )
    if fee is None:
        return None
    letters = (LETTER,) if fee == MENTAL_LINK else (LETTER, "113032310")
    return tuple(Denial(code, fee) for code in letters if code in draft.codes()) or None


@rule(
    "B013/again",
    title="療養費同意書の再交付",
    cite="通知 B013 (5)〜(7)",
    since=R6,
    stage=Stage.CHECK,
    codes=(CONSENT,),
)
def consent_again(case: Case, draft: Draft) -> Advice | None:
    """療養費同意書の再交付 — not before the end of the fourth month after the last, of the fifth from the 16th on.

    Whether the last was for the same treatment, or either for 変形徒手矯正術, no record says, so it is asked.
    """
    if CONSENT not in draft.codes():
        return None
    last = max((line.day for line in case.history.of(CONSENT)), default=None)
    if last is None:
        return None
    months = 4 if last.day <= FIRST_HALF else 5
    until = months_after(last.replace(day=1), months + 1) - timedelta(days=1)
    return Advice(CONSENT, facts(last_day=last, until=until)) if case.day <= until else None
