# SPDX-License-Identifier: Apache-2.0
"""小児科外来診療料・小児かかりつけ診療料 — one fee a day for a child, in place of what it contains (B001-2, B001-2-11)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation.base_fee import (
    FIRST_FAMILY,
    OUTPATIENT_FAMILY,
    REVISIT_FAMILY,
    Manner,
    Place,
    place_of,
)
from tasuki.calculation.diseases import INFLUENZA_OR_COVID_ICD10, is_charted, under_treatment
from tasuki.calculation.flags import Flag
from tasuki.calculation.rule import Advice, Denial, Proposal, Stage, rule
from tasuki.calculation.rules.management.comprehensive_codes import (
    PAEDIATRIC_FEES,
    PAEDIATRIC_HOME_DOCTOR,
    PAEDIATRIC_OUTPATIENT,
)
from tasuki.calculation.time_additions import INFANT_AGE, displays_paediatrics
from tasuki.chart.orders import Dispensing, OrderKind
from tasuki.facility.standards import NO_DISPENSING, PAEDIATRIC_OUTPATIENT_SYSTEM
from tasuki.kernel.because import facts
from tasuki.kernel.days import is_preschool, months_before, reached_on
from tasuki.masters.rows import Drug

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.calculation.rule import Outcome

R6 = date(2024, 6, 1)
FAMILIES = (FIRST_FAMILY, REVISIT_FAMILY, OUTPATIENT_FAMILY)
HOME_DOCTOR_STANDARDS = ("3467", "3764")
# 抗ＲＳウイルスヒトモノクローナル抗体製剤: パリビズマブ, ニルセビマブ.
ANTIBODIES = ("シナジス", "ベイフォータス", "パリビズマブ", "ニルセビマブ")
HOME_GUIDANCE = frozenset(f"C{number}" for number in range(100, 122))  # 在宅療養指導管理料
MONTHS_CARED_FOR = 12
# 小児抗菌薬適正使用支援加算: 急性気道感染症, 急性中耳炎, 急性副鼻腔炎, 急性下痢症.
ACUTE_ICD10 = (
    "J00", "J01", "J02", "J03", "J04", "J05", "J06", "J20", "J21", "H650", "H651", "H660", "A08", "A09",
    "K529",
)  # fmt: skip


@rule(
    "B001-2/paediatric_outpatient",
    title="小児科外来診療料・小児かかりつけ診療料",
    cite="医科点数表 B001-2 注1・注2, B001-2-11 注1・注2; 通知 B001-2 (1)・(2)・(4)〜(6)・(8), B001-2-11 (2)・(4)・(5); "
    "疑義解釈その1 (令和4年3月31日) 医科 問146",
    since=R6,
    families=FAMILIES,
    below_age=INFANT_AGE + 2,
)
def paediatric_outpatient(case: Case, draft: Draft) -> Outcome | tuple[Outcome, ...] | None:
    """小児科外来診療料 — for every child under six at an institution that displays paediatrics.

    小児かかりつけ診療料 goes first for a child whose family agreed to it. Online the fee of the visit is billed in
    place of 小児科外来診療料 (問146); of 小児かかりつけ診療料 no text says so, and it is shown. Where the institution has not said
    that it bills so, the fee is asked about instead of proposed.
    """
    if case.age.years > INFANT_AGE + 1 or not displays_paediatrics(case):
        return None
    manner = draft.manner
    if manner is Manner.TELEPHONE or place_of(case) is not Place.ONLY:
        return None
    if not draft.codes().isdisjoint(PAEDIATRIC_FEES):
        return None
    codes = _family(case)
    if codes is None or _excluded(case, draft) is not None:
        return None
    code, doubts = _choose(case, draft, codes)
    is_home_doctor = codes is not PAEDIATRIC_OUTPATIENT
    if manner is Manner.ONLINE:
        return Advice(code, facts(reason="online")) if is_home_doctor else None
    if not is_home_doctor and not case.has_standard(PAEDIATRIC_OUTPATIENT_SYSTEM):
        return Advice(code, facts(missing=case.standard_names((PAEDIATRIC_OUTPATIENT_SYSTEM,))))
    granted = Proposal(code, facts(age=case.age.years, prescription=_is_outside_code(code)))
    return (granted, *doubts)


def _family(case: Case) -> tuple[str, ...] | None:
    """The four codes that fit the child, None when it is too old for any."""
    home = _home_doctor(case)
    if home is not None and is_preschool(case.visit.person.born, case.day):
        return home
    if case.age.years < INFANT_AGE or _has_month_begun(case):
        return PAEDIATRIC_OUTPATIENT
    return None


def _home_doctor(case: Case) -> tuple[str, ...] | None:
    """小児かかりつけ診療料 — once agreed to it goes on, and from six only when it began before."""
    since = months_before(case.day, MONTHS_CARED_FOR)
    billed = next(
        (
            codes
            for codes in PAEDIATRIC_HOME_DOCTOR
            if any(line.day >= since for code in codes for line in case.history.of(code))
        ),
        None,
    )
    agreed = case.has_flag(Flag.HOME_DOCTOR_AGREED) and case.age.years < INFANT_AGE
    for codes, standard in zip(PAEDIATRIC_HOME_DOCTOR, HOME_DOCTOR_STANDARDS, strict=True):
        if case.has_standard(standard) and (billed is not None or agreed):
            return codes
    return None


def _has_month_begun(case: Case) -> bool:
    """通知 (8): billed before the birthday, it goes on to the end of that month."""
    earlier = case.billed_this_month(PAEDIATRIC_OUTPATIENT)
    return earlier is not None and earlier.day <= reached_on(case.visit.person.born, INFANT_AGE)


def _excluded(case: Case, draft: Draft) -> str | None:
    """What takes the fee away for the day: a drug against RS virus, or 在宅療養指導管理料."""
    for order in case.visit.orders:
        for item in order.items:
            row = case.book.item(item.code) if case.book.has(item.code) else None
            if isinstance(row, Drug) and row.name.startswith(ANTIBODIES):
                return row.code
    guided = next((act.code for act in draft.acts() if act.section.split("-")[0] in HOME_GUIDANCE), None)
    if guided is not None:
        return guided
    line = case.billed_this_month([code for code in case.history.by_code if _is_home_guidance(case, code)])
    return None if line is None else line.code


def _is_home_guidance(case: Case, code: str) -> bool:
    return (
        code[:3] == "114"
        and case.book.has(code)
        and (
            case.book.act(code).section.split("-")[0] in HOME_GUIDANCE and not case.book.act(code).is_addition
        )
    )


def _choose(case: Case, draft: Draft, codes: tuple[str, ...]) -> tuple[str, tuple[Outcome, ...]]:
    """処方箋の有無 — one prescription of the month makes it the month's; without any drug the institution's habit."""
    first_out, again_out, first_in, again_in = codes
    outside, inside = (first_out, again_out), (first_in, again_in)
    at = 0 if draft.is_first else 1
    kinds = {order.dispensing for order in case.visit.orders if order.kind in _DRUGS}
    billed_outside = case.billed_this_month([codes[0], codes[1]])
    billed_inside = case.billed_this_month([codes[2], codes[3]])
    if Dispensing.OUTSIDE in kinds:
        if billed_inside is not None:
            doubt = Advice(billed_inside.code, facts(reason="month", last_day=billed_inside.day))
            return outside[at], (doubt,)
        return outside[at], ()
    if billed_outside is not None:
        if kinds:
            return outside[at], (Advice(inside[at], facts(reason="emergency", last_day=billed_outside.day)),)
        return outside[at], ()
    if case.has_standard(NO_DISPENSING):
        return outside[at], ()
    if kinds or billed_inside is not None or any(code[:1] == "6" for code in case.history.by_code):
        return inside[at], ()
    return outside[at], (Advice(inside[at], facts(reason="no_drugs")),)


_DRUGS = (OrderKind.INTERNAL, OrderKind.AS_NEEDED, OrderKind.EXTERNAL)


def _is_outside_code(code: str) -> bool:
    return any(code in (codes[0], codes[1]) for codes in (PAEDIATRIC_OUTPATIENT, *PAEDIATRIC_HOME_DOCTOR))


@rule(
    "B001-2/excluded_children",
    title="小児科外来診療料の対象とならない日",
    cite="医科点数表 B001-2 注2; 通知 B001-2 (2)・(8)",
    since=R6,
    stage=Stage.CONDITION,
    codes=PAEDIATRIC_OUTPATIENT,
)
def excluded_children(case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """小児科外来診療料 — not beside 在宅療養指導管理料, not on the day of an RS antibody, not from six on."""
    standing = sorted(draft.codes().intersection(PAEDIATRIC_OUTPATIENT))
    if case.institution.departments and not displays_paediatrics(case):
        return tuple(Denial(code, "", facts(reason="not_paediatrics")) for code in standing)
    if case.age.years >= INFANT_AGE and not _has_month_begun(case):
        return tuple(Denial(code, "", facts(reason="age", age=case.age.years)) for code in standing)
    winner = _excluded(case, draft)
    return None if winner is None else tuple(Denial(code, winner) for code in standing)


@rule(
    "B001-2/not_face_to_face",
    title="小児科外来診療料・小児かかりつけ診療料と対面でない診療",
    cite="医科点数表 B001-2 注2, B001-2-11 注2; 疑義解釈その1 (令和4年3月31日) 医科 問146",
    since=R6,
    stage=Stage.CONDITION,
    codes=tuple(sorted(PAEDIATRIC_FEES)),
)
def not_face_to_face(case: Case, draft: Draft) -> tuple[Outcome, ...] | None:
    """対面でない診療 — neither fee by telephone; online not 小児科外来診療料, and 小児かかりつけ診療料 is asked about."""
    manner = draft.manner
    if manner is Manner.FACE_TO_FACE:
        return None
    return tuple(
        Denial(code, "", facts(reason=manner.value))
        if manner is Manner.TELEPHONE or code in PAEDIATRIC_OUTPATIENT
        else Advice(code, facts(reason=manner.value))
        for code in sorted(draft.codes() & PAEDIATRIC_FEES)
    )


@rule(
    "B001-2-11/after_six",
    title="小児かかりつけ診療料（6歳以上）",
    cite="医科点数表 B001-2-11 注1; 通知 B001-2-11 (2)",
    since=R6,
    stage=Stage.CONDITION,
    codes=[code for codes in PAEDIATRIC_HOME_DOCTOR for code in codes],
)
def after_six(case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """小児かかりつけ診療料 — from six only for a child that had it before six."""
    every = [code for codes in PAEDIATRIC_HOME_DOCTOR for code in codes]
    if case.age.years < INFANT_AGE:
        return None
    sixth = reached_on(case.visit.person.born, INFANT_AGE)
    if any(line.day <= sixth for code in every for line in case.history.of(code)):
        return None
    return tuple(
        Denial(code, "", facts(age=case.age.years)) for code in sorted(draft.codes().intersection(every))
    )


@rule(
    "B001-2/stewardship",
    title="小児抗菌薬適正使用支援加算",
    cite="医科点数表 B001-2 注4, B001-2-11 注4; 通知 B001-2 (13)",
    since=R6,
    codes=PAEDIATRIC_FEES,
)
def stewardship(case: Case, draft: Draft) -> Outcome | None:
    """小児抗菌薬適正使用支援加算 — at a first visit for an acute infection that needs no antibiotic, told in writing.

    Not where influenza or COVID-19 is found or only suspected.
    """
    fee = min(draft.codes() & PAEDIATRIC_FEES, default=None)
    if fee is None or not draft.is_first or not case.has_flag(Flag.ANTIBIOTIC_NOT_NEEDED):
        return None
    if is_charted(case, INFLUENZA_OR_COVID_ICD10):
        return None
    names = [
        row.name for _, row in under_treatment(case) if any(icd.startswith(ACUTE_ICD10) for icd in row.icd10)
    ]
    if not names:
        return None
    code = "113024670" if fee in PAEDIATRIC_OUTPATIENT else "113027870"
    return Proposal(code, facts(disease=names[0]), onto=fee)
