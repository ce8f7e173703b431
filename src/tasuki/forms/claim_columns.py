# SPDX-License-Identifier: Apache-2.0
"""摘要欄 — text cut into lines of the 摘要 column and dealt out over the first sheet and its 続紙.

The column is a grid of lines, as on the printed form, so the cutting is done here where it can be
tested and not left to the typesetter.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple
from unicodedata import east_asian_width

from tasuki.forms.glyphs import is_selector
from tasuki.forms.wording import era_parts, grouped


class ColumnSizes(NamedTuple):
    """摘要欄の大きさ — full-width characters a line beside 点×回 and without it, lines on the first sheet and a 続紙's column."""

    text_ems: int
    plain_ems: int
    front_lines: int
    next_lines: int


# 8-point characters in the column of 様式第二: 91 mm wide with 19 mm kept for 点×回.
COLUMNS = ColumnSizes(text_ems=24, plain_ems=30, front_lines=44, next_lines=73)
# The inpatients' first sheet has the meals below 摘要.
STAY_COLUMNS = COLUMNS._replace(front_lines=37)

# Latin letters and digits of the typeface are at most this wide on average, in ems.
_HALF_WIDTH = 0.6


class Line(NamedTuple):
    """摘要欄の1行 — class, burden mark, text, and 点×回 at the right."""

    section: str = ""
    burden: str = ""
    text: str = ""
    value: str = ""


class Block(NamedTuple):
    """摘要欄のまとまり — lines kept together, and the class and burden they stand under."""

    marks: tuple[str, str]
    lines: list[Line]


@dataclass(slots=True)
class Columns:
    """摘要欄の組立 — collects lines in order. Units are kept whole where a column can hold them."""

    sizes: ColumnSizes
    blocks: list[Block] = field(default_factory=list)

    def add_unit(
        self, section: str, burden: str, items: list[tuple[str, str]], value: tuple[int, int] | None
    ) -> None:
        """算定単位 — an asterisk at its head and 点×回 on its last line; a comment of its own has neither."""
        texts: list[str] = []
        width = self.sizes.plain_ems if value is None else self.sizes.text_ems
        for n, (name, amount) in enumerate(items):
            head = "＊" if n == 0 and value is not None else "　"
            texts += _with_amount(_cut(head + name, width), amount, width)
        lines = [Line(text=text) for text in texts or [""]]
        if value is not None:
            points, count = value
            lines[-1] = lines[-1]._replace(value=f"{grouped(points)}×{count}")
        self.blocks.append(Block((section, burden), lines))

    def add_disease(self, number: int, name: str, since: date, outcome: str, *, is_main: bool) -> None:
        """傷病名の続き — a disease beyond those the 傷病名 box holds."""
        day = era_parts(since)
        mark = "（主）" if is_main else ""
        tail = f"　{day.era}{day.year}.{day.month}.{day.day}" + (f"　{outcome}" if outcome else "")
        self._plain(f"（{number}）{name}{mark}{tail}")

    def add_programme(
        self,
        mark: str,
        payer: str,
        recipient: str,
        days: int,
        points: int,
        burden_yen: int | None,
        meals: str = "",
    ) -> None:
        """第三公費以降 — the form has boxes for two programmes; the others stand at the head of 摘要."""
        self._plain(f"公負{mark} {payer}　公受{mark} {recipient}")
        self._plain(
            f"　実日数 {days}日　{grouped(points)}点"
            + ("" if burden_yen is None else f"　負担 {grouped(burden_yen)}円")
        )
        if meals:
            self._plain(f"　{meals}")

    def add_narrative(self, text: str) -> None:
        """症状詳記 — free text after the units."""
        for paragraph in text.splitlines():
            self._plain(paragraph)

    def _plain(self, text: str) -> None:
        lines = [Line(text=piece) for piece in _cut(text, self.sizes.plain_ems)]
        self.blocks.append(Block(("", ""), lines))


def fill_columns(columns: Columns) -> list[list[list[dict[str, str]]]]:
    """続紙への割付 — sheets of columns of lines: one column on the first sheet, two on each 続紙.

    A unit moves to the next column whole, unless it is longer than a column. Class and burden are
    printed where they change and again at the head of each column.
    """
    sizes = columns.sizes
    filled: list[list[Line]] = [[]]
    room = sizes.front_lines
    shown = ("", "")
    for marks, lines in columns.blocks:
        if room < len(lines) <= sizes.next_lines and filled[-1]:
            room = 0
        for line in lines:
            if room == 0:
                filled.append([])
                room, shown = sizes.next_lines, ("", "")
            filled[-1].append(line if marks == shown else line._replace(section=marks[0], burden=marks[1]))
            shown = marks
            room -= 1
    first, rest = filled[:1], filled[1:]
    sheets = [first] + [rest[n : n + 2] for n in range(0, len(rest), 2)]
    return [[[line._asdict() for line in column] for column in sheet] for sheet in sheets]


def ems(text: str) -> float:
    """文字幅 — in full-width characters."""
    return sum(0.0 if is_selector(c) else 1.0 if east_asian_width(c) in "WFA" else _HALF_WIDTH for c in text)


def _with_amount(pieces: list[str], amount: str, width: int) -> list[str]:
    """数量 — after the name on its last line, else whole on the next: 100 parted from 枚 misleads.

    >>> _with_amount(["架空テープ"], "100枚", 10), _with_amount(["架空テープ"], "100枚", 8)
    (['架空テープ　100枚'], ['架空テープ', '　100枚'])
    """
    if not amount:
        return pieces
    if ems(f"{pieces[-1]}　{amount}") <= width:
        return [*pieces[:-1], f"{pieces[-1]}　{amount}"]
    return [*pieces, *_cut(f"　{amount}", width)]


def _cut(text: str, width: int) -> list[str]:
    """行分割 — pieces no wider than a line, the later ones indented; 、。 and closing brackets begin none.

    >>> _cut("あいうえおか", 4)
    ['あいうえ', '　おか']
    >>> _cut("あいうえ。か", 4)
    ['あいうえ。', '　か']
    """
    pieces: list[str] = []
    piece, used = "", 0.0
    for c in text:
        wide = ems(c)
        if used + wide > width and c not in "、。，．」）":
            pieces.append(piece)
            piece, used = "　", 1.0
        piece += c
        used += wide
    return [*pieces, piece]
