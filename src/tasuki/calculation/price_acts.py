# SPDX-License-Identifier: Apache-2.0
"""診療行為の点数 — steps, additions and percentages of the acts of one unit, rounded where the law rounds."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from math import ceil
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace as changed

from tasuki.calculation.draft import DraftLine, DraftUnit, denied, fallen
from tasuki.kernel.points import half_up
from tasuki.masters.rows import ADDITION_KINDS, Act, PointsKind

if TYPE_CHECKING:
    from decimal import Decimal

    from tasuki.calculation.statement import Line
    from tasuki.masters.rows import Step

STEP_CITE = "マスターファイル仕様説明書 R6 医科診療行為マスター 30-35 きざみ"
_IMAGING, _TESTS = "70", "60"
_PERCENTS = (PointsKind.ADD_PERCENT, PointsKind.SUBTRACT_PERCENT)


class PricedGroup(NamedTuple):
    """所定点数のまとまり — a base act with the additions that follow it; rounded once, at its end."""

    lines: tuple[DraftLine, ...]
    points: int
    yen: int


def price_acts(unit: DraftUnit) -> tuple[DraftUnit | None, tuple[Line, ...]]:
    """診療行為の点数 — the unit priced, and the lines below the lower limit of their steps.

    診断 and 撮影 of one X-ray stand in one unit and are rounded each by itself.

    Cite: 医科点数表 第4部画像診断 通知 (端数処理の例); 同 通則 端数は四捨五入
    """
    plain = _plain_points(unit.lines)
    if plain is not None:
        return _priced(unit, plain), ()
    kept: list[DraftLine] = []
    lost: list[Line] = []
    for line in unit.lines:
        row = line.row
        if isinstance(row, Act) and row.step and _is_below(line.amount, row.step):
            facts = {"amount": line.amount, "above": row.step.above, "width": row.step.width}
            lost.append(fallen(line, denied("table/step", STEP_CITE, line.code, lost_to="", **facts)))
        else:
            kept.append(line)
    if all(isinstance(line.row, Act) and line.row.is_addition for line in kept):
        orphans = (fallen(line, denied("table/orphan", STEP_CITE, line.code, lost_to="")) for line in kept)
        return None, (*lost, *orphans)
    if _has_shared_percent(unit.section, kept):
        return _price_together(unit, kept), tuple(lost)
    groups = [price_group(group) for group in _groups(kept)]
    priced = changed(
        unit,
        lines=tuple(line for group in groups for line in group.lines),
        points=sum(group.points for group in groups),
        yen=sum(group.yen for group in groups),
    )
    return priced, tuple(lost)


def _priced(unit: DraftUnit, plain: list[int]) -> DraftUnit:
    lines = [changed(line, points=points) for line, points in zip(unit.lines, plain, strict=True)]
    return changed(unit, lines=tuple(lines), points=sum(plain))


def _plain_points(lines: tuple[DraftLine, ...]) -> list[int] | None:
    """Whole points of a base and its additions when nothing is stepped, in percent or in yen; else None."""
    found: list[int] = []
    for line in lines:
        row = line.row
        if (
            type(row) is not Act
            or row.points_kind is not _ADD
            or (row.step is not None and line.amount is not None)
        ):
            return None
        points = _whole(row.points)
        if points is None:
            return None
        found.append(points)
    first = lines[0].row
    return found if isinstance(first, Act) and first.record_kind not in ADDITION_KINDS else None


_ADD = PointsKind.ADD


@lru_cache(maxsize=4096)
def _whole(points: Decimal) -> int | None:
    """The number when it is a whole one; few numbers of points occur, and often."""
    whole = int(points)
    return whole if whole == points else None


def _has_shared_percent(section: str, lines: list[DraftLine]) -> bool:
    """A percentage without a base of its own after several acts of one 一連, as claim files record it."""
    acts = sum(
        1 for line in lines if isinstance(line.row, Act) and not line.row.is_addition and line.row.points
    )
    return section != _IMAGING and acts > 1 and any(_is_shared_percent(line.row) for line in lines)


def _price_together(unit: DraftUnit, lines: list[DraftLine]) -> DraftUnit:
    """The percentage counts on the sum of all acts before it; a 通則加算 on the same sum as its neighbour."""
    own = [line for line in lines if not _is_shared_percent(line.row)]
    groups = [price_group(group) for group in _groups(own)]
    shared = [line for line in lines if _is_shared_percent(line.row)]
    if unit.section == _TESTS and all(
        isinstance(each.row, Act) and each.row.record_kind == "7" for each in shared
    ):
        return _price_each_test(unit, groups, shared)
    priced = [line for group in groups for line in group.lines]
    base = total = sum(group.points for group in groups)
    for line in shared:
        assert isinstance(line.row, Act)
        points = half_up(_signed(line.row) * (base if line.row.record_kind == "9" else total) / 100)
        total += points
        priced.append(changed(line, points=points))
    return changed(unit, lines=tuple(priced), points=total, yen=sum(group.yen for group in groups))


def _price_each_test(unit: DraftUnit, groups: list[PricedGroup], shared: list[DraftLine]) -> DraftUnit:
    """Of 生体検査 each test takes the percentages on its own points and is rounded by itself.

    Cite: 医科点数表 第3部第3節 通則1・2 (各区分に掲げる所定点数にそれぞれ); 通知 第3部第3節 4
    """
    priced = [line for group in groups for line in group.lines]
    exact = [Fraction(group.points) for group in groups]
    total = sum(group.points for group in groups)
    for line in shared:
        assert isinstance(line.row, Act)
        exact = [points + _signed(line.row) * points / 100 for points in exact]
        after = sum(half_up(points) for points in exact)
        priced.append(changed(line, points=after - total))
        total = after
    return changed(unit, lines=tuple(priced), points=total, yen=sum(group.yen for group in groups))


def _is_shared_percent(row: object) -> bool:
    return isinstance(row, Act) and row.points_kind in _PERCENTS and row.addition_group in ("0", "")


def price_group(lines: tuple[DraftLine, ...]) -> PricedGroup:
    """所定点数 — base, then additions in points, then percentages.

    A percentage recorded as 加算 (col 68 = 7) multiplies what stands before it; one of no base of its own
    (注加算コード 0: 検査逓減, the age additions of 生体検査) comes after every addition in points. A 通則加算
    (col 68 = 9) takes its share of 所定点数, several of them side by side.

    Cite: 医科点数表 第3部第3節 生体検査料 通知 2・4; 医科診療行為マスター col 62, 68
    """
    exact = Fraction(0)
    general_base = Fraction(0)
    general = Fraction(0)
    yen = 0
    values: dict[int, Fraction] = {}
    for place in sorted(range(len(lines)), key=lambda at: _price_rank(lines[at].row)):
        row = lines[place].row
        assert isinstance(row, Act)
        plain = act_points(row, lines[place].amount)
        if row.points_kind is PointsKind.YEN:
            yen += half_up(plain)
            value = Fraction(0)
        elif row.points_kind is PointsKind.SUBTRACT:
            value = -plain
        elif row.points_kind not in _PERCENTS:
            value = plain
        elif row.record_kind == "9":
            value = _signed(row) * general_base / 100
            general += value
        else:
            value = _signed(row) * exact / 100
        values[place] = value
        if row.record_kind != "9" or row.points_kind not in _PERCENTS:
            exact += value
            if row.general_base != "1" and row.record_kind != "9":
                general_base += value
    shown: list[DraftLine] = []
    running, before = Fraction(0), 0
    for place, line in enumerate(lines):
        running += values[place]
        shown.append(changed(line, points=half_up(running) - before))
        before = half_up(running)
    return PricedGroup(tuple(shown), half_up(exact + general), yen)


def act_points(row: Act, amount: Decimal | None) -> Fraction:
    """きざみの点数 — the exact points of an act at an amount, before rounding.

    Cite: マスターファイル仕様説明書 R6 医科診療行為マスター 30-35 きざみ
    """
    points = Fraction(row.points)
    step = row.step
    if step is None or amount is None:
        return points
    if step.error_rule in (1, 3):
        amount = min(amount, type(amount)(step.upto))
    if amount <= step.above:
        return points
    return points + ceil((Fraction(amount) - step.above) / step.width) * Fraction(step.points)


def _groups(lines: list[DraftLine]) -> list[tuple[DraftLine, ...]]:
    """A group begins at each act that is not an addition; an addition before any base joins the first."""
    starts = [at for at, line in enumerate(lines) if isinstance(line.row, Act) and not line.row.is_addition]
    edges = [0, *starts[1:], len(lines)]
    return [tuple(lines[start:end]) for start, end in pairwise(edges)]


def _price_rank(row: object) -> tuple[int, int]:
    assert isinstance(row, Act)
    if not row.is_addition:
        return (0, 0)
    if row.record_kind == "9":
        return (3, 0)
    is_late = row.points_kind in _PERCENTS and row.addition_group in ("0", "")
    return (2, 0) if is_late else (1, int(row.addition_serial, 36) if row.addition_serial else 0)


def _signed(row: Act) -> Fraction:
    return Fraction(row.points) if row.points_kind is PointsKind.ADD_PERCENT else -Fraction(row.points)


def _is_below(amount: Decimal | None, step: Step) -> bool:
    return step.error_rule in (2, 3) and amount is not None and amount <= step.above - step.width
