# SPDX-License-Identifier: Apache-2.0
"""病理診断 — who judges a specimen, how many organs count, and receptors of one month (医科点数表 第13部)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from tasuki.calculation.apply_conditions import missing_standards
from tasuki.calculation.rule import Advice, Denial, Proposal, rule
from tasuki.kernel.because import facts
from tasuki.masters.rows import Act

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.calculation.rule import Outcome

TISSUE, CELLS, ANY = "41", "42", "40"
TISSUE_FEE, CELLS_FEE, JUDGMENT_FEE = "160155110", "160185210", "160062310"
FEES = frozenset({
    TISSUE_FEE, CELLS_FEE, JUDGMENT_FEE, "160178910", "160185310", "160214710", "160214810",
})  # fmt: skip
# 病理診断管理加算 of 組織診断 and 細胞診断, the dearer one first.
MANAGEMENT = {TISSUE_FEE: ("160190470", "160190270"), CELLS_FEE: ("160190570", "160190370")}
PATHOLOGISTS = frozenset(
    {"3087", "3088", "3177"}
)  # 病理診断管理加算１・２, 保険医療機関間の連携による病理診断
SPECIMENS = ("N000", "N001", "N002", "N003", "N003-2", "N004", "N005", "N005-2", "N005-3", "N005-4", "N005-5")
MOST_ORGANS = 3
ER, PGR, SAME_MONTH = "160060350", "160104450", "160184070"


@rule(
    "N006/judgment",
    title="病理診断料・病理判断料",
    cite="医科点数表 N006 注1・注2, N007 注1・注2, 第13部 通則6",
    since=date(2024, 6, 1),
    sections=SPECIMENS,
)
def judgment(case: Case, draft: Draft) -> tuple[Outcome, ...] | None:
    """病理診断料・病理判断料 — 病理診断料 where a pathologist works (known by what is notified), else 病理判断料.

    Either is billed once a calendar month; a smear of 婦人科材料 alone opens only 病理判断料.
    """
    groups = {act.judgment_group: act.name for act in draft.acts() if act.section in SPECIMENS}
    if not groups or FEES & draft.codes() or case.billed_this_month(FEES) is not None:
        return None
    has_pathologist = any(case.has_standard(code) for code in PATHOLOGISTS)
    found: list[Outcome] = []
    for group, fee in ((TISSUE, TISSUE_FEE), (CELLS, CELLS_FEE)):
        if group not in groups:
            continue
        known = facts(test=groups[group])
        if not has_pathologist:
            found.append(Advice(fee, known))
            continue
        found.append(Proposal(fee, known))
        managed = next((code for code in MANAGEMENT[fee] if _may_bill(case, code)), None)
        if managed is not None:
            found.append(Proposal(managed, known))
    if not any(isinstance(each, Proposal) for each in found):
        found.append(Proposal(JUDGMENT_FEE, facts(test=next(iter(groups.values())))))
    return tuple(found)


def _may_bill(case: Case, code: str) -> bool:
    return case.book.has(code) and not missing_standards(case, case.book.act(code))


@rule(
    "N000/three_organs",
    title="病理標本作製の臓器数",
    cite="医科点数表 第13部第1節 通則1",
    since=date(2024, 6, 1),
    sections=("N000", "N001", "N002"),
)
def three_organs(_case: Case, draft: Draft) -> tuple[Outcome, ...] | None:
    """病理標本作製 — three organs at most; what is ordered apart is counted together.

    Within one order the step of the master holds the number down.
    """
    used: dict[str, Decimal] = {}
    found: list[Outcome] = []
    for unit in sorted(draft.units, key=lambda unit: unit.group):
        for line in unit.lines:
            row = line.row
            if not isinstance(row, Act) or row.step is None or row.step.upto != MOST_ORGANS:
                continue
            if row.section not in ("N000", "N001", "N002"):
                continue
            before = used.get(row.code, Decimal(0))
            used[row.code] = before + (line.amount or 1) * unit.times
            known = facts(count=used[row.code], most=MOST_ORGANS)
            if before >= MOST_ORGANS:
                found.append(Denial(row.code, "", known, group=unit.group))
            elif before and used[row.code] > MOST_ORGANS:
                found.append(Advice(row.code, known))
    return tuple(found) or None


@rule(
    "N002/receptors",
    title="エストロジェンレセプターとプロジェステロンレセプター",
    cite="医科点数表 N002 注1; 通知 N002(3)",
    since=date(2024, 6, 1),
    codes=(ER, PGR),
)
def receptors(case: Case, draft: Draft) -> tuple[Outcome, ...] | None:
    """免疫染色 — both receptors in one month: the main one, with the addition of 180 points."""
    if not {ER, PGR} & draft.codes():
        return None
    if {ER, PGR} <= draft.codes():
        return (Denial(PGR, ER), Proposal(SAME_MONTH, facts(test=case.name_of(PGR)), onto=ER))
    here, other = (ER, PGR) if ER in draft.codes() else (PGR, ER)
    if case.billed_this_month((other,)) is not None:
        return (Denial(here, other), Advice(SAME_MONTH, facts(test=case.name_of(other))))
    return None
