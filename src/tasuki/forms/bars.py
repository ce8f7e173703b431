# SPDX-License-Identifier: Apache-2.0
"""月別の棒グラフ — one number a month as bars, as SVG text, for the screen and for paper alike.

A pure function: no script, no style sheet, no font of its own. Every value is printed above its bar, so that
neither height nor colour has to be measured by eye.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

_LEFT, _RIGHT, _TOP, _BOTTOM = 12, 12, 30, 22
_INK, _GRID, _FILL = "#1f2933", "#d5d9de", "#0b4f6c"
# The part of a month's width that its bar takes, in percent.
_BAR = 62


class Bar(NamedTuple):
    """棒 — the label below it and its value, not negative."""

    label: str
    value: int


def bars(title: str, unit: str, values: Sequence[Bar], *, width: int = 620, height: int = 150) -> str:
    """棒グラフ — the chart as one ``<svg>`` element with a title and a sentence of every value.

    >>> bars("返戻", "件", (Bar("2026-11", 2),)).count("<rect")
    2
    """
    told = "、".join(f"{escape(bar.label)} {bar.value}{escape(unit)}" for bar in values)
    heading = f"{title}（{unit}）"
    floor = height - _BOTTOM
    span = (width - _LEFT - _RIGHT) / max(len(values), 1)
    most = max((bar.value for bar in values), default=0) or 1
    drawn = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" role="img" font-family="Noto Sans JP" font-size="9" fill="{_INK}">',
        f"<title>{escape(heading)}</title><desc>{told}</desc>",
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        f'<text x="8" y="14" font-size="11">{escape(heading)}</text>',
        f'<line x1="{_LEFT}" y1="{floor}" x2="{width - _RIGHT}" y2="{floor}" stroke="{_GRID}"/>',
    ]
    for place, bar in enumerate(values):
        middle = _LEFT + span * (place + 0.5)
        tall = (floor - _TOP) * bar.value / most
        drawn.append(
            f'<text x="{middle:.1f}" y="{floor + 13}" text-anchor="middle">{escape(bar.label)}</text>'
        )
        if bar.value:
            thick = span * _BAR / 100
            drawn.append(
                f'<rect x="{middle - thick / 2:.1f}" y="{floor - tall:.1f}" width="{thick:.1f}" '
                f'height="{tall:.1f}" fill="{_FILL}"/>'
            )
        drawn.append(
            f'<text x="{middle:.1f}" y="{floor - tall - 4:.1f}" text-anchor="middle">{bar.value}</text>'
        )
    return "".join((*drawn, "</svg>"))
