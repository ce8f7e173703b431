# SPDX-License-Identifier: Apache-2.0
"""画像診断管理加算・他医撮影の診断 — who read the pictures, and pictures taken elsewhere (医科点数表 第4部 通則4〜8, E203)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation.apply_conditions import missing_standards
from tasuki.calculation.rule import Advice, Denial, Proposal, Stage, rule
from tasuki.calculation.rules.imaging.radiographs import (
    EMERGENCY,
    NUCLEAR,
    NUCLEAR_STORAGE,
    SCAN_STORAGE,
    SCANS,
    STORAGE,
)
from tasuki.calculation.rules.standing_acts import each_act
from tasuki.facility.institution import InstitutionKind
from tasuki.kernel.because import facts
from tasuki.masters.rows import Act

if TYPE_CHECKING:
    from datetime import datetime

    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft

# Section of the reading → 画像診断管理加算 that may follow it, the dearest first.
MANAGEMENT = {
    "E001": ("170025210",),
    "E102": ("170035710", "170702310", "170025610", "170025410"),
    "E203": ("170035810", "170702410", "170025710", "170025510"),
}
REMOTE = frozenset({
    "170025810", "170025910", "170026010", "170026110", "170026210", "170026310", "170702710", "170702810",
    "170035910", "170036010",
})  # fmt: skip
SCANS_FROM_ELSEWHERE = "170019950"
_HOSPITAL = "1"
_MANAGED = {code: section for section, codes in MANAGEMENT.items() for code in codes}
_STORED = frozenset({*STORAGE.values(), SCAN_STORAGE, NUCLEAR_STORAGE})
_EXTRAS = _STORED | REMOTE | _MANAGED.keys() | {EMERGENCY}
_PICTURES = frozenset({"E000", "E001", "E002", *NUCLEAR, "E201", *SCANS})


@rule(
    "E000/reading_management",
    title="画像診断管理加算",
    cite="医科点数表 第4部 通則4・通則5; 通知 第4部 通則 5",
    since=date(2024, 6, 1),
    sections=MANAGEMENT,
)
def reading_management(case: Case, draft: Draft) -> tuple[Proposal, ...] | None:
    """画像診断管理加算 — once a month each for photographs, nuclear pictures and scans, the best that is notified.

    Not beside a reading at a distance that was ordered.
    """
    if draft.codes() & REMOTE:
        return None
    proposals = []
    for section, codes in MANAGEMENT.items():
        read = next((act for act in draft.acts() if act.section == section), None)
        if read is None or draft.codes() & set(codes) or case.billed_this_month(codes) is not None:
            continue
        best = next((code for code in codes if _may_bill(case, code)), None)
        if best is not None:
            proposals.append(Proposal(best, facts(reading=read.name)))
    return tuple(proposals) or None


def _may_bill(case: Case, code: str) -> bool:
    """加算2 and above are for hospitals only (col 19)."""
    if not case.book.has(code):
        return False
    row = case.book.act(code)
    is_other_kind = row.facility_kind == _HOSPITAL and case.institution.kind is not InstitutionKind.HOSPITAL
    return not is_other_kind and not missing_standards(case, row)


@rule(
    "E000/nothing_pictured",
    title="画像診断の加算の要件",
    cite="医科点数表 第4部 通則3〜5, 第1節 通則4, 第2節 通則3, 第3節 通則3",
    since=date(2024, 6, 1),
    stage=Stage.CHECK,
    codes=[*STORAGE.values(), SCAN_STORAGE, NUCLEAR_STORAGE, EMERGENCY, *_MANAGED],
)
def nothing_pictured(_case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """電子画像管理加算など — what hangs on a picture or its reading falls with it."""
    pictures = {act.section for act in draft.acts() if act.section in _PICTURES and not _is_extra(act)}
    found: list[Denial] = []
    for unit in draft.units:
        rows = [line.row for line in unit.lines if isinstance(line.row, Act)]
        has_picture = any(row.section in _PICTURES and not _is_extra(row) for row in rows)
        for row in rows:
            if row.code in _STORED:
                # One entered by itself belongs to whatever picture the visit has.
                stands = has_picture or (len(rows) == 1 and bool(pictures))
            elif row.code == EMERGENCY:
                stands = bool(pictures)
            elif row.code in _MANAGED:
                stands = any(act.section == _MANAGED[row.code] for act in draft.acts())
            else:
                continue
            if not stands:
                found.append(Denial(row.code, "", group=unit.group))
    return tuple(found) or None


def _is_extra(row: Act) -> bool:
    """The additions that the table keeps under E000 beside 透視診断 are no pictures themselves."""
    return row.is_addition or row.code in _EXTRAS


@rule(
    "E203/scans_from_elsewhere",
    title="他の医療機関で撮影したコンピューター断層撮影の診断",
    cite="通知 E203(3)",
    since=date(2024, 6, 1),
    stage=Stage.CONDITION,
    codes=(SCANS_FROM_ELSEWHERE,),
)
def scans_from_elsewhere(_case: Case, draft: Draft) -> Denial | None:
    """他医撮影のコンピューター断層診断 — only on the day of a first visit."""
    if draft.is_first or SCANS_FROM_ELSEWHERE not in draft.codes():
        return None
    return Denial(SCANS_FROM_ELSEWHERE, "")


@rule(
    "E001/films_apart",
    title="同一部位の同一方法の撮影",
    cite="医科点数表 第4部第1節 通則3; 通知 第4部第1節 1(7)・(8)",
    since=date(2024, 6, 1),
    sections=("E002",),
)
def films_apart(case: Case, draft: Draft) -> tuple[Advice, ...] | None:
    """同一部位の同一方法 — films of one part by one method ordered apart: they count together, from the second half.

    The healthy side taken to compare counts as the same part. What was taken at another instant counts by itself.
    """
    seen: dict[tuple[str, str, datetime | None], str] = {}
    found = []
    for row, unit in sorted(each_act(draft), key=lambda each: each.unit.group):
        if row.section != "E002" or row.step is None or not unit.site:
            continue
        key = (row.code, _side_free(unit.site), case.instants.get(unit.order_id))
        if key in seen and seen[key] != unit.group:
            found.append(Advice(row.code, facts(site=unit.site)))
        seen.setdefault(key, unit.group)
    return tuple(found) or None


def _side_free(site: str) -> str:
    """The part without its side, because a pair of organs is one part when one side is taken to compare.

    >>> _side_free("右膝"), _side_free("胸部")
    ('膝', '胸部')
    """
    return (
        site.removeprefix("左右").removeprefix("両").removeprefix("右").removeprefix("左").removeprefix("側")
    )
