# SPDX-License-Identifier: Apache-2.0
"""請求書の紙面 — boxes, printed words and filled-in values of a sheet, in millimetres from the upper left.

Invoices and accident statements are tables of many equal lines: where they stand is worked out here, the template
only draws it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from tasuki.forms.parties import Issuer
from tasuki.forms.wording import cells, era_parts


class Place(NamedTuple):
    """欄 — left, top, width and height in millimetres."""

    x: float
    y: float
    w: float
    h: float


class Column(NamedTuple):
    """列 — the member of the amounts it shows, its place, and its heading line by line."""

    name: str
    x: float
    w: float
    heading: tuple[str, ...]


@dataclass(slots=True)
class Sheet:
    """請求書の紙面 — gathers what one sheet shows."""

    boxes: list[list[float]] = field(default_factory=list)
    crosses: list[list[float]] = field(default_factory=list)
    labels: list[dict[str, Any]] = field(default_factory=list)
    values: list[dict[str, Any]] = field(default_factory=list)
    digits: list[dict[str, Any]] = field(default_factory=list)
    greys: list[list[float]] = field(default_factory=list)
    rings: list[list[float]] = field(default_factory=list)

    def grey(self, *place: float) -> None:
        """網掛け — a field that is not used."""
        self.greys.append(list(place))

    def ring(self, *place: float) -> None:
        """丸囲み — around the printed word that applies."""
        self.rings.append(list(place))

    def box(self, *place: float) -> None:
        """枠 — a frame."""
        self.boxes.append(list(place))

    def cross(self, *place: float) -> None:
        """斜線 — through a field in which nothing is ever written."""
        self.crosses.append(list(place))

    def label(
        self,
        place: Place,
        words: str | Sequence[str],
        *,
        size: float = 7,
        to: str = "center",
        frame: bool = False,
    ) -> None:
        """印刷文字 — words of the form itself, line by line."""
        lines = [words] if isinstance(words, str) else list(words)
        self.labels.append({**place._asdict(), "lines": lines, "size": size, "to": to, "stacked": False})
        if frame:
            self.box(*place)

    def stacked(self, place: Place, words: str, *, size: float = 7, frame: bool = True) -> None:
        """縦書き — characters of the form from top to bottom."""
        self.labels.append(
            {**place._asdict(), "lines": [words], "size": size, "to": "center", "stacked": True}
        )
        if frame:
            self.box(*place)

    def value(self, place: Place, words: str, *, size: float = 8.5, to: str = "right") -> None:
        """記入 — what was filled in."""
        if words:
            self.values.append({**place._asdict(), "words": words, "size": size, "to": to})

    def number(self, place: Place, number: str, count: int) -> None:
        """桁枠 — a number, one digit a cell; one that is too long is shown whole in narrower cells."""
        self.digits.append({**place._asdict(), "cells": cells(number, max(count, len(number)))})

    def line(self, columns: Sequence[Column], y: float, height: float, words: Sequence[str]) -> None:
        """明細行 — one value a column."""
        for column, word in zip(columns, words, strict=True):
            self.box(column.x, y, column.w, height)
            self.value(Place(column.x, y, column.w, height), word)

    def headings(self, columns: Sequence[Column], y: float, height: float) -> None:
        """列見出し — above the lines."""
        for column in columns:
            self.label(Place(column.x, y, column.w, height), column.heading, size=6.5, frame=True)

    def month(self, x: float, y: float, day: date) -> None:
        """診療年月分 — the month the invoice is for."""
        era = era_parts(day)
        self.value(Place(x, y, 40, 6), f"{era.era}{era.year}年{era.month}月分", size=11, to="left")

    def institution(self, y: float, issuer: Issuer, opener: str) -> None:
        """保険医療機関 — numbers, place, name, telephone and opener at the right of the head."""
        self.label(Place(97, y, 16, 7), ("都道府", "県番号"), size=6.5)
        self.value(Place(113, y, 9, 7), issuer.prefecture, size=11, to="center")
        self.label(Place(123, y, 15, 7), ("医療機関", "コード"), size=6.5)
        self.value(Place(138, y, 42, 7), issuer.code, size=12, to="left")
        for n, (label, words) in enumerate(
            (
                ("保険医療機関の", issuer.address),
                ("所在地及び名称", issuer.name),
                ("電　話　番　号", issuer.telephone),
                ("開 設 者 氏 名", opener),
            )
        ):
            top = y + 8 + n * 5
            self.label(Place(97, top, 26, 5), label, size=6.5, to="left")
            self.value(Place(122, top, 78, 5), words, to="left")

    def claimed_on(self, x: float, y: float, day: date | None) -> None:
        """請求年月日 — left to be written where it is not known."""
        era = era_parts(day)
        words = f"{era.era}{era.year}年{era.month}月{era.day}日" if day else ""
        self.label(Place(x, y, 50, 5), "下記のとおり請求します。", size=7, to="left")
        if words:
            self.value(Place(x, y + 5, 50, 5), words, size=8.5, to="left")
        else:
            self.label(Place(x, y + 5, 50, 5), "令和　　　年　　　月　　　日", size=7.5, to="left")

    def plain(self) -> dict[str, Any]:
        """印字内容 — as the template takes it."""
        return {
            "boxes": self.boxes,
            "crosses": self.crosses,
            "labels": self.labels,
            "values": self.values,
            "digits": self.digits,
            "greys": self.greys,
            "rings": self.rings,
        }
