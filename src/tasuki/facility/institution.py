# SPDX-License-Identifier: Apache-2.0
"""保険医療機関 — the institution as the fee table sees it: kind, hours, notified standards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum

from tasuki.kernel.validity import Validity


class InstitutionKind(StrEnum):
    """病院・診療所・薬局の別 — the first two as 医科診療行為マスター col 19 asks; a pharmacy bills no medical acts."""

    CLINIC = "clinic"
    HOSPITAL = "hospital"
    PHARMACY = "pharmacy"


@dataclass(frozen=True, slots=True)
class NotifiedStandard:
    """届出施設基準 — a standard the institution has notified (or meets without notice), with its days.

    ``code`` is the official 施設基準コード of the master; where no official number is known yet, our
    own key with the prefix ``tasuki-`` (docs/reference/unconfirmed.md).
    """

    code: str
    validity: Validity


@dataclass(frozen=True, slots=True)
class OpenHours:
    """診療時間 — one opening period on a weekday (0 Monday … 6 Sunday), closed at the start, open at the end."""

    weekday: int
    since: time
    until: time


@dataclass(frozen=True, slots=True)
class Institution:
    """保険医療機関 — code of seven digits, prefecture of two, and what its bills depend on.

    ``departments`` are the 診療科コード it displays (09 小児科); ``general_beds`` the 一般病床 among its
    beds, None when all are; ``is_open_on_holidays`` says that national holidays follow the hours of
    their weekday, which otherwise count as closed.
    """

    code: str
    prefecture: str
    name: str = ""
    telephone: str = ""
    kind: InstitutionKind = InstitutionKind.CLINIC
    beds: int = 0
    standards: tuple[NotifiedStandard, ...] = ()
    hours: tuple[OpenHours, ...] = ()
    closed_days: frozenset[date] = frozenset()
    departments: tuple[str, ...] = ()
    general_beds: int | None = None
    is_open_on_holidays: bool = False

    @property
    def general_bed_count(self) -> int:
        """一般病床数 — the general beds, which decide between 再診料 and 外来診療料."""
        return self.beds if self.general_beds is None else self.general_beds

    def standards_on(self, day: date) -> frozenset[str]:
        """届出の有無 — the codes of the standards in force on a day."""
        return frozenset(s.code for s in self.standards if day in s.validity)
