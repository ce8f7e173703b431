# SPDX-License-Identifier: Apache-2.0
"""孤立した加算 — additions whose base fell, and 判断料 of groups in which no test stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasuki.calculation.draft import Draft, DraftLine, DraftUnit, denied
from tasuki.calculation.ready_lines import ready_lines
from tasuki.masters.rows import ADDITION_KINDS, Act

if TYPE_CHECKING:
    from tasuki.kernel.because import Because

CITE = "医科診療行為マスター col 38・39 注加算コード・通番, col 68 告示等識別区分(1)"
# Additions of 再診料 are recorded on their own, but are additions all the same.
ALONE_CITE = "医科診療行為マスター col 69 告示等識別区分(2); 医科点数表 A001 注5〜注8"
BASIC = "A"
ADDITION = "7"
# 判断グループ of 病理: without a pathologist 病理判断料 (40) follows every specimen (N007 注1).
PATHOLOGY = "40"
PATHOLOGY_GROUPS = frozenset({"40", "41", "42"})
JUDGMENT_CITE = "医科診療行為マスター col 50・51 検査等実施判断区分・グループ; 医科点数表 D026, N007"


def drop_orphans(draft: Draft) -> Draft:
    """孤立した加算 — denies an addition without its base in the same unit, and a 判断料 without a test.

    Repeated until nothing falls any more; then advice about an addition whose base does not stand is
    withdrawn, because nothing could be added to.
    """
    while (after := _drop(draft)) is not draft:
        draft = after
    return _withdraw_advice(draft)


def _drop(draft: Draft) -> Draft:
    has_base = draft.base is not None
    of_unit = ready_lines(draft.case.book).of_unit
    suspects = [
        (unit, line)
        for unit in draft.units
        if not (has_base and of_unit(_is_whole, unit))
        for line in unit.lines
        if type(line.row) is Act
    ]
    if not suspects:
        return draft
    groups = {act.judgment_group for act in draft.acts() if act.judgment_kind == "1"}

    def reason_of(unit: DraftUnit, line: DraftLine) -> Because | None:
        row = line.row
        if type(row) is not Act:
            return None
        if row.record_kind in ADDITION_KINDS:
            if not _has_base(unit, row):
                return denied("table/orphan", CITE, row.code, lost_to="", group=row.addition_group)
        elif not has_base and row.chapter == BASIC and row.table_kind == ADDITION:
            return denied("table/orphan", ALONE_CITE, row.code, lost_to="", group=row.addition_group)
        if (
            row.judgment_kind == "2"
            and row.judgment_group not in ("0", "")
            and groups.isdisjoint(
                PATHOLOGY_GROUPS if row.judgment_group == PATHOLOGY else {row.judgment_group}
            )
        ):
            return denied("table/judgment", JUDGMENT_CITE, row.code, lost_to="", group=row.judgment_group)
        return None

    for unit, line in suspects:
        if reason_of(unit, line) is not None:
            return draft.deny(reason_of)
    return draft


def _is_whole(unit: DraftUnit) -> bool:
    """Beside a basic fee only an addition without its base or a 判断料 can be an orphan: whether there is none."""
    return not any(
        type(row := line.row) is Act
        and (row.judgment_kind == "2" or (row.record_kind in ADDITION_KINDS and not _has_base(unit, row)))
        for line in unit.lines
    )


def _withdraw_advice(draft: Draft) -> Draft:
    if not draft.advised:
        return draft
    codes, book = draft.codes(), draft.case.book
    kept = tuple(
        [line for line in draft.advised if line.code in codes or _could_be_added(book.item(line.code), draft)]
    )
    return draft if len(kept) == len(draft.advised) else draft.having(advised=kept)


def _could_be_added(row: object, draft: Draft) -> bool:
    if not isinstance(row, Act) or row.record_kind not in ADDITION_KINDS or row.addition_group in ("0", ""):
        return True
    group, base = row.addition_group, draft.base
    if base is not None and base.addition_group == group:
        return True
    return any(act.addition_group == group and not act.is_addition for act in draft.acts())


def _has_base(unit: DraftUnit, addition: Act) -> bool:
    for line in unit.lines:
        row = line.row
        if type(row) is not Act or row.record_kind in ADDITION_KINDS:
            continue
        if addition.addition_group in ("0", "") or row.addition_group == addition.addition_group:
            return True
        if addition.record_kind == "9":
            return True
    return False
