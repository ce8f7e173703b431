# SPDX-License-Identifier: Apache-2.0
"""レセプトの負担金額欄 — a closed month as the receipts state it: HO and KO amounts, marks, MF."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from tasuki.chart.coverage import Coverage, ReductionKind
from tasuki.kernel.because import Because


@dataclass(frozen=True, slots=True)
class ProgrammeMonth:
    """公費の月計 — one KO record's amounts.

    ``amount_yen`` is 公費負担金額 (None: leave empty), ``benefit_share_yen`` 公費給付対象一部負担金 (None:
    leave empty); ``patient_yen`` and ``pays_yen`` are the plain sums. ``is_on_receipt`` False: billed apart.
    """

    programme: str
    law_code: str
    points: int
    day_count: int
    amount_yen: int | None
    benefit_share_yen: int | None
    patient_yen: int
    pays_yen: int
    is_on_receipt: bool = True


@dataclass(frozen=True, slots=True)
class ReceiptMonth:
    """レセプトごとの月計 — one receipt's amounts of the month.

    ``share_yen`` is the insured share under all limits (programme parts plus insurer-only part after
    合算); ``amount_yen`` is HO 負担金額, None where the receipt leaves it empty. ``marks`` are 特記事項
    in ascending order, ``counter_kind`` is MF 窓口負担額区分, ``benefit_percent`` RE 給付割合 (国保 only),
    ``burden_class`` RE 一部負担金等区分. ``coverage`` is that of the receipt's last visit.
    """

    receipt: str
    coverage: Coverage
    is_insured: bool
    points: int
    day_count: int
    days: tuple[date, ...]
    share_percent: int | None
    benefit_percent: int | None
    share_yen: int
    amount_yen: int | None
    high_cost_yen: int
    aggregated_yen: int
    programmes: tuple[ProgrammeMonth, ...]
    patient_yen: int
    collected_yen: int
    marks: tuple[str, ...]
    counter_kind: str
    burden_class: str
    reduction: ReductionKind | None
    because: tuple[Because, ...]


@dataclass(frozen=True, slots=True)
class MonthResult:
    """月次の負担結果 — every receipt of one person's month and what was collected in all."""

    month: tuple[int, int]
    receipts: tuple[ReceiptMonth, ...]
    collected_yen: int
