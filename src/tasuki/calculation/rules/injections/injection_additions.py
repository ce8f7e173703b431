# SPDX-License-Identifier: Apache-2.0
"""注射の通則の加算 — 外来化学療法加算, 精密持続点滴注射加算 and バイオ後続品導入初期加算 (第6部 通則4・6・7)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation.diseases import under_treatment
from tasuki.calculation.flags import Flag
from tasuki.calculation.rule import Advice, Proposal, rule
from tasuki.kernel.because import facts
from tasuki.masters.rows import Act, Drug

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.calculation.rule import Outcome

R6 = date(2024, 6, 1)
WAYS = frozenset(("G001", "G002", "G004", "G005", "G006"))
# The first seven digits of 薬価基準収載医薬品コード and the ICD-10 of the diseases (通知 第6部 通則 4(3)ア〜カ):
# インフリキシマブ, トシリズマブ, アバタセプト, ナタリズマブ, ベリムマブ, イネビリズマブ.
REGIMENS: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (
        ("2399402", "2399403", "2399404", "2399406"),
        ("M05", "M06", "K50", "M352", "M45", "K51", "L40"),
    ),
    (("6399421",), ("M05", "M06", "M08", "D477", "D36")),
    (("3999429",), ("M05", "M06", "M08")),
    (("1190402",), ("G35",)),
    (("3999445",), ("M32",)),
    (("6399429",), ("G360",)),
)
# 加算1 (standard 728), 加算2 (729): under fifteen, fifteen and over.
CHEMOTHERAPY = (("728", "130013890", "130013990"), ("729", "130014090", "130014190"))
CHEMOTHERAPY_CODES = frozenset(code for _, *codes in CHEMOTHERAPY for code in codes)
MALIGNANT = "C"
PRECISE, BIOSIMILAR = "130000210", "130013790"
# ドパミン, ドブタミン, ノルアドレナリン, アドレナリン, ランジオロール, エスモロール, プロプラノロール.
SLOW_DRUGS = frozenset(("2119402", "2119404", "2451401", "2451400", "2123404", "2123405", "2123402"))
MONTHS = 3


def _injected(draft: Draft, sections: frozenset[str] | None) -> Iterator[Drug]:
    """The drugs given together with a technique of the sections, of any when None."""
    groups = {
        unit.group
        for unit in draft.units
        for line in unit.lines
        if isinstance(line.row, Act)
        and line.row.chapter == "G"
        and (sections is None or line.row.section in sections)
    }
    for unit in draft.units:
        if unit.group in groups:
            yield from (line.row for line in unit.lines if isinstance(line.row, Drug))


@rule(
    "G000/chemotherapy",
    title="外来化学療法加算",
    cite="医科点数表 第6部注射 通則6; 通知 第6部 通則 4",
    since=R6,
    chapters=("G",),
)
def chemotherapy(case: Case, draft: Draft) -> Outcome | None:
    """外来化学療法加算 — a listed drug for a listed disease by vein, explained in writing, in a room of its own."""
    if not draft.codes().isdisjoint(CHEMOTHERAPY_CODES):
        return None
    found = next(
        (
            (drug.name, icds)
            for drug in _injected(draft, WAYS)
            for ingredients, icds in REGIMENS
            if drug.price_list_code[:7] in ingredients
        ),
        None,
    )
    if found is None or _has_malignancy(case):
        return None
    name, icds = found
    disease = next(
        (row.name for _, row in under_treatment(case) if any(icd.startswith(icds) for icd in row.icd10)), ""
    )
    if not disease:
        return None
    place = 1 if case.age.years < 15 else 2
    held = next((row for row in CHEMOTHERAPY if case.has_standard(row[0])), CHEMOTHERAPY[1])
    code = held[place]
    if not case.has_flag(Flag.CHEMOTHERAPY_EXPLAINED):
        return Advice(code, facts(drug=name, disease=disease, missing_flag=Flag.CHEMOTHERAPY_EXPLAINED.value))
    return Proposal(code, facts(drug=name, disease=disease))


def _has_malignancy(case: Case) -> bool:
    """悪性腫瘍を主病とする患者か — they have 外来腫瘍化学療法診療料 instead."""
    return any(
        diagnosis.is_main and any(icd.startswith(MALIGNANT) for icd in row.icd10)
        for diagnosis, row in under_treatment(case)
    )


@rule(
    "G000/precise_drip",
    title="精密持続点滴注射加算",
    cite="医科点数表 第6部注射 通則4; 通知 第6部 通則 3",
    since=R6,
    chapters=("G",),
)
def precise_drip(case: Case, draft: Draft) -> Outcome | None:
    """精密持続点滴注射加算 — by pump at 30 mL an hour or less; past infancy only for drugs that must go in slowly."""
    if not case.has_flag(Flag.PRECISE_DRIP) or PRECISE in draft.codes():
        return None
    drugs = list(_injected(draft, None))
    if not drugs:
        return None
    slow = next((drug.name for drug in drugs if drug.price_list_code[:7] in SLOW_DRUGS), "")
    if case.age.years < 1 or slow:
        return Proposal(PRECISE, facts(drug=slow or drugs[0].name, age=case.age.years))
    return Advice(PRECISE, facts(drug=drugs[0].name, age=case.age.years))


@rule(
    "G000/biosimilar",
    title="バイオ後続品導入初期加算（注射）",
    cite="医科点数表 第6部注射 通則7; 通知 第6部 通則 5",
    since=R6,
    chapters=("G",),
)
def biosimilar(case: Case, draft: Draft) -> Outcome | None:
    """バイオ後続品導入初期加算 — explained and injected here, once a month for three months from the first use."""
    if BIOSIMILAR in draft.codes() or case.billed_this_month((BIOSIMILAR,)) is not None:
        return None
    drug = next((row for row in _injected(draft, None) if "ＢＳ" in row.name or "後続" in row.name), None)
    if drug is None:
        return None
    first = min((line.day for line in case.history.of(BIOSIMILAR)), default=case.day)
    if (case.day.year - first.year) * 12 + case.day.month - first.month >= MONTHS:
        return None
    if not case.has_flag(Flag.BIOSIMILAR_EXPLAINED):
        return Advice(BIOSIMILAR, facts(drug=drug.name, missing_flag=Flag.BIOSIMILAR_EXPLAINED.value))
    return Proposal(BIOSIMILAR, facts(drug=drug.name, first_day=first))
