# SPDX-License-Identifier: Apache-2.0
"""処置 — one site once, infants in 耳鼻咽喉科, and oxygen (医科点数表 第9部処置)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation.diseases import INFLUENZA_OR_COVID_ICD10, is_charted
from tasuki.calculation.flags import Flag
from tasuki.calculation.rule import Advice, Denial, Proposal, rule
from tasuki.calculation.rules.standing_acts import at_one_site, done, each_act, first_act, in_groups, ranked
from tasuki.calculation.statement import LineKind
from tasuki.kernel.because import facts
from tasuki.masters.rows import Material

if TYPE_CHECKING:
    from collections.abc import Callable

    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.calculation.rule import Outcome
    from tasuki.masters.rows import Act

# 創傷処置, 皮膚科軟膏処置, 面皰圧出法 by section, 湿布処置 by code: one of them at a site.
WOUND_SECTIONS = frozenset({"J000", "J053", "J057-2"})
COMPRESS = "140002210"
WOUND_CARE = frozenset({*WOUND_SECTIONS, COMPRESS})
ENT_INFANT = "140061990"
ENT_ANTIBIOTIC = "140062090"
ANTIBIOTICS = ("61",)  # 薬効分類 抗生物質製剤
ENT_DEPARTMENT = "27"
INFANT_AGE = 6
OXYGEN_CORRECTION = "770020070"
OXYGENS = frozenset({"2", "3", "4", "5"})  # 特定器材マスター col 21


@rule(
    "J000/same_site",
    title="同一部位の創傷処置等",
    cite="通知 J000(2)・(3)",
    since=date(2024, 6, 1),
    sections=WOUND_SECTIONS,
    codes=(COMPRESS,),
)
def same_site(_case: Case, draft: Draft) -> tuple[Outcome, ...] | None:
    """創傷処置等 — 創傷処置, 皮膚科軟膏処置, 面皰圧出法 and 湿布処置 at one site: the one of most points.

    Without a recorded site the lesser ones are only advised to be checked.
    """
    found = ranked(done(draft, WOUND_CARE))
    outcomes: list[Outcome] = []
    for place, treated in enumerate(found):
        same, unsure = at_one_site(found[:place], treated)
        if same:
            known = facts(site=treated.unit.site)
            outcomes.append(Denial(treated.row.code, same[0].row.code, known, group=treated.unit.group))
        elif unsure:
            outcomes.append(Advice(treated.row.code, facts(lost_to=unsure[0].row.code)))
    return tuple(outcomes) or None


@rule(
    "J095/ent_infant",
    title="耳鼻咽喉科乳幼児処置加算",
    cite="医科点数表 第9部処置 通則7; 医科診療行為マスター col 125",
    since=date(2024, 6, 1),
    chapters="J",
)
def ent_infant(case: Case, draft: Draft) -> Proposal | None:
    """耳鼻咽喉科乳幼児処置加算 — 60 points a day under six, treated by the doctor of 耳鼻咽喉科."""
    if case.age.years >= INFANT_AGE or case.visit.department != ENT_DEPARTMENT:
        return None
    if ENT_INFANT in draft.codes() or case.billed_today((ENT_INFANT,)) is not None:
        return None
    places = _ent_places(draft, lambda row: row.ent_infant == "1")
    if not places:
        return None
    code, group = places[0]
    return Proposal(ENT_INFANT, facts(age=case.age.years), onto=code, onto_group=group)


@rule(
    "J095/ent_antibiotic",
    title="耳鼻咽喉科小児抗菌薬適正使用支援加算",
    cite="医科点数表 第9部処置 通則8; 通知 第9部 15; 医科診療行為マスター col 126",
    since=date(2024, 6, 1),
    chapters="J",
)
def ent_antibiotic(case: Case, draft: Draft) -> Proposal | None:
    """耳鼻咽喉科小児抗菌薬適正使用支援加算 — at the first visit under six, once a month, when the doctor wrote why none is needed.

    No antibiotic may be prescribed, and influenza or COVID-19 may not even be suspected; that the disease is one of
    those named is part of what is recorded.
    """
    if not case.has_flag(Flag.ANTIBIOTIC_NOT_NEEDED) or not draft.is_first:
        return None
    if case.age.years >= INFANT_AGE or case.visit.department != ENT_DEPARTMENT:
        return None
    if is_charted(case, INFLUENZA_OR_COVID_ICD10):
        return None
    if ENT_ANTIBIOTIC in draft.codes() or case.billed_this_month((ENT_ANTIBIOTIC,)) is not None:
        return None
    if any(drug.row.price_list_code.startswith(ANTIBIOTICS) for drug in case.prescribed):
        return None
    places = _ent_places(draft, lambda row: row.ent_antibiotic == "1")
    if not places:
        return None
    code, group = places[0]
    return Proposal(ENT_ANTIBIOTIC, facts(age=case.age.years), onto=code, onto_group=group)


def _ent_places(draft: Draft, is_eligible: Callable[[Act], bool]) -> list[tuple[str, str]]:
    return in_groups(each for each in each_act(draft) if is_eligible(each.row) and not each.row.is_addition)


@rule(
    "K000/infant_wound",
    title="小児創傷処理",
    cite="医科点数表 K000-2",
    since=date(2024, 6, 1),
    sections=("K000",),
)
def infant_wound(case: Case, draft: Draft) -> Advice | None:
    """小児創傷処理 — under six a wound is K000-2 by its own lengths: an ordered K000 is shown."""
    if case.age.years >= INFANT_AGE:
        return None
    found = first_act(draft, lambda act: act.section == "K000" and act.record_kind in ("1", "5"))
    return Advice(found.code, facts(age=case.age.years)) if found is not None else None


@rule(
    "J024/oxygen_correction",
    title="酸素補正率",
    cite="酸素の価格 (平成2年厚生省告示第41号); 特定器材マスター col 21",
    since=date(2024, 6, 1),
    records=(LineKind.MATERIAL,),
)
def oxygen_correction(_case: Case, draft: Draft) -> tuple[Proposal, ...] | None:
    """酸素補正率 — 1.3 is recorded after every oxygen that was used at one atmosphere."""
    proposals: list[Proposal] = []
    for unit in draft.units:
        rows = [line.row for line in unit.lines if isinstance(line.row, Material)]
        if any(row.oxygen == "1" for row in rows):
            continue
        proposals.extend(
            Proposal(OXYGEN_CORRECTION, facts(oxygen=row.name), onto=row.code, onto_group=unit.group)
            for row in rows
            if row.oxygen in OXYGENS
        )
    return tuple(proposals) or None
