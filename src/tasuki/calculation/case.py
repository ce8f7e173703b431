# SPDX-License-Identifier: Apache-2.0
"""事案 — what a rule may look at: the visit, the institution, the history, and the book of the day."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from tasuki.chart.visit import History, Visit
    from tasuki.facility.institution import Institution
    from tasuki.kernel.days import Age
    from tasuki.masters.book import DayBook


@dataclass(frozen=True)
class Case:
    """事案 — one visit with everything its points depend on; no clock, no other lookup."""

    visit: Visit
    institution: Institution
    history: History
    book: DayBook

    @cached_property
    def day(self) -> date:
        """診療日 — the day of the visit."""
        return self.visit.day

    @cached_property
    def age(self) -> Age:
        """年齢 — of the patient on the day."""
        return self.visit.age

    @cached_property
    def standards(self) -> frozenset[str]:
        """届出施設基準 — in force at the institution on the day."""
        return self.institution.standards_on(self.day)

    def has_standard(self, code: str) -> bool:
        """届出の有無 — whether the standard, or one that stands for it (名寄せ), is notified."""
        return any(filed in self.standards for filed in self.book.satisfying_standards(code))

    def has_flag(self, flag: str) -> bool:
        """申告事実 — whether a fact only a human knows was recorded on the visit."""
        return flag in self.visit.flags
