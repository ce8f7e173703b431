# SPDX-License-Identifier: Apache-2.0
"""算定結果 — the answer of a calculation: units granted, lines denied, advice, and every reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from tasuki.chart.visit import PastLine, VisitKind
from tasuki.kernel.because import Because, Verdict
from tasuki.kernel.finding import Finding


class LineKind(StrEnum):
    """レコード種別 — the claim record a line becomes."""

    ACT = "SI"
    DRUG = "IY"
    MATERIAL = "TO"
    COMMENT = "CO"


class Line(NamedTuple):
    """明細 — one code with what became of it and why.

    ``amount`` is 数量データ or the amount used; ``points`` what the line alone contributes to one
    count of its unit when that can be told apart (0 for members of a bundle or drugs priced together).
    ``potential_points`` is what a denied or advised line would have brought.
    """

    code: str
    name: str
    kind: LineKind
    amount: Decimal | None
    points: int
    verdict: Verdict
    because: tuple[Because, ...]
    text: str = ""
    potential_points: int = 0


class Unit(NamedTuple):
    """点数・回数算定単位 — lines that share one point value and one 回数 (``times``).

    ``section`` is the 診療識別 (11 … 80); units with the same ``group`` form one 剤 (a procedure with its
    drugs and materials); ``order_id`` is "" for what the calculation added by itself.
    ``programme_ids`` None means every programme of the visit; ``site`` 部位 as ordered.
    """

    section: str
    group: str
    lines: tuple[Line, ...]
    points: int
    times: int
    order_id: str = ""
    programme_ids: tuple[str, ...] | None = None
    yen: int = 0
    site: str = ""

    @property
    def total_points(self) -> int:
        """点数計 — points times 回数."""
        return self.points * self.times


@dataclass(frozen=True, slots=True)
class Statement:
    """算定結果 — of one visit. ``kind`` is the decided 初再診; ``revision`` the book that answered."""

    visit_id: str
    day: date
    revision: str
    kind: VisitKind
    kind_because: tuple[Because, ...]
    department: str
    units: tuple[Unit, ...]
    denied: tuple[Line, ...]
    advised: tuple[Line, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def total_points(self) -> int:
        """合計点数 — of every granted unit."""
        return sum(unit.total_points for unit in self.units)

    def granted(self) -> tuple[Line, ...]:
        """算定明細 — the granted lines in the order of the claim."""
        return tuple(line for unit in self.units for line in unit.lines)

    def as_history(self) -> tuple[PastLine, ...]:
        """算定歴 — the granted acts and drugs as the next calculation's history."""
        return tuple(
            PastLine(
                self.day,
                line.code,
                unit.times,
                self.visit_id,
                self.department,
                unit.site,
                amount=line.amount,
            )
            for unit in self.units
            for line in unit.lines
            if line.kind is not LineKind.COMMENT
        )
