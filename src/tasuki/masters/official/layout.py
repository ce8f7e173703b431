# SPDX-License-Identifier: Apache-2.0
"""マスターの様式 — for each master: its type letter, its columns, its key and dates, and how a row is made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tasuki.masters.official import acts, comments, diseases, drugs, materials, modifiers
from tasuki.masters.official.fields import BadField, code, day, decimal, whole

if TYPE_CHECKING:
    from collections.abc import Callable

    from tasuki.kernel.validity import Validity
    from tasuki.masters.official.fields import Fields
    from tasuki.masters.rows import Row

# 変更区分: 0 same, 1 erased, 2 revived, 3 new, 5 changed, 9 ended.
CHANGES = frozenset("012359")
ERASED, CHANGED, ENDED = "1", "5", "9"


@dataclass(frozen=True, slots=True)
class Layout:
    """マスターの様式 — columns are 1-based as in the official specification."""

    series: str
    title: str
    table: str  # name of the list in Tables
    letter: str
    columns: tuple[int, ...]
    key: Callable[[Fields], str]
    name: int
    since: int
    until: int
    make: Callable[[Fields, Validity], Row]
    opened: int = 0  # 収載年月日, where the master has one that holds for every row
    dates: tuple[int, ...] = ()
    decimals: tuple[int, ...] = ()
    digits: tuple[int, ...] = ()
    required: tuple[int, ...] = ()

    def check(self, fields: Fields) -> None:
        """様式検査 — raises :class:`BadField` for the first field that is not what its column asks.

        A changed or ended row leaves unchanged fields empty; any other row must be complete.
        """
        if len(fields) not in self.columns:
            raise BadField(0, str(len(fields)), " or ".join(map(str, self.columns)) + " columns")
        if fields[0] not in CHANGES:
            raise BadField(1, fields[0], "change kind")
        if fields[1] != self.letter:
            raise BadField(2, fields[1], self.letter)
        self.key(fields)
        is_partial = fields[0] in (ERASED, CHANGED, ENDED)
        for column in self.required:
            if not fields[column - 1] and not is_partial:
                raise BadField(column, "", "present")
        for column in self.dates:
            day(fields, column)
        for column in self.decimals:
            if fields[column - 1] or not is_partial:
                decimal(fields, column)
        for column in self.digits:
            whole(fields, column)

    def is_complete(self, fields: Fields) -> bool:
        """全項目記録か — whether a row can stand without an earlier one: a change leaves its end date empty."""
        return all(fields[column - 1] for column in (*self.required, self.until))


def _code_of(length: int) -> Callable[[Fields], str]:
    return lambda fields: code(fields, 3, length)


def _act_layout(series: str, title: str, letter: str) -> Layout:
    return Layout(
        series, title, "acts", letter, acts.COLUMNS, _code_of(9), name=5, since=87, until=88, make=acts.act_of,
        dates=(87, 88), decimals=(12, 34, 58), digits=(31, 32, 33, 35, 36), required=(5, 11, 12, 13, 15, 68),
    )  # fmt: skip


def _material_layout(series: str, title: str, letter: str) -> Layout:
    return Layout(
        series, title, "materials", letter, materials.COLUMNS, _code_of(9), name=5, since=28, until=30,
        make=materials.material_of, dates=(28, 29, 30), decimals=(12,), required=(5, 11, 12),
    )  # fmt: skip


def _comment_layout(series: str, title: str, letter: str) -> Layout:
    return Layout(
        series, title, "comments", letter, comments.COLUMNS, comments.comment_code, name=7, since=21, until=22,
        make=comments.comment_of, dates=(21, 22), digits=(10, 11, 12, 13, 14, 15, 16, 17), required=(4, 5, 21),
    )  # fmt: skip


ACTS = _act_layout("s", "医科診療行為マスター", "S")
WARD_REPORT = _act_layout("k", "病床機能報告用マスター", "S")
LABOUR_ACTS = _act_layout("rs", "労災診療行為マスター", "R")
DRUGS = Layout(
    "y", "医薬品マスター", "drugs", "Y", drugs.COLUMNS, _code_of(9), name=5, since=30, until=31,
    make=drugs.drug_of, dates=(30, 31, 34), decimals=(12,), digits=(21,), required=(5, 11, 12, 28),
)  # fmt: skip
MATERIALS = _material_layout("t", "特定器材マスター", "T")
LABOUR_MATERIALS = _material_layout("rt", "労災器材マスター", "U")
DISEASES = Layout(
    "b", "傷病名マスター", "diseases", "B", diseases.COLUMNS, _code_of(7), name=6, since=23, until=24,
    make=diseases.disease_of, opened=22, dates=(22, 23, 24), required=(6, 8, 10),
)  # fmt: skip
MODIFIERS = Layout(
    "z", "修飾語マスター", "modifiers", "Z", modifiers.COLUMNS, _code_of(4), name=7, since=15, until=16,
    make=modifiers.modifier_of, opened=14, dates=(14, 15, 16), required=(7,),
)  # fmt: skip
COMMENTS = _comment_layout("c", "コメントマスター", "C")
LABOUR_COMMENTS = _comment_layout("rc", "労災コメントマスター", "D")

LAYOUTS = (
    ACTS, WARD_REPORT, LABOUR_ACTS, DRUGS, MATERIALS, LABOUR_MATERIALS, DISEASES, MODIFIERS, COMMENTS,
    LABOUR_COMMENTS,
)  # fmt: skip
