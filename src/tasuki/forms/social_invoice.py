# SPDX-License-Identifier: Apache-2.0
"""診療報酬請求書 — 様式第一（社会保険、医科・歯科 入院・入院外併用）: a month's receipts by kind of insured and insurer.

Cite: 療養の給付及び公費負担医療に関する費用の請求に関する命令 様式第一; 診療報酬請求書等の記載要領 I
"""

from __future__ import annotations

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


class InsuredGroup(StrEnum):
    """医保の区分 — the groups of rows, in printed order."""

    ELDER = "elder"  # 七〇以上一般・低所得
    ELDER_ACTIVE = "elder_active"  # 七〇以上七割
    SELF = "self"  # 本人
    FAMILY = "family"  # 家族
    PRESCHOOL = "preschool"  # 六歳


class InsuredRow(StrEnum):
    """医保の行 — beside a programme, or alone by 法別番号."""

    COMBINED = "combined"  # 医保と公費の併用
    ASSOCIATION = "01"  # 協会
    SEAFARER_ON_DUTY = "02.duty"  # 船 職務上
    SEAFARER = "02"  # 船 職務外
    DAY_LABOUR = "03"  # 日
    DAY_LABOUR_SPECIAL = "04"  # 日特
    MUTUAL_AID_AFTER_SHIP = "31-34.ship"  # 共 下船3月
    MUTUAL_AID = "31-34"  # 共 一般
    SOCIETY = "06"  # 組
    DEFENCE = "07"  # 自
    SPECIAL_RETIRED = "63"  # 63・72～75 退


class ProgrammeGroup(StrEnum):
    """公費の区分 — beside an insurer, beside another programme, or alone."""

    WITH_INSURANCE = "with_insurance"
    WITH_PROGRAMME = "with_programme"
    ALONE = "alone"


@dataclass(frozen=True, slots=True)
class InsuredLine:
    """医保の明細行 — one row of a group."""

    group: InsuredGroup
    row: InsuredRow
    amounts: InvoiceAmounts


@dataclass(frozen=True, slots=True)
class ProgrammeLine:
    """公費の明細行 — one 法別番号 of a group."""

    group: ProgrammeGroup
    law_number: str
    amounts: InvoiceAmounts


@dataclass(frozen=True, slots=True)
class SocialInvoice:
    """診療報酬請求書 — to the 支払基金, one a month. ``uncounted`` are numbers of receipts that found no row."""

    month: date | None
    issuer: Issuer
    insured: tuple[InsuredLine, ...] = ()
    programmes: tuple[ProgrammeLine, ...] = ()
    claimed_on: date | None = None
    opener: str = ""
    uncounted: tuple[str, ...] = ()

    def insured_total(self) -> InvoiceAmounts:
        """合計① — of the insurers."""
        return sum((one.amounts for one in self.insured), NOTHING)

    def programme_total(self) -> InvoiceAmounts:
        """合計② — of the programmes."""
        return sum((one.amounts for one in self.programmes), NOTHING)


def check(invoice: SocialInvoice) -> list[Finding]:
    """請求書の点検 — every receipt counted, and something to claim."""
    found = uncounted_findings("social_invoice", invoice.uncounted)
    if invoice.month is None or not (invoice.insured or invoice.programmes):
        found += nothing_claimed("social_invoice")
    return found
