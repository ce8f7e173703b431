# SPDX-License-Identifier: Apache-2.0
"""窓口負担の月次台帳 — one person's month at one institution: visits, running sums, and what each visit pays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import NamedTuple, TypeAlias

from tasuki.calculation.copayment.limits import Limit
from tasuki.calculation.copayment.settings import CopaymentSettings
from tasuki.chart.coverage import Coverage
from tasuki.chart.visit import Person
from tasuki.kernel.because import Because

# Yen before their rounding point: whole, or a fraction of a percentage.
Amount: TypeAlias = int | Fraction
# The programmes that join the insurer for some points, by PublicProgramme.key; () is the insurer alone.
PayerSet: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CopayVisit:
    """受診 — one visit as its payment sees it: points per set of payers under one coverage.

    The insurer of the coverage belongs to every set, except sets of a programme that comes before
    insurance. ``is_counted_day`` is 診療実日数; ``is_first_visit`` is 初診, which some local rules ask.
    """

    day: date
    person: Person
    coverage: Coverage
    points_by_payer_set: Mapping[PayerSet, int]
    is_counted_day: bool = True
    is_first_visit: bool = False
    department: str = "01"
    id: str = ""


class ProgrammePart(NamedTuple):
    """公費の負担 — what one programme pays of a visit, and what it leaves to the patient."""

    programme: str
    law_code: str
    pays_yen: Amount
    patient_yen: Amount


class PartCharge(NamedTuple):
    """組合せごとの負担 — one payer set's step of a visit: share, limit, programmes, collection.

    All amounts are what this visit added; a negative one is money given back because the month's
    limit moved. Amounts before rounding may be fractions of a yen.
    """

    payer_set: PayerSet
    receipt: str
    points: int
    cost_yen: int
    share_yen: Amount
    within_limit_yen: Amount
    aggregated_yen: int
    programmes: tuple[ProgrammePart, ...]
    patient_yen: Amount
    collect_yen: int


class LedgerLine(NamedTuple):
    """上限額管理票の行 — what this institution writes for one programme and visit.

    ``total_yen`` is the running sum of the month over all institutions, as far as the card shows it.
    """

    programme: str
    law_code: str
    day: date
    cost_yen: int
    patient_yen: int
    total_yen: int
    cap_yen: int
    is_reached: bool


@dataclass(frozen=True, slots=True)
class VisitCharge:
    """窓口負担 — what to collect at one visit (negative: to give back), with every step and reason."""

    collect_yen: int
    share_percent: int | None
    parts: tuple[PartCharge, ...]
    because: tuple[Because, ...]
    ledger_lines: tuple[LedgerLine, ...] = ()


class SetKey(NamedTuple):
    """組合せの鍵 — the receipt a set belongs to and its programmes in legal order."""

    receipt: str
    programmes: PayerSet


class SetMonth(NamedTuple):
    """組合せの月計 — running sums of one payer set in the month.

    ``share_yen`` is the share after 減免; ``within_limit_yen`` the share under the high-cost limit; ``refund_yen`` what 合算 takes off the
    insurer-only part; ``remainders`` what each programme leaves; ``patient_yen`` what the last one leaves.
    """

    law_codes: tuple[str, ...]
    is_insured: bool
    limit_group: str
    points: int = 0
    cost_yen: int = 0
    gross_share_yen: int = 0
    share_yen: Amount = 0
    limit: Limit | None = None
    within_limit_yen: Amount = 0
    refund_yen: int = 0
    remainders: tuple[Amount, ...] = ()
    patient_yen: Amount = 0
    collected_yen: int = 0
    days: frozenset[date] = frozenset()
    counted_days: frozenset[date] = frozenset()

    @property
    def is_limited(self) -> bool:
        """現物給付の有無 — whether a limit took anything off the share."""
        return self.within_limit_yen < self.share_yen or self.refund_yen > 0


class OccasionPaid(NamedTuple):
    """1回・1日の支払 — what was paid on one occasion of a local rule."""

    key: tuple[object, ...]
    patient_yen: Amount
    collected_yen: int


class LocalMonth(NamedTuple):
    """地方公費の月計 — running sums of one local programme: what came to it, and what it left."""

    base_yen: Amount = 0
    rounded_base_yen: int = 0
    patient_yen: Amount = 0
    collected_yen: int = 0
    occasions: tuple[OccasionPaid, ...] = ()


class Entry(NamedTuple):
    """台帳の行 — a visit and what it was charged."""

    visit: CopayVisit
    charge: VisitCharge


@dataclass(frozen=True, slots=True)
class MonthLedger:
    """月次台帳 — one person, one institution, one calendar month of outpatient care.

    Made empty for a month and passed through ``visit_copayment`` visit by visit; the running sums
    are always those of replaying ``entries`` from the start.
    """

    month: tuple[int, int]
    settings: CopaymentSettings = field(default_factory=CopaymentSettings)
    sets: Mapping[SetKey, SetMonth] = field(default_factory=dict)
    local: Mapping[str, LocalMonth] = field(default_factory=dict)
    entries: tuple[Entry, ...] = ()

    @property
    def collected_yen(self) -> int:
        """収納額 — everything charged this month so far."""
        return sum(entry.charge.collect_yen for entry in self.entries)
