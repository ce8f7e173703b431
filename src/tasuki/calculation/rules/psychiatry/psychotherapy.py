# SPDX-License-Identifier: Apache-2.0
"""通院精神療法 — by the minutes the doctor gave, at a first visit and after it, and by who the doctor is (I002)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation.base_fee import (
    FIRST_FAMILY,
    OUTPATIENT_FAMILY,
    REVISIT_FAMILY,
    Manner,
)
from tasuki.calculation.diseases import under_treatment
from tasuki.calculation.flags import Fact, Flag
from tasuki.calculation.psychotropics import PsychotropicClass, kinds_of
from tasuki.calculation.rule import Advice, Denial, Proposal, Stage, rule
from tasuki.calculation.rules.psychiatry.home_psychotherapy import (
    HOME_BY_OTHERS,
    HOME_CODES,
    HOME_HALVED,
    HOME_LEAST,
    HOME_SHORTEST,
    home_code,
)
from tasuki.facility.standards import PSYCHOTHERAPY_BY_OTHERS
from tasuki.kernel.because import facts
from tasuki.kernel.days import months_before

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.calculation.rule import Outcome

R6 = date(2024, 6, 1)
R8 = date(2026, 6, 1)
PSYCHIATRY = "02"
SHORTEST, HALF_HOUR, HOUR = 5, 30, 60
FIRST_HOUR = {True: "180070310", False: "180067110"}  # 精神保健指定医, その他
FIRST_HALF_HOUR = "180774810"  # 令和8年度、精神保健指定医
LONG = {True: "180070410", False: "180067410"}
SHORT = {True: "180070510", False: "180067310"}
ONLINE_LONG, ONLINE_SHORT = "180761710", "180761810"
ONLINE = (ONLINE_LONG, ONLINE_SHORT)
FACE_TO_FACE = (*FIRST_HOUR.values(), FIRST_HALF_HOUR, *LONG.values(), *SHORT.values())
# 注6: three antidepressants or three antipsychotics in one prescription, half the points (要件減算).
HALVED = {
    "180070310": "180071530", "180067110": "180067230", "180070410": "180071630", "180067410": "180067630",
    "180070510": "180071730", "180067310": "180067530",
}  # fmt: skip
EVERY = frozenset((*FACE_TO_FACE, *ONLINE, *HALVED.values(), *HOME_CODES, *HOME_HALVED.values()))
BY_OTHERS = (FIRST_HOUR[False], LONG[False], SHORT[False], *HOME_BY_OTHERS)
MANY = 3
# 精神疾患, 精神症状を伴う脳器質性障害.
MENTAL_ICD10 = ("F", "G30", "G31", "G40")
# 疑義解釈その8 問15: 令和8年6月・7月診療分 without the notice.
GRACE_UNTIL = date(2026, 7, 31)


@rule(
    "I002/psychotherapy",
    title="通院精神療法",
    cite="医科点数表 I002 1 ロ・ハ, 注2・注12; 通知 I002 (1)・(2)・(4)・(5)",
    since=R6,
    families=(FIRST_FAMILY, REVISIT_FAMILY, OUTPATIENT_FAMILY),
)
def psychotherapy(case: Case, draft: Draft) -> Outcome | None:
    """通院精神療法 — proposed at a visit to psychiatry from the minutes given; without them they are asked for."""
    if case.visit.department != PSYCHIATRY or not draft.codes().isdisjoint(EVERY):
        return None
    manner = draft.manner
    disease = next((row for _, row in under_treatment(case) if _is_mental(row.icd10)), None)
    if manner is Manner.TELEPHONE or disease is None or _is_in_week(case):
        return None
    if case.visit.home is not None and manner is not Manner.ONLINE:
        return None
    if any(act.section.startswith("I") and act.section != "I002" for act in draft.acts()):
        return None
    is_designated = case.has_flag(Flag.DESIGNATED_PHYSICIAN)
    if case.visit.minutes is None:
        return Advice(SHORT[is_designated], facts(disease=disease.name, reason="minutes"))
    if manner is Manner.ONLINE and (not is_designated or draft.is_first):
        return None
    code = _code(case, draft, is_designated=is_designated, is_online=manner is Manner.ONLINE)
    if code is None:
        return None
    return Proposal(code, facts(disease=disease.name, minutes=case.visit.minutes))


@rule(
    "I002/at_home",
    title="在宅精神療法",
    cite="医科点数表 I002 2 ロ・ハ, 注2; 通知 I002 (1)・(2)・(4)・(5)",
    since=R6,
    needs=(Fact.AT_HOME,),
)
def at_home(case: Case, draft: Draft) -> Outcome | None:
    """在宅精神療法 — proposed at a visit of psychiatry to the home from the minutes given; asked for without them."""
    home = case.visit.home
    if home is None or case.visit.department != PSYCHIATRY or not draft.codes().isdisjoint(EVERY):
        return None
    disease = next((row for _, row in under_treatment(case) if _is_mental(row.icd10)), None)
    if disease is None or _is_in_week(case) or draft.manner is not Manner.FACE_TO_FACE:
        return None
    is_designated = case.has_flag(Flag.DESIGNATED_PHYSICIAN)
    if case.visit.minutes is None:
        code = HOME_SHORTEST[is_designated]
        return Advice(code, facts(disease=disease.name, reason="minutes"))
    chosen = home_code(case, is_first=draft.is_first, is_designated=is_designated)
    return (
        None if chosen is None else Proposal(chosen, facts(disease=disease.name, minutes=case.visit.minutes))
    )


def _code(case: Case, draft: Draft, *, is_designated: bool, is_online: bool) -> str | None:
    minutes = case.visit.minutes or 0
    if draft.is_first:
        if minutes >= HOUR:
            return FIRST_HOUR[is_designated]
        if minutes <= HALF_HOUR:
            return None
        return FIRST_HALF_HOUR if is_designated and case.day >= R8 else LONG[is_designated]
    if minutes <= SHORTEST:
        return None
    if is_online:
        return ONLINE_LONG if minutes >= HALF_HOUR else ONLINE_SHORT
    return (LONG if minutes >= HALF_HOUR else SHORT)[is_designated]


def _is_mental(icd10: tuple[str, ...]) -> bool:
    return any(icd.startswith(MENTAL_ICD10) for icd in icd10 if icd)


def _is_in_week(case: Case) -> bool:
    """Once a week from Sunday on; the table of limits says the same of an ordered fee."""
    if case.has_flag(Flag.DISCHARGED_WITHIN_MONTH):
        return False
    start = case.day.toordinal() - (case.day.weekday() + 1) % 7
    return any(line.day.toordinal() >= start for code in EVERY for line in case.history.of(code))


@rule(
    "I002/minutes",
    title="通院精神療法の診療時間",
    cite="医科点数表 I002 注2; 通知 I002 (4)・(5)",
    since=R6,
    stage=Stage.CONDITION,
    codes=EVERY,
)
def minutes(case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """通院精神療法の診療時間 — more than five minutes, at a first visit more than thirty, and as long as the code says."""
    given = case.visit.minutes
    if given is None:
        return None
    fallen = []
    for code in sorted(draft.codes() & EVERY):
        if draft.is_first and given <= HALF_HOUR:
            fallen.append(Denial(code, "", facts(reason="first", minutes=given)))
        elif given <= SHORTEST:
            fallen.append(Denial(code, "", facts(reason="short", minutes=given)))
        elif given < _least(code):
            fallen.append(Denial(code, "", facts(reason="code", minutes=given, least=_least(code))))
    return tuple(fallen) or None


def _least(code: str) -> int:
    plain = next((full for full, half in (*HALVED.items(), *HOME_HALVED.items()) if half == code), code)
    if plain in HOME_LEAST:
        return HOME_LEAST[plain]
    if plain in FIRST_HOUR.values():
        return HOUR
    return HALF_HOUR if plain in (*LONG.values(), ONLINE_LONG, FIRST_HALF_HOUR) else 0


@rule(
    "I002/too_many_drugs",
    title="通院精神療法と抗うつ薬・抗精神病薬3種類以上",
    cite="医科点数表 I002 注6・注12・注13; 通知 I002 (20)",
    since=R6,
    codes=(*FACE_TO_FACE, *ONLINE, *HOME_CODES),
)
def many_drugs(case: Case, draft: Draft) -> Outcome | None:
    """要件減算 — half the points with three antidepressants or antipsychotics, none at all online."""
    rows = [each.row for each in case.prescribed]
    count = max(
        kinds_of(rows, PsychotropicClass.ANTIDEPRESSANT), kinds_of(rows, PsychotropicClass.ANTIPSYCHOTIC)
    )
    if count < MANY:
        return None
    halved = {**HALVED, **HOME_HALVED}
    code = next((each for each in (*halved, FIRST_HALF_HOUR, *ONLINE) if each in draft.codes()), None)
    if code is None:
        return None
    if code in ONLINE:
        return Denial(code, "", facts(reason="online", count=count))
    if case.has_flag(Flag.PSYCHOTROPIC_EXCEPTION) or code not in halved:
        return None
    return Proposal(halved[code], facts(count=count), replaces=code)


@rule(
    "I002/by_others",
    title="通院精神療法（精神保健指定医以外、注13）",
    cite="医科点数表 I002 注13; 疑義解釈その8 (令和8年6月17日) 医科 問15",
    since=R8,
    stage=Stage.CHECK,
    codes=BY_OTHERS,
)
def by_others(case: Case, draft: Draft) -> tuple[Advice, ...] | None:
    """注13の減算 — sixty percent where the doctor is not designated and the institution has not notified; asked about.

    The code of the reduced fee is not known yet, so the full one is not silently billed.
    """
    if case.has_standard(PSYCHOTHERAPY_BY_OTHERS):
        return None
    reason = "grace" if case.day <= GRACE_UNTIL else "reduced"
    missing = case.standard_names((PSYCHOTHERAPY_BY_OTHERS,))
    standing = sorted(draft.codes().intersection(BY_OTHERS))
    return tuple(Advice(code, facts(reason=reason, missing=missing)) for code in standing)


@rule(
    "I002/online_within_year",
    title="情報通信機器を用いた精神療法と過去1年の診療",
    cite="医科点数表 I002 注12; 通知 I002 (情報通信機器); 疑義解釈その2 (令和8年4月1日) 医科 問84",
    since=R8,
    stage=Stage.CONDITION,
    codes=ONLINE,
)
def online_within_year(case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """情報通信機器を用いた精神療法 — at a revisit only when the patient was seen face to face within a year."""
    since = (
        case.day.replace(year=case.day.year - 1)
        if (case.day.month, case.day.day) != (2, 29)
        else (months_before(case.day, 12))
    )
    seen = any(
        line.day >= since and line.department in ("", PSYCHIATRY)
        for code in (*FACE_TO_FACE, *HALVED.values())
        for line in case.history.of(code)
    )
    if seen:
        return None
    return tuple(
        Denial(code, "", facts(first_day=since)) for code in sorted(draft.codes().intersection(ONLINE))
    )
