# SPDX-License-Identifier: Apache-2.0
"""在宅療養指導管理材料加算の対象 — each addition is for patients of one kind of care at home (C150 to C175)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation.diseases import is_charted
from tasuki.calculation.rule import Advice, Denial, Proposal, Stage, rule
from tasuki.kernel.because import facts
from tasuki.kernel.days import month_of, months_before

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.calculation.rule import Outcome

R6 = date(2024, 6, 1)
MONTHS_LOOKED_BACK = 3
# 区分番号 of the addition → those of the care whose patients its note names.
PARENTS: dict[str, tuple[str, ...]] = {
    "C150": ("C101", "C101-2", "C101-3"),
    "C151": ("C101",),
    "C152": ("C101",),
    "C152-2": ("C101",),
    "C152-3": ("C117",),
    "C152-4": ("C101",),
    "C153": ("C101",),
    "C154": ("C102",),
    "C155": ("C102",),
    "C156": ("C102-2",),
    "C157": ("C103",),
    "C158": ("C103",),
    "C159": ("C103",),
    "C159-2": ("C103",),
    "C160": ("C104",),
    "C161": ("C101", "C104", "C105", "C105-2", "C108", "C108-2", "C108-3"),
    "C162": ("C105", "C105-2", "C105-3"),
    "C163": ("C106",),
    "C164": ("C107",),
    "C165": ("C107-2",),
    "C166": ("C108", "C108-2"),
    "C167": ("C110", "C110-2", "C110-3"),
    "C168": ("C111",),
    "C168-2": ("C111",),
    "C169": ("C112", "C112-2"),
    "C170": ("C107",),
    "C171": ("C103",),
    "C171-2": ("C107-2",),
    "C171-3": ("C107-3",),
    "C172": ("C119",),
    "C173": ("C107",),
    "C174": ("C107-3",),
    "C175": ("C121",),
}
# 在宅抗菌薬吸入療法用ネブライザ加算: 1月目, 2月目以降.
NEBULISER = ("114051750", "114051850")
IN_PREGNANCY, AFTER_BIRTH = "114021110", "114050010"
WEEKS_AFTER_BIRTH = 12
PREGNANT_DIABETES_ICD10 = ("O24",)
VENTILATION = "114005410"
SLEEP_APNOEA_ICD10 = ("G473",)


@rule(
    "C150/patients",
    title="在宅療養指導管理材料加算の対象患者",
    cite="医科点数表 C150〜C175 注; 医科点数表 第2部第2節第2款 通則1; 通知 第2節第2款 1",
    since=R6,
    stage=Stage.CHECK,
    sections=tuple(PARENTS),
)
def patients(case: Case, draft: Draft) -> tuple[Advice, ...] | None:
    """材料加算の対象 — whoever has the care at home; the fee of the care need not be billed in the month itself.

    Where none of it stands today or within three months, a human is asked whether the patient has it.
    """
    advice: list[Advice] = []
    known = {act.section for act in draft.acts()}
    known |= case.keep("care at home of three months", _recent_sections)
    for act in draft.acts():
        parents = PARENTS.get(act.section)
        if parents is not None and known.isdisjoint(parents):
            advice.append(Advice(act.code))
    return tuple(advice) or None


def _recent_sections(case: Case) -> frozenset[str]:
    since = months_before(case.day, MONTHS_LOOKED_BACK)
    return frozenset(
        case.book.act(code).section
        for code, lines in case.history.by_code.items()
        if code[:3] == "114" and any(line.day >= since for line in lines) and case.book.has(code)
    )


@rule(
    "C175/month",
    title="在宅抗菌薬吸入療法用ネブライザ加算の月",
    cite="医科点数表 C175 1・2",
    since=R6,
    sections=("C175",),
)
def nebuliser(case: Case, draft: Draft) -> Proposal | None:
    """在宅抗菌薬吸入療法用ネブライザ加算 — the first month and those after it have codes of their own."""
    for unit in draft.units:
        row = unit.lines[0].row
        if row.code not in NEBULISER:
            continue
        months = {month_of(line.day) for code in NEBULISER for line in case.history.of(code)}
        right = NEBULISER[1] if months - {month_of(case.day)} else NEBULISER[0]
        if right != row.code:
            return Proposal(right, facts(month=case.day.month), replaces=row.code)
    return None


@rule(
    "C101-3/patient",
    title="在宅妊娠糖尿病患者指導管理料の対象",
    cite="医科点数表 C101-3 注1・注2; 通知 C101-3 (1)・(2)",
    since=R6,
    stage=Stage.CONDITION,
    sections=("C101-3",),
)
def pregnancy(case: Case, draft: Draft) -> tuple[Outcome, ...] | None:
    """在宅妊娠糖尿病患者指導管理料 — １ for diabetes in pregnancy, ２ once within twelve weeks of the birth after １.

    Whether the values of the note are reached, and whether １ was billed elsewhere, is asked.
    """
    outcomes: list[Outcome] = []
    if IN_PREGNANCY in draft.codes() and not is_charted(case, PREGNANT_DIABETES_ICD10):
        outcomes.append(Advice(IN_PREGNANCY))
    if AFTER_BIRTH in draft.codes():
        since = case.day.toordinal() - WEEKS_AFTER_BIRTH * 7
        again = max((line.day for line in case.history.of(AFTER_BIRTH)), default=None)
        if again is not None and again.toordinal() >= since:
            outcomes.append(Denial(AFTER_BIRTH, "", facts(last_day=again)))
        elif not case.history.of(IN_PREGNANCY):
            outcomes.append(Advice(AFTER_BIRTH, facts(reason="before")))
    return tuple(outcomes) or None


@rule(
    "C107/patients",
    title="在宅人工呼吸指導管理料の対象",
    cite="通知 C107; 疑義解釈その1 (平成26年3月31日) 医科 問67",
    since=R6,
    stage=Stage.CHECK,
    codes=(VENTILATION,),
)
def ventilation(case: Case, draft: Draft) -> Advice | None:
    """在宅人工呼吸指導管理料の対象 — not for sleep apnoea; where that is charted, the disease it is for is asked."""
    if VENTILATION not in draft.codes() or not is_charted(case, SLEEP_APNOEA_ICD10):
        return None
    return Advice(VENTILATION)
