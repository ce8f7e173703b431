# SPDX-License-Identifier: Apache-2.0
"""電子点数表の表 — the pairs and limits of the Book as rows of whole numbers, the way the SQL reads them.

Every pair stands once. The official tables name a pair of 背反 from both sides; the side kept here is the one
whose code stays, or the smaller code where either may. Whether a row counts is asked by the day of service.
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from tasuki.calculation.apply_inclusions import CONTAINS_BY_DISEASE
from tasuki.calculation.draft import nominal_points
from tasuki.calculation.ended_limits import is_ended
from tasuki.calculation.lifted_exclusions import LIFTED
from tasuki.masters.rows import Window

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tasuki.kernel.validity import Validity
    from tasuki.masters.book import Book
    from tasuki.masters.rows import CountLimit, Exclusion

EXCLUSION, INCLUSION, LIMIT = 1, 2, 3
_EPOCH = date(1970, 1, 1)
OPEN = 9_000_000
BASE_FEES = frozenset({"A000", "A001", "A002"})
# 算定単位コード → span of limits.sql and, for calendar months, how many.
SPANS: dict[str, tuple[int, int]] = {
    "121": (1, 0), "138": (2, 0), "142": (3, 0), "131": (4, 1), "143": (4, 2), "144": (4, 3), "145": (4, 4),
    "146": (4, 6), "147": (4, 12), "161": (4, 24), "148": (4, 60), "162": (5, 0),
    "53": (6, 0), "135": (6, 0), "151": (6, 0),
}  # fmt: skip


class Pair(NamedTuple):
    """対の行 — 背反 or 包括 as one row: the code that stays (``keep`` 1) or either (3), and the other."""

    row_no: int
    kind: int
    win: int
    keep: int
    is_special: int
    is_by_disease: int
    code: int
    other: int
    since_no: int
    until_no: int
    source: str


class Limit(NamedTuple):
    """回数の行 — a limit of 算定回数 with its window as a span."""

    row_no: int
    span: int
    months: int
    most: int
    is_special: int
    code: int
    since_no: int
    until_no: int
    source: str
    unit_name: str


class Price(NamedTuple):
    """点数の行 — the points that settle a pair of which either one may stay."""

    code: int
    points: int
    since_no: int
    until_no: int


class WardFeeRow(NamedTuple):
    """入院基本料の行 — a ward fee and the group whose additions it allows."""

    code: int
    grp: int
    since_no: int
    until_no: int


class WardAdditionRow(NamedTuple):
    """入院基本料加算の行 — an addition that a group allows; of one ``serial`` (加算識別) only one stands."""

    row_no: int
    grp: int
    code: int
    serial: int
    since_no: int
    until_no: int
    source: str


class TableRows(NamedTuple):
    """点検用の表 — everything the SQL asks of the masters, and how many official rows each kind has."""

    pairs: tuple[Pair, ...]
    limits: tuple[Limit, ...]
    prices: tuple[Price, ...]
    base_fees: tuple[int, ...]
    counts: dict[str, int]
    ward_fees: tuple[WardFeeRow, ...] = ()
    ward_additions: tuple[WardAdditionRow, ...] = ()


def table_rows(book: Book) -> TableRows:
    """点検用の表 — of a Book, with the rows that are not checked counted under their reason."""
    counts: Counter[str] = Counter()
    pairs = [*_exclusions(book, counts), *_inclusions(book, counts)]
    limits = tuple(_limits(book, counts))
    either = {code for pair in pairs if pair.keep == 3 for code in (pair.code, pair.other)}
    prices = tuple(
        Price(code, nominal_points(row), *_numbers(row.validity))
        for code in sorted(either)
        for row in book.acts.get(str(code), ())
    )
    base_fees = sorted(
        int(code)
        for code, rows in book.acts.items()
        if any(row.section in BASE_FEES and not row.is_addition for row in rows)
    )
    numbered = tuple(pair._replace(row_no=at) for at, pair in enumerate(pairs, 1))
    fees, additions = tuple(_ward_fees(book, counts)), tuple(_ward_additions(book, counts))
    return TableRows(
        numbered, limits, prices, tuple(base_fees), dict(sorted(counts.items())), fees, additions
    )


def _numbers(validity: Validity) -> tuple[int, int]:
    until = OPEN if validity.until is None else (validity.until - _EPOCH).days
    return (validity.since - _EPOCH).days, until


def _exclusions(book: Book, counts: Counter[str]) -> Iterator[Pair]:
    for rows in book.exclusions.values():
        for row in rows:
            counts[f"背反 {row.window.name}"] += 1
            if row.keep == 2 or (row.keep == 3 and row.code > row.other):
                continue
            since, until = _lifted(book, row, *_numbers(row.validity))
            if since > until:
                continue
            source = f"{row.code}/{row.other}"
            is_special = row.is_special or _is_scope_and_picture(book, row)
            yield Pair(
                0, EXCLUSION, int(row.window), row.keep, int(is_special), 0, int(row.code), int(row.other),
                since, until, source,
            )  # fmt: skip


def _is_scope_and_picture(book: Book, row: Exclusion) -> bool:
    """A claim does not tell the orders: a photograph may be another examination's than the scope's.

    Cite: 通知 第3部第3節 内視鏡検査(12)ウ・エ
    """
    chapters = {book.acts[code][0].chapter for code in (row.code, row.other) if code in book.acts}
    return row.window is Window.SAME_TIME and chapters == {"D", "E"}


def _lifted(book: Book, row: Exclusion, since: int, until: int) -> tuple[int, int]:
    """The days left of a pair that a revision took away."""
    for each in LIFTED:
        if each.code not in (row.code, row.other):
            continue
        other = row.other if row.code == each.code else row.code
        if any(act.section == each.section for act in book.acts.get(other, ())):
            until = min(until, _numbers(each.validity)[0] - 1)
    return since, until


def _inclusions(book: Book, counts: Counter[str]) -> Iterator[Pair]:
    for parents in book.parents.values():
        for parent in parents:
            counts[f"包括する行為 {parent.unit.name}"] += 1
            for member in book.members.get(parent.group, ()):
                first, second = _numbers(parent.validity), _numbers(member.validity)
                since, until = max(first[0], second[0]), min(first[1], second[1])
                if parent.code == member.code or since > until:
                    continue
                by_disease = int(parent.code in CONTAINS_BY_DISEASE)
                yield Pair(
                    0, INCLUSION, int(parent.unit), 1, int(member.is_special), by_disease,
                    int(parent.code), int(member.code), since, until, parent.group,
                )  # fmt: skip
    counts["被包括"] = sum(len(rows) for rows in book.members.values())


def _limits(book: Book, counts: Counter[str]) -> Iterator[Limit]:
    number = 0
    for rows in book.limits.values():
        for row in rows:
            found = SPANS.get(row.unit_code)
            counts[f"算定回数 {row.unit_name}" + ("" if found else "（点検しない）")] += 1
            if found is None:
                continue
            since, until = _ended(row, *_numbers(row.validity))
            if since > until:
                continue
            number += 1
            yield Limit(
                number, *found, row.count, int(row.is_special), int(row.code), since, until,
                f"{row.code}/{row.unit_code}", row.unit_name,
            )  # fmt: skip


def _ward_fees(book: Book, counts: Counter[str]) -> Iterator[WardFeeRow]:
    for rows in book.ward_fees.values():
        for row in rows:
            counts["入院基本料識別"] += 1
            yield WardFeeRow(int(row.code), int(row.group), *_numbers(row.validity))


def _ward_additions(book: Book, counts: Counter[str]) -> Iterator[WardAdditionRow]:
    number = 0
    for rows in book.ward_additions.values():
        for row in rows:
            counts["入院基本料加算"] += 1
            number += 1
            yield WardAdditionRow(
                number, int(row.group), int(row.code), int(row.serial or 0), *_numbers(row.validity), f"{row.group}/{row.code}"
            )  # fmt: skip


_R8 = date(2026, 6, 1)


def _ended(row: CountLimit, since: int, until: int) -> tuple[int, int]:
    if not is_ended(row, _R8):
        return since, until
    return since, min(until, (_R8 - _EPOCH).days - 1)
