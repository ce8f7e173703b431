# SPDX-License-Identifier: Apache-2.0
"""検査の対象患者 — tests that the 通知 allows only at some ages or for some diseases, one row each.

Ages that the master itself carries (col 41, 42) are no rows here. A condition on age is firm: outside it the test falls, or a human is asked where the 通知 names other patients
beside the ages. A condition on disease is only asked about: whether the name charted is the one the 通知 means
is the doctor's to say.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from tasuki.calculation.diseases import is_charted, is_under_treatment
from tasuki.calculation.rule import Advice, Denial, Stage, rule
from tasuki.kernel.because import facts

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.calculation.rule import Outcome

_DIABETES = ("E10", "E11", "E12", "E13", "E14")
_HEART_FAILURE = ("I50", "I110", "I130", "I132", "I971", "P290")
_OSTEOPOROSIS = ("M80", "M81", "M82")
_RICKETS = ("E55", "M83", "E643")
_COLITIS, _CROHN = ("K51",), ("K50",)
_PNEUMONIA = ("J12", "J13", "J14", "J15", "J16", "J17", "J18")
_CIRRHOSIS = ("K74", "K703", "K717", "K746")
_SEPSIS = ("A40", "A41", "P36", "A427", "B377", "R572")
_ACQUIRED_DEAFNESS, _CONGENITAL_DEAFNESS = ("H91",), ("H90", "Q16")
_TUBERCULOSIS = ("A15", "A16", "A17", "A18", "A19", "B90", "R761")
_SKIN = (
    "C43", "C44", "D03", "D04", "D17", "D18", "D22", "D23", "L56", "L57", "L63", "L81", "L82", "L989", "Q825", "D485",
)  # fmt: skip
_BLADDER = ("N31", "N32", "N40", "N394", "N318", "G834", "R32", "R39")


class DiseaseCondition(NamedTuple):
    """対象疾患 — the ICD-10 blocks of which one has to be charted (疑い included) for a test."""

    codes: tuple[str, ...]
    icd10: tuple[str, ...]
    wanted: str
    cite: str


class AgeCondition(NamedTuple):
    """対象年齢 — a test for those below ``under`` or of ``least`` years and more.

    ``is_firm`` is false where other patients are named beside the ages, whom only a human knows.
    """

    codes: tuple[str, ...]
    wanted: str
    cite: str
    under: int | None = None
    least: int | None = None
    is_firm: bool = True


DISEASE_CONDITIONS = (
    DiseaseCondition(("160004810", "160157750", "160169250"), _DIABETES, "糖尿病性早期腎症（疑いを含む）", "通知 D001(3)"),
    DiseaseCondition(("160210610",), ("N20", "N21", "N22", "N23"), "再発性尿路結石症", "通知 D001(7)"),
    DiseaseCondition(("160237350",), _COLITIS, "潰瘍性大腸炎", "通知 D001(6)"),
    DiseaseCondition(("160210050", "160223850"), (*_COLITIS, *_CROHN), "潰瘍性大腸炎・クローン病", "通知 D003(2), D007(46)"),
    DiseaseCondition(("160184150",), ("H10",), "アレルギー性結膜炎", "通知 D004(7)"),
    DiseaseCondition(("160162350", "160181250"), _HEART_FAILURE, "心不全", "通知 D008(9)・(10)"),
    DiseaseCondition(("160215350",), (*_OSTEOPOROSIS, *_RICKETS), "骨粗鬆症・くる病・骨軟化症", "通知 D007(24)"),
    DiseaseCondition(("160168150", "160192710"), ("I21", "I22"), "急性心筋梗塞", "通知 D007(27)"),
    DiseaseCondition(("160192810", "160177550", "160202450"), _SEPSIS, "敗血症", "通知 D007(47)・(48)"),
    DiseaseCondition(("160184250",), _DIABETES, "冠動脈疾患既往歴のある糖尿病", "通知 D007(39)"),
    DiseaseCondition(("160231210",), ("N97", "E282", "N46"), "不妊症・多嚢胞性卵巣症候群", "通知 D008(28)"),
    DiseaseCondition(("160037510", "160168950", "160229150", "160238450"), ("C61", "D075"), "前立腺癌", "通知 D009(4)・(9)"),
    DiseaseCondition(
        ("160200410", "160168850", "160184850"), ("C65", "C66", "C67", "C68", "D09"), "尿路上皮癌", "通知 D009(7)・(12)",
    ),
    DiseaseCondition(
        ("160181750",), ("C15", "C18", "C19", "C20", "C50"), "食道癌・大腸癌・乳癌", "通知 D009(13)",
    ),
    DiseaseCondition(("160202550",), _PNEUMONIA, "肺炎", "通知 D012(17)イ"),
    DiseaseCondition(
        ("160229850", "160229950", "160230050", "160234850", "160235450"), ("U07", "U09"), "ＣＯＶＩＤ－１９",
        "通知 D012(21)・(47)・(53)〜(57)",
    ),
    DiseaseCondition(("160230550",), ("B351",), "爪白癬", "通知 D012(49)"),
    DiseaseCondition(("160181150", "160197410"), ("M05", "M06", "M08"), "関節リウマチ", "通知 D014(7)"),
    DiseaseCondition(("160188550",), ("M34",), "強皮症", "通知 D014(4)"),
    DiseaseCondition(("160197310", "160163950"), ("M34", "K743"), "原発性胆汁性胆管炎・強皮症", "通知 D014(5)"),
    DiseaseCondition(("160184350", "160225850"), ("L20", "L27"), "アトピー性皮膚炎", "通知 D015(6)・(13)"),
    DiseaseCondition(("160177450",), _TUBERCULOSIS, "結核感染（生物学的製剤の投与前を含む）", "通知 D015(15)"),
    DiseaseCondition(("160189750", "160207310"), _CIRRHOSIS, "肝硬変", "通知 D215-2, D215-3(1)"),
    DiseaseCondition(("160119410", "160188750"), ("G473",), "睡眠時無呼吸症候群", "通知 D237"),
    DiseaseCondition(("160156210",), ("H46", "H47", "H48"), "視神経疾患", "通知 D282"),
    DiseaseCondition(("160179610",), _SKIN, "色素性皮膚病変・円形脱毛症・日光角化症", "通知 D282-4"),
    DiseaseCondition(("160170310", "160186710"), _BLADDER, "前立腺肥大症・神経因性膀胱・過活動膀胱", "通知 D216-2(1)"),
)  # fmt: skip
# A disease that, once certain, leaves nothing to find.
UNBILLABLE_WITH = (DiseaseCondition(("160181950",), _DIABETES, "糖尿病", "通知 D001(5)"),)
AGE_CONDITIONS = (
    AgeCondition(("160117610",), "1歳未満", "通知 D012(15)", under=1, is_firm=False),
    AgeCondition(("160195110",), "3歳未満又は65歳以上", "通知 D012(19)", under=3, least=65, is_firm=False),
    AgeCondition(("160199610",), "4歳未満", "通知 D282-2(2)", under=4, is_firm=False),
    AgeCondition(("160224450",), "2歳未満", "通知 D012(62)", under=2),
)
_DISEASE_CODES = {code: each for each in DISEASE_CONDITIONS for code in each.codes}
_AGE_CODES = {code: each for each in AGE_CONDITIONS for code in each.codes}
_UNBILLABLE_CODES = {code: each for each in UNBILLABLE_WITH for code in each.codes}


@rule(
    "D000/disease_condition",
    title="検査の対象疾患",
    cite="通知 第3部検査 各区分",
    since=date(2024, 6, 1),
    stage=Stage.CHECK,
    codes=_DISEASE_CODES,
)
def disease_condition(case: Case, draft: Draft) -> tuple[Advice, ...] | None:
    """検査の対象疾患 — a human is asked when no disease that the 通知 names for a test is charted."""
    found = []
    for code in sorted(draft.codes() & _DISEASE_CODES.keys()):
        condition = _DISEASE_CODES[code]
        if not is_charted(case, condition.icd10):
            found.append(Advice(code, facts(wanted=condition.wanted, cite=condition.cite)))
    return tuple(found) or None


@rule(
    "D000/unbillable_with",
    title="診断がついた疾患では算定できない検査",
    cite="通知 D001(5)",
    since=date(2024, 6, 1),
    codes=_UNBILLABLE_CODES,
)
def unbillable_with(case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """診断がついた疾患では算定できない検査 — ミオイノシトール（尿） once diabetes is certain."""
    found = []
    for code in sorted(draft.codes() & _UNBILLABLE_CODES.keys()):
        condition = _UNBILLABLE_CODES[code]
        if is_under_treatment(case, condition.icd10):
            found.append(Denial(code, "", facts(disease=condition.wanted, cite=condition.cite)))
    return tuple(found) or None


@rule(
    "D006-4/congenital_deafness",
    title="難聴の遺伝学的検査の対象",
    cite="通知 D006-4(1); 疑義解釈その1 (平成24年3月30日) 医科 問134",
    since=date(2024, 6, 1),
    sections=("D006-4",),
)
def congenital_deafness(case: Case, draft: Draft) -> tuple[Advice, ...] | None:
    """難聴の遺伝学的検査 — where deafness is suspected from birth; not for a sudden or another acquired one.

    The test may be for another of the diseases of the 通知, which no order names, so that it is shown.
    """
    if not is_charted(case, _ACQUIRED_DEAFNESS) or is_charted(case, _CONGENITAL_DEAFNESS):
        return None
    return tuple(Advice(act.code) for act in draft.acts() if act.section == "D006-4") or None


@rule(
    "D000/age_condition",
    title="検査の対象年齢",
    cite="通知 D012(15)・(19)・(62), D282-2(2)",
    since=date(2024, 6, 1),
    codes=_AGE_CODES,
)
def age_condition(case: Case, draft: Draft) -> tuple[Outcome, ...] | None:
    """検査の対象年齢 — outside the ages of the 通知 a test falls, or is asked about where others are named too."""
    years = case.age.years
    found: list[Outcome] = []
    for code in sorted(draft.codes() & _AGE_CODES.keys()):
        condition = _AGE_CODES[code]
        is_young = condition.under is not None and years < condition.under
        is_old = condition.least is not None and years >= condition.least
        if is_young or is_old:
            continue
        known = facts(age=years, wanted=condition.wanted, cite=condition.cite)
        found.append(Denial(code, "", known) if condition.is_firm else Advice(code, known))
    return tuple(found) or None
