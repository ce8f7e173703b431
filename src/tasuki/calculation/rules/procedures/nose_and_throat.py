# SPDX-License-Identifier: Apache-2.0
"""耳鼻咽喉科処置 — what one treatment of ear, nose or throat holds of another (医科点数表 J096〜J105)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation.rule import Advice, Denial, rule
from tasuki.calculation.rules.standing_acts import at_one_site, done, ranked
from tasuki.kernel.because import facts

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.calculation.rule import Outcome

R6 = date(2024, 6, 1)
NOSE, THROAT, SPRAY, TONSILS = "140019710", "140019810", "140019950", "140050010"
EAR_TUBE = "140019510"  # カテーテルによる耳管通気法
# 副鼻腔洗浄 and 副鼻腔吸引, by their two ways.
SINUS = frozenset({"140021210", "140021450", "140039410", "140040050"})


@rule(
    "J098/spray",
    title="ルゴール等の噴霧吸入と鼻処置、口腔・咽頭処置",
    cite="通知 J098 (2)・(3)",
    since=R6,
    codes=(SPRAY,),
)
def spray(_case: Case, draft: Draft) -> Denial | None:
    """ルゴール等の噴霧吸入 — beside 鼻処置 or 口腔、咽頭処置 of one visit only those are billed."""
    if SPRAY not in draft.codes():
        return None
    other = next((code for code in (THROAT, NOSE) if code in draft.codes()), None)
    return Denial(SPRAY, other) if other is not None else None


@rule(
    "J098-2/throat",
    title="扁桃処置と咽頭処置",
    cite="通知 J098-2 (2)",
    since=R6,
    codes=(TONSILS,),
)
def throat_with_tonsils(case: Case, draft: Draft) -> tuple[Advice, ...] | None:
    """扁桃処置 — contains the treatment of the throat; one code is for mouth and throat, so a human is asked which it was."""
    if TONSILS not in draft.codes():
        return None
    found = [code for code in (THROAT, SPRAY) if code in draft.codes()]
    return tuple(Advice(code, facts(lost_to=TONSILS, name=case.name_of(TONSILS))) for code in found) or None


@rule(
    "J096/nose_and_throat",
    title="耳管処置と鼻処置・咽頭処置",
    cite="通知 J096 (1)・(3)",
    since=R6,
    sections=("J096",),
)
def with_ear_tube(case: Case, draft: Draft) -> tuple[Advice, ...] | None:
    """耳管処置 — what it needs done in the nose is contained; 鼻処置 and 口腔、咽頭処置 only for a disease of their own: asked."""
    act = next((each.row for each in done(draft, ("J096",))), None)
    if act is None:
        return None
    # 鼻処置 is spoken of for the catheter alone.
    asked = (NOSE, THROAT) if act.code == EAR_TUBE else (THROAT,)
    found = [code for code in asked if code in draft.codes()]
    return tuple(Advice(code, facts(lost_to=act.code, name=act.name)) for code in found) or None


@rule(
    "J105/one_of_a_side",
    title="副鼻腔洗浄又は吸引",
    cite="医科点数表 J105",
    since=R6,
    codes=SINUS,
)
def one_of_a_side(_case: Case, draft: Draft) -> tuple[Outcome, ...] | None:
    """副鼻腔洗浄又は吸引 — one item for a side, whether washed, sucked or both: the one of most points; asked without sides."""
    found = ranked(done(draft, SINUS))
    outcomes: list[Outcome] = []
    for place, each in enumerate(found):
        others = [first for first in found[:place] if first.row.code != each.row.code]
        same, unsure = at_one_site(others, each)
        if same:
            known = facts(site=each.unit.site)
            outcomes.append(Denial(each.row.code, same[0].row.code, known, group=each.unit.group))
        elif unsure:
            outcomes.append(Advice(each.row.code, facts(lost_to=unsure[0].row.code, name=unsure[0].row.name)))
    return tuple(outcomes) or None
