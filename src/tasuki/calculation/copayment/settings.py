# SPDX-License-Identifier: Apache-2.0
"""窓口計算の設定 — where payers or prefectures differ, each choice with its default and source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from tasuki.calculation.copayment.local_file import known_rules
from tasuki.calculation.copayment.local_programmes import LocalRule
from tasuki.calculation.copayment.programmes import LEGAL_ORDER


class AtCap(StrEnum):
    """上限到達時の端数 — what the visit that reaches a cap in yen pays.

    EXACT absorbs the earlier roundings, so the month equals the cap (the default: a cap is a sum of
    the month, and 健康保険法 第75条 rounds what is below it). TEN_YEN rounds the remainder like any visit.

    Cite: 健康保険法 第75条; 健康保険法施行令 第42条
    """

    EXACT = "exact"
    TEN_YEN = "ten_yen"


class SpecificDiseaseScope(StrEnum):
    """マル長と公費の併用 — whether the specific-disease limit also holds the insurer-only part.

    BOTH_PARTS (社保, the default) limits each part; PROGRAMME_PART leaves the insurer-only part to the
    ordinary limit; AGGREGATED holds both together under one limit. Payers differ: ask 国保.

    Cite: 健康保険法施行令 第41条第9項
    """

    BOTH_PARTS = "both_parts"
    PROGRAMME_PART = "programme_part"
    AGGREGATED = "aggregated"


class IncomeMark(StrEnum):
    """所得区分の特記事項 — when 26-30 and 41-42 are written.

    SHOWN writes the class whenever it was shown (the default); LIMITED only when it limited the share.

    Cite: 診療報酬請求書等の記載要領 別紙1 特記事項
    """

    SHOWN = "shown"
    LIMITED = "limited"


class ReceiptAmount(StrEnum):
    """レセプト負担金額の単位 — whole yen (社保, the default), or ten yen for shares no limit touched (some 国保).

    Cite: 診療報酬請求書等の記載要領 療養の給付欄
    """

    YEN = "yen"
    TEN_YEN_UNLESS_LIMITED = "ten_yen_unless_limited"


class TuberculosisAmount(StrEnum):
    """結核の公費負担金額欄 — what KO carries for 10: all the patient pays (published cases, the default), the 5% part, or nothing.

    Cite: 診療報酬請求書等の記載要領; 公表事例（平成30年8月診療分）
    """

    ALL_PAID = "all_paid"
    PROGRAMME_PART = "programme_part"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class CopaymentSettings:
    """窓口計算の設定 — the choices of an institution, and the local rules it knows by name."""

    at_cap: AtCap = AtCap.EXACT
    specific_disease_scope: SpecificDiseaseScope = SpecificDiseaseScope.BOTH_PARTS
    income_mark: IncomeMark = IncomeMark.SHOWN
    receipt_amount: ReceiptAmount = ReceiptAmount.YEN
    tuberculosis_amount: TuberculosisAmount = TuberculosisAmount.ALL_PAID
    programme_order: tuple[str, ...] = LEGAL_ORDER
    local_rules: Mapping[str, LocalRule] = field(default_factory=known_rules)
