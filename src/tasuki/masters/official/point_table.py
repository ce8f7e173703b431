# SPDX-License-Identifier: Apache-2.0
"""医科電子点数表 — tables 01 to 05: inclusions, exclusions, ward fee additions, and limits.

Each kind of table is recognised by its number of columns; the four exclusion tables share one form and
are told apart by the name of the file.

Cite: 医科電子点数表 活用手引き (令和6年度)
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from tasuki.kernel.validity import Validity
from tasuki.masters.official.fields import BadField, Fields, code, day, whole
from tasuki.masters.official.history import EVER
from tasuki.masters.rows import (
    CountLimit,
    Exclusion,
    InclusionMember,
    InclusionParent,
    InclusionUnit,
    InpatientAddition,
    WardFee,
    Window,
)

if TYPE_CHECKING:
    from collections.abc import Callable

SUPPLEMENT, INCLUSION, EXCLUSION, WARD, LIMIT = "01", "02", "03", "04", "05"
COLUMNS = {27: SUPPLEMENT, 7: INCLUSION, 10: EXCLUSION, 8: WARD, 14: LIMIT}
TITLES = {
    SUPPLEMENT: "補助マスターテーブル",
    INCLUSION: "包括テーブル",
    EXCLUSION: "背反テーブル",
    WARD: "入院基本料テーブル",
    LIMIT: "算定回数テーブル",
}
_WINDOW_NAMES = (
    (re.compile(r"03[-_]?1|haihan_day|背反テーブル1|1日につき"), Window.DAY),
    (re.compile(r"03[-_]?2|haihan_month|背反テーブル2|同一月内"), Window.MONTH),
    (re.compile(r"03[-_]?3|haihan_same_time|背反テーブル3|同時"), Window.SAME_TIME),
    (re.compile(r"03[-_]?4|haihan_week|背反テーブル4|1週間内"), Window.WEEK),
)
_UNITS = {str(unit.value): unit for unit in InclusionUnit}

TableRow = InclusionParent | WardFee | InclusionMember | Exclusion | InpatientAddition | CountLimit


def window_of(name: str) -> Window | None:
    """背反テーブルの識別 — which of the four, by the name of the file; the rows do not say.

    >>> window_of("03-2背反テーブル２.csv"), window_of("haihan.csv")
    (<Window.MONTH: 2>, None)
    """
    plain = unicodedata.normalize("NFKC", name.rsplit("/", 1)[-1])
    return next((window for pattern, window in _WINDOW_NAMES if pattern.search(plain)), None)


def is_point_table(fields: Fields) -> bool:
    """電子点数表か — a line of one of the tables: known width, and a code where the table has one."""
    kind = COLUMNS.get(len(fields))
    if kind is None or fields[0] not in ("0", "1", "2", "3", "5", "9"):
        return False
    place = {INCLUSION: 2, WARD: 2}.get(kind, 1)
    return len(fields[place]) == 9 and fields[place].isdigit()


def rows_of(kind: str, fields: Fields, window: Window | None) -> tuple[TableRow, ...]:
    """電子点数表の行 — one line as our values. Raises :class:`BadField`."""
    return _READERS[kind](fields, window)


def _validity(fields: Fields, opened: int) -> Validity:
    return Validity(day(fields, opened) or EVER, day(fields, opened + 1))


def _supplement(fields: Fields, _window: Window | None) -> tuple[InclusionParent | WardFee, ...]:
    validity = _validity(fields, 26)
    act = code(fields, 2, 9)
    parents: list[InclusionParent | WardFee] = []
    for column in (4, 6, 8):
        unit, group = fields[column - 1], fields[column]
        if unit in ("", "0"):
            continue
        if unit not in _UNITS:
            raise BadField(column, unit, "inclusion unit")
        parents.append(InclusionParent(act, _UNITS[unit], group, validity))
    if fields[19].strip("0"):
        parents.append(WardFee(act, fields[19], validity))
    return tuple(parents)


def _inclusion(fields: Fields, _window: Window | None) -> tuple[InclusionMember, ...]:
    return (InclusionMember(fields[1], code(fields, 3, 9), _is_special(fields, 5), _validity(fields, 6)),)


def _exclusion(fields: Fields, window: Window | None) -> tuple[Exclusion, ...]:
    if window is None:
        raise BadField(0, "", "03-1〜03-4")
    keep = fields[5]
    if keep not in ("1", "2", "3"):
        raise BadField(6, keep, "1, 2 or 3")
    return (
        Exclusion(
            window,
            code(fields, 2, 9),
            code(fields, 4, 9),
            int(keep),
            _is_special(fields, 7),
            _validity(fields, 9),
        ),
    )


def _ward(fields: Fields, _window: Window | None) -> tuple[InpatientAddition, ...]:
    return (InpatientAddition(fields[1], code(fields, 3, 9), fields[4], _validity(fields, 7)),)


def _limit(fields: Fields, _window: Window | None) -> tuple[CountLimit, ...]:
    if not fields[3].isdigit():
        raise BadField(4, fields[3], "unit code")
    return (
        CountLimit(
            code(fields, 2, 9),
            fields[3],
            fields[4],
            whole(fields, 6),
            _is_special(fields, 7),
            _validity(fields, 13),
        ),
    )


def _is_special(fields: Fields, column: int) -> bool:
    value = fields[column - 1]
    if value not in ("0", "1"):
        raise BadField(column, value, "0 or 1")
    return value == "1"


_READERS: dict[str, Callable[[Fields, Window | None], tuple[TableRow, ...]]] = {
    SUPPLEMENT: _supplement,
    INCLUSION: _inclusion,
    EXCLUSION: _exclusion,
    WARD: _ward,
    LIMIT: _limit,
}
