# SPDX-License-Identifier: Apache-2.0
"""微生物学的検査 — cultures for one organism, nucleic acids explained at once, and the notice of 2026-08 (医科点数表 D018〜D023)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation.flags import Flag
from tasuki.calculation.rule import Advice, Denial, Proposal, Stage, rule
from tasuki.calculation.rules.standing_acts import done, ranked
from tasuki.kernel.because import facts
from tasuki.masters.rows import Act

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.calculation.rule import Outcome

PROMPT_NUCLEIC = "160212870"  # 迅速微生物核酸同定・定量検査加算
NUCLEIC_TESTS = ("160189650", "160189550", "160209450", "160234250", "160157850")
CULTURES = "D018"
BLOOD_CULTURE, SIMPLE_CULTURE = "160058610", "160058810"
NOT_OF_ONE_ORGANISM = frozenset((BLOOD_CULTURE, SIMPLE_CULTURE))
# まるめ区分 of the master (col 16) whose notes only set a number of items: ウイルス抗体価, グロブリンクラス別.
MOST_ITEMS = {"9": 8, "10": 2}
MULTIPLEX = ("160224050", "160224150")  # ウイルス・細菌核酸多項目同時検出（SARS-CoV-2核酸検出を含む）
MULTIPLEX_STANDARD = "3697"


@rule(
    "D023/prompt_nucleic",
    title="迅速微生物核酸同定・定量検査加算",
    cite="医科点数表 D023 注",
    since=date(2024, 6, 1),
    codes=NUCLEIC_TESTS,
)
def prompt_nucleic(case: Case, draft: Draft) -> tuple[Outcome, ...] | None:
    """迅速微生物核酸同定・定量検査加算 — 100 points when the result was explained in writing on the day of the test."""
    found: list[Outcome] = []
    for unit in draft.units:
        codes = {line.code for line in unit.lines}
        test = next((code for code in NUCLEIC_TESTS if code in codes), None)
        if test is None or PROMPT_NUCLEIC in codes:
            continue
        known = facts(test=case.name_of(test))
        if case.has_flag(Flag.RESULTS_EXPLAINED_SAME_DAY):
            found.append(Proposal(PROMPT_NUCLEIC, known, onto=test, onto_group=unit.group))
        else:
            found.append(Advice(PROMPT_NUCLEIC, known))
    return tuple(found) or None


@rule(
    "D018/same_organism",
    title="同一起因菌を検索する細菌培養同定検査",
    cite="通知 D018(1)ウ・エ",
    since=date(2024, 6, 1),
    sections=(CULTURES,),
)
def same_organism(_case: Case, draft: Draft) -> tuple[Advice, ...] | None:
    """細菌培養同定検査 — specimens of several parts for one organism count once: asked, blood of two sites aside."""
    found = [
        each.row for each in ranked(done(draft, (CULTURES,))) if each.row.code not in NOT_OF_ONE_ORGANISM
    ]
    codes = list(dict.fromkeys(row.code for row in found))
    return tuple(Advice(code, facts(lost_to=codes[0])) for code in codes[1:]) or None


@rule(
    "D012/most_viruses",
    title="ウイルス抗体価の項目数",
    cite="医科点数表 D012 11 注, 46 注; 医科診療行為マスター col 16",
    since=date(2024, 6, 1),
    sections=("D012",),
)
def most_viruses(_case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """ウイルス抗体価・グロブリンクラス別ウイルス抗体価 — eight and two items of one specimen at most."""
    used: dict[str, int] = {}
    found = []
    for unit in sorted(draft.units, key=lambda unit: (unit.lines[0].code, unit.group)):
        row = unit.lines[0].row
        if not isinstance(row, Act) or row.test_bundle not in MOST_ITEMS:
            continue
        most = MOST_ITEMS[row.test_bundle]
        used[row.test_bundle] = used.get(row.test_bundle, 0) + 1
        if used[row.test_bundle] > most:
            found.append(Denial(row.code, "", facts(most=most), group=unit.group))
    return tuple(found) or None


@rule(
    "D023/multiplex_notified",
    title="ウイルス・細菌核酸多項目同時検出の届出",
    cite="医科点数表(令和8年度) D023 25 注; 疑義解釈その8 (令和8年6月17日) 医科 問10",
    since=date(2026, 8, 1),
    stage=Stage.CONDITION,
    codes=MULTIPLEX,
)
def multiplex_notified(case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """ウイルス・細菌核酸多項目同時検出 — from the services of 2026-08 only where it is notified.

    In June and July it may still be billed without. Where the loaded master names a standard, the master decides.
    """
    if case.has_standard(MULTIPLEX_STANDARD):
        return None
    missing = case.standard_names((MULTIPLEX_STANDARD,))
    rows = (case.book.act(code) for code in MULTIPLEX if code in draft.codes())
    found = [Denial(row.code, "", facts(missing=missing)) for row in rows if set(row.standards) <= {"0", ""}]
    return tuple(found) or None
