# SPDX-License-Identifier: Apache-2.0
"""診療報酬請求書（国保・後期） — 様式第六 and 様式第八: one invoice an insurer, with the programmes of its receipts.

Cite: 療養の給付及び公費負担医療に関する費用の請求に関する命令 様式第六, 様式第八; 診療報酬請求書等の記載要領 I
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tasuki.forms.invoice_amounts import (
    NOTHING,
    InvoiceAmounts,
    nothing_claimed,
    uncounted_findings,
)
from tasuki.forms.parties import Issuer
from tasuki.kernel.finding import Finding


class InvoiceScheme(StrEnum):
    """請求先の制度 — 国保 or 後期高齢者医療."""

    NATIONAL = "national"
    LATE = "late"


class PayerRow(StrEnum):
    """保険者請求書の区分 — the groups of 様式第六 and of 様式第八, in printed order."""

    ELDER = "elder"  # 70以上一般・低所得
    ELDER_ACTIVE = "elder_active"  # 70以上7割
    ORDINARY = "ordinary"  # 一般被保険者
    PRESCHOOL = "preschool"  # 六歳
    RETIRED = "retired"  # 退職者 本人
    RETIRED_FAMILY = "retired_family"  # 退職者 被扶養者
    RETIRED_PRESCHOOL = "retired_preschool"  # 退職者 六歳
    LATE = "late"  # 後期 一般・低所得
    LATE_ACTIVE = "late_active"  # 後期 7割


RETIRED_ROWS = frozenset({PayerRow.RETIRED, PayerRow.RETIRED_FAMILY, PayerRow.RETIRED_PRESCHOOL})


@dataclass(frozen=True, slots=True)
class PayerLine:
    """保険者の明細行 — one group, 入院 or 入院外."""

    row: PayerRow
    is_inpatient: bool
    amounts: InvoiceAmounts


@dataclass(frozen=True, slots=True)
class PayerProgrammeLine:
    """公費負担医療の明細行 — one 法別番号, 入院 or 入院外."""

    law_number: str
    is_inpatient: bool
    amounts: InvoiceAmounts


@dataclass(frozen=True, slots=True)
class PayerInvoice:
    """保険者別の請求書 — of one insurer of 国保 or one 広域連合. The name is printed where it is known."""

    insurer_number: str
    scheme: InvoiceScheme
    rows: tuple[PayerLine, ...]
    programmes: tuple[PayerProgrammeLine, ...] = ()
    insurer_name: str = ""

    def at(self, row: PayerRow, *, is_inpatient: bool) -> InvoiceAmounts:
        """区分の数 — of one line, nothing where it is not claimed."""
        found = (one.amounts for one in self.rows if (one.row, one.is_inpatient) == (row, is_inpatient))
        return sum(found, NOTHING)

    def receipt_count(self, rows: Iterable[PayerRow]) -> int:
        """件数 — of some groups, 入院 and 入院外 together."""
        wanted = set(rows)
        return sum(one.amounts.receipts for one in self.rows if one.row in wanted)


@dataclass(frozen=True, slots=True)
class PayerInvoices:
    """診療報酬請求書（国保・後期） — a month's invoices to the 国保連. ``uncounted`` are receipts that found no row."""

    month: date | None
    issuer: Issuer
    invoices: tuple[PayerInvoice, ...] = ()
    claimed_on: date | None = None
    opener: str = ""
    uncounted: tuple[str, ...] = ()


def check(bundle: PayerInvoices) -> list[Finding]:
    """保険者別請求書の点検 — every receipt counted, and something to claim."""
    found = uncounted_findings("payer_invoices", bundle.uncounted)
    if bundle.month is None or not bundle.invoices:
        found += nothing_claimed("payer_invoices")
    return found
