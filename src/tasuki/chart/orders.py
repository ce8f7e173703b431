# SPDX-License-Identifier: Apache-2.0
"""オーダ — what was ordered or done at a visit, one counting unit (剤・一連) an order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum


class OrderKind(StrEnum):
    """オーダ種別 — how the items of an order belong together."""

    ACT = "act"  # an act with its additions, drugs and materials
    INTERNAL = "internal"  # 内服: count = days
    AS_NEEDED = "as_needed"  # 屯服: count = doses
    EXTERNAL = "external"  # 外用: count = 1
    INJECTION = "injection"  # 注射: technique and drugs


class Dispensing(StrEnum):
    """院内・院外 — where drugs are dispensed;院外 means a prescription and no drug points."""

    IN_HOUSE = "in_house"
    OUTSIDE = "outside"


class BrandReason(StrEnum):
    """先発品を出す理由 — why a brand is not to be changed for its generic; the two exclude each other.

    Cite: 保険医療機関及び保険医療養担当規則 第23条 様式第二号 (変更不可・患者希望)
    """

    NEED = "need"  # 医療上必要: 変更不可
    WISH = "wish"  # 患者希望: of a 長期収載品 the patient pays a special charge


class ResidualAction(StrEnum):
    """残薬確認時の対応 — what the pharmacy shall do when it finds drugs left over.

    The second choice reads 保険医療機関へ情報提供 before June 2026, and 調剤する薬剤を減量した上で保険医療機関に情報提供 from then on;
    the form prints the words of the day of issue.

    Cite: 令和8年 疑義解釈 調剤 問10; 個別改定項目 (令和8年1月23日) 残薬対策の推進に向けた処方箋様式の見直し
    """

    INQUIRE = "inquire"
    INFORM = "inform"


@dataclass(frozen=True, slots=True)
class Item:
    """項目 — one code of nine digits in an order.

    ``amount``: for acts the 数量データ when the act asks one (films, minutes, items); for 内服 the daily
    amount in the drug's unit, for 屯服 a dose, for 外用 and 注射 the whole amount used once; for
    materials the amount used.
    """

    code: str
    amount: Decimal | None = None
    is_generic_name: bool = False  # 一般名処方
    comment: str = ""
    unit_price_yen: Decimal | None = None  # purchase-price materials
    brand: BrandReason | None = None  # 変更不可・患者希望


@dataclass(frozen=True, slots=True)
class Order:
    """オーダ — one counting unit as the doctor entered it.

    ``count`` is days for 内服, doses for 屯服, times for the rest. ``at`` is the instant of the act
    when it differs from the visit. ``is_temporary`` marks 臨時投薬. ``programme_ids`` names the public
    programmes that cover it; None means all the visit's programmes.

    ``leftover_count`` are the days or doses by which ``count`` was made smaller because so much is left (残薬), with
    the reason. ``split_counts`` are the days or doses of each part of a 分割調剤; together they are ``count``.
    """

    id: str
    kind: OrderKind
    items: tuple[Item, ...]
    count: int = 1
    at: datetime | None = None
    usage: str = ""  # 用法
    dispensing: Dispensing | None = None
    is_temporary: bool = False
    is_refill: bool = False
    refill_count: int = 0
    site: str = ""  # 部位
    comments: tuple[tuple[str, str], ...] = ()  # comment code, text
    programme_ids: tuple[str, ...] | None = None
    copied_from: str = ""
    began_on: date | None = None  # 起算日 (発症・手術・急性増悪・診断・治療開始)
    payer: str = ""  # Insurance.key of the payer that bears it; "" the visit's own
    leftover_count: int = 0  # 残薬
    leftover_reason: str = ""
    residual_action: ResidualAction | None = None
    split_counts: tuple[int, ...] = ()  # 分割指示
