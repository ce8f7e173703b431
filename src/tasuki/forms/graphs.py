# SPDX-License-Identifier: Apache-2.0
"""検査値の推移 — a line chart of one test over time as SVG text, for the screen and for paper alike.

A pure function: no script, no style sheet, no font of its own. A value out of the reference range
differs by the shape of its mark and by a printed letter (H, L), never by colour alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from html import escape
from itertools import pairwise
from typing import NamedTuple

_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 22, 28, 24
_CLEAR = 14  # between the axes and the outermost marks, for their labels
_GRID_LINES = 5
_LABEL_WIDTH = 58
_LABELLED_POINTS = 16
_INK, _GRID, _BAND, _OUT = "#1f2933", "#d5d9de", "#e8f1ea", "#9b1c1c"


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """検査値 — one result. ``value`` None keeps the day and breaks the line (測定不能, 結果待ち).

    ``label`` is the result as reported where it is no plain number (``<0.5``).
    """

    on: date
    value: Decimal | None
    label: str = ""


@dataclass(frozen=True, slots=True)
class Trend:
    """検査値の推移 — one test's results, oldest first, with the reference range where there is one."""

    title: str
    unit: str
    points: tuple[TrendPoint, ...]
    low: Decimal | None = None
    high: Decimal | None = None

    def mark_of(self, point: TrendPoint) -> str:
        """基準範囲外の印 — H above the range, L below it, empty inside or where nothing is known."""
        if point.value is None:
            return ""
        if self.high is not None and point.value > self.high:
            return "H"
        return "L" if self.low is not None and point.value < self.low else ""


class _Frame(NamedTuple):
    """作図枠 — the drawing's size, its days and its scale."""

    width: int
    height: int
    first: date
    days: int
    floor: Decimal
    ceiling: Decimal
    step: Decimal

    def x(self, day: date) -> float:
        span = self.width - _LEFT - _RIGHT - 2 * _CLEAR
        return _LEFT + _CLEAR + (span * (day - self.first).days / self.days if self.days else span / 2)

    def y(self, value: Decimal) -> float:
        span = self.height - _TOP - _BOTTOM
        return _TOP + span * float((self.ceiling - value) / (self.ceiling - self.floor))


def trend(chart: Trend, *, width: int = 480, height: int = 190) -> str:
    """推移グラフ — the chart as one ``<svg>`` element.

    Days stand at their true distance. All text is escaped; colours are attributes, because a strict
    content policy refuses inline style. A title and a sentence of every value serve screen readers.
    """
    frame = _frame(chart, width, height)
    heading = f"{chart.title}（{chart.unit}）" if chart.unit else chart.title
    told = "、".join(f"{p.on.isoformat()} {_shown(p)}{chart.mark_of(p)}" for p in chart.points)
    return "".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
            f'height="{height}" role="img" font-family="Noto Sans JP" font-size="9" fill="{_INK}">',
            f"<title>{escape(heading)}</title><desc>{escape(told)}</desc>",
            f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
            _text(8, 14, heading, size=11),
            *_range(chart, frame),
            *_grid(frame),
            *_days(chart, frame),
            *_curve(chart, frame),
            *_marks(chart, frame),
            "</svg>",
        )
    )


def _frame(chart: Trend, width: int, height: int) -> _Frame:
    days = [point.on for point in chart.points]
    first, last = (min(days), max(days)) if days else (date.min, date.min)
    known = [point.value for point in chart.points if point.value is not None]
    known += [bound for bound in (chart.low, chart.high) if bound is not None]
    lowest, highest = (min(known), max(known)) if known else (Decimal(0), Decimal(1))
    if lowest == highest:
        margin = abs(lowest) / 10 or Decimal(1)
        lowest, highest = lowest - margin, highest + margin
    step = _step((highest - lowest) / _GRID_LINES)
    floor = (lowest / step).to_integral_value(ROUND_FLOOR) * step
    ceiling = (highest / step).to_integral_value(ROUND_CEILING) * step
    return _Frame(width, height, first, (last - first).days, floor, ceiling, step)


def _step(wanted: Decimal) -> Decimal:
    """目盛 — the next 1, 2 or 5 times a power of ten.

    >>> [str(_step(Decimal(v))) for v in ("0.13", "3", "7", "18")]
    ['0.2', '5', '10', '20']
    """
    power = Decimal(1).scaleb(wanted.adjusted())
    return next(_plain(power * n) for n in (1, 2, 5, 10) if power * n >= wanted)


def _plain(value: Decimal) -> Decimal:
    return Decimal(f"{value.normalize():f}")


def _shown(point: TrendPoint) -> str:
    return point.label or ("測定値なし" if point.value is None else f"{point.value:f}")


def _range(chart: Trend, frame: _Frame) -> list[str]:
    if chart.low is None and chart.high is None:
        return []
    low = frame.floor if chart.low is None else chart.low
    high = frame.ceiling if chart.high is None else chart.high
    top, bottom = frame.y(high), frame.y(low)
    wide = frame.width - _LEFT - _RIGHT
    bounds = "".join(
        _line(_LEFT, frame.y(bound), frame.width - _RIGHT, frame.y(bound), _INK, 0.6, dashed=True)
        for bound in (chart.low, chart.high)
        if bound is not None
    )
    words = f"基準範囲 {'' if chart.low is None else f'{chart.low:f}'}～{'' if chart.high is None else f'{chart.high:f}'}"
    return [
        f'<rect x="{_LEFT}" y="{top:.1f}" width="{wide}" height="{bottom - top:.1f}" fill="{_BAND}"/>',
        bounds,
        _text(frame.width - _RIGHT, 14, words, anchor="end"),
    ]


def _grid(frame: _Frame) -> list[str]:
    drawn: list[str] = []
    tick = frame.floor
    while tick <= frame.ceiling:
        at = frame.y(tick)
        drawn.append(_line(_LEFT, at, frame.width - _RIGHT, at, _GRID, 0.5))
        drawn.append(_text(_LEFT - 5, at + 3, f"{_plain(tick):f}", anchor="end"))
        tick += frame.step
    drawn.append(_line(_LEFT, _TOP, _LEFT, frame.height - _BOTTOM, _INK, 0.8))
    drawn.append(
        _line(_LEFT, frame.height - _BOTTOM, frame.width - _RIGHT, frame.height - _BOTTOM, _INK, 0.8)
    )
    return drawn


def _days(chart: Trend, frame: _Frame) -> list[str]:
    """日付目盛 — the last day always, then as many before it as stand clear of each other."""
    drawn: list[str] = []
    free = float("inf")
    for day in sorted({point.on for point in chart.points}, reverse=True):
        at = frame.x(day)
        drawn.append(_line(at, frame.height - _BOTTOM, at, frame.height - _BOTTOM + 3, _INK, 0.6))
        if at <= free:
            drawn.append(_text(at, frame.height - _BOTTOM + 13, day.isoformat(), anchor="middle"))
            free = at - _LABEL_WIDTH
    return drawn


def _curve(chart: Trend, frame: _Frame) -> list[str]:
    return [
        _line(frame.x(a.on), frame.y(a.value), frame.x(b.on), frame.y(b.value), _INK, 1.2)
        for a, b in pairwise(chart.points)
        if a.value is not None and b.value is not None
    ]


def _marks(chart: Trend, frame: _Frame) -> list[str]:
    drawn: list[str] = []
    for point in chart.points:
        if point.value is None:
            continue
        x, y = frame.x(point.on), frame.y(point.value)
        mark = chart.mark_of(point)
        if mark:
            up = 1 if mark == "H" else -1
            drawn.append(
                f'<path d="M{x - 4:.1f} {y + 3 * up:.1f}L{x + 4:.1f} {y + 3 * up:.1f}L{x:.1f} {y - 4 * up:.1f}Z" fill="{_OUT}"/>'
            )
        else:
            drawn.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.8"/>')
        if mark or len(chart.points) <= _LABELLED_POINTS:
            drawn.append(_text(x, y + 13 if mark == "L" else y - 6, _shown(point) + mark, anchor="middle"))
    return drawn


def _line(
    x1: float, y1: float, x2: float, y2: float, colour: str, weight: float, *, dashed: bool = False
) -> str:
    dash = ' stroke-dasharray="3 2"' if dashed else ""
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
        f'stroke="{colour}" stroke-width="{weight}"{dash}/>'
    )


def _text(x: float, y: float, words: str, *, anchor: str = "start", size: int = 9) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}">{escape(words)}</text>'
