# SPDX-License-Identifier: Apache-2.0
"""記録条件仕様 — the items of every 医科 record: what each may hold and how long it may be.

One table. ``mode`` N is 数字, A 英数, K 漢字, T 英数又は漢字 (one or the other, never mixed); a limit counts
bytes of Shift_JIS, so a full-width character takes two. ``need`` R must be filled, C depends, O may
be left out, X is 予備 or the payer's and stays empty.

Cite: レセプト電算処理システム 電子レセプトの作成手引き 記録条件仕様（医科用）令和4年4月版（令和5年3月13日更新）
"""

from __future__ import annotations

from typing import NamedTuple


class Field(NamedTuple):
    """項目 — one item of a record: its number from 1, our name, the official item name, and its limits."""

    number: int
    name: str
    term: str
    mode: str
    limit: int
    is_fixed: bool
    need: str


class Layout(NamedTuple):
    """レコード様式 — a record's id, official name and items; every item must be present, filled or not."""

    record_id: str
    term: str
    fields: tuple[Field, ...]

    @property
    def size(self) -> int:
        """項目数 — how many items the record has, the id included."""
        return len(self.fields)

    def number_of(self, name: str) -> int:
        """項目番号 — of a field by our name. Raises ``KeyError`` for a name the record does not have."""
        for field in self.fields:
            if field.name == name:
                return field.number
        raise KeyError(f"{self.record_id}.{name}")


_Row = tuple[str, str, str, int, str, str]


def _layout(record_id: str, term: str, *rows: _Row) -> Layout:
    numbered = (("record_id", "レコード識別情報", "A", 2, "f", "R"), *rows)
    return Layout(
        record_id,
        term,
        tuple(
            Field(number, name, item, mode, limit, form == "f", need)
            for number, (name, item, mode, limit, form, need) in enumerate(numbered, 1)
        ),
    )


def _days(item: str, mode: str, limit: int, need: str) -> tuple[_Row, ...]:
    return tuple((f"day_{day}", f"{day}日の{item}", mode, limit, "v", need) for day in range(1, 32))


def _department(order: int) -> tuple[_Row, ...]:
    return (
        (f"department_{order}", f"診療科{order} 診療科名", "N", 2, "v", "O"),
        (f"department_{order}_body", f"診療科{order} 人体の部位等", "N", 3, "v", "O"),
        (f"department_{order}_sex", f"診療科{order} 性別等", "N", 3, "v", "O"),
        (f"department_{order}_procedure", f"診療科{order} 医学的処置", "N", 3, "v", "O"),
        (f"department_{order}_disease", f"診療科{order} 特定疾病", "N", 3, "v", "O"),
    )


_COMMENTS: tuple[_Row, ...] = tuple(
    row
    for order in (1, 2, 3)
    for row in (
        (f"comment_{order}_code", f"コメントコード{order}", "N", 9, "v", "C"),
        (f"comment_{order}_text", f"文字データ{order}", "K", 100, "v", "C"),
    )
)

_LAYOUTS = (
    _layout(
        "IR",
        "医療機関情報レコード",
        ("payer", "審査支払機関", "N", 1, "f", "R"),
        ("prefecture", "都道府県", "N", 2, "f", "R"),
        ("fee_table", "点数表", "N", 1, "f", "R"),
        ("institution_code", "医療機関コード", "N", 7, "f", "R"),
        ("reserve_1", "予備", "N", 2, "v", "X"),
        ("institution_name", "医療機関名称", "K", 40, "v", "R"),
        ("claim_month", "請求年月", "N", 6, "f", "R"),
        ("volume", "マルチボリューム識別情報", "N", 2, "f", "R"),
        ("telephone", "電話番号", "A", 15, "v", "O"),
    ),
    _layout(
        "RE",
        "レセプト共通レコード",
        ("receipt_number", "レセプト番号", "N", 6, "v", "R"),
        ("receipt_type", "レセプト種別", "N", 4, "f", "R"),
        ("service_month", "診療年月", "N", 6, "f", "R"),
        ("patient_name", "氏名", "T", 40, "v", "R"),
        ("sex", "男女区分", "N", 1, "f", "R"),
        ("born_on", "生年月日", "N", 8, "f", "R"),
        ("benefit_percent", "給付割合", "N", 3, "v", "C"),
        ("admitted_on", "入院年月日", "N", 8, "v", "C"),
        ("ward_kinds", "病棟区分", "A", 8, "v", "C"),
        ("share_class", "一部負担金・食事療養費・生活療養費標準負担額区分", "N", 1, "v", "C"),
        ("special_notes", "レセプト特記事項", "A", 10, "v", "C"),
        ("bed_count", "病床数", "N", 4, "v", "C"),
        ("chart_number", "カルテ番号等", "A", 20, "v", "O"),
        ("discount_unit_price", "割引点数単価", "N", 2, "v", "C"),
        ("reserve_1", "予備", "N", 1, "v", "X"),
        ("reserve_2", "予備", "N", 1, "v", "X"),
        ("reserve_3", "予備", "N", 2, "v", "X"),
        ("search_number", "検索番号", "N", 30, "v", "C"),
        ("reserve_4", "予備", "N", 5, "v", "X"),
        ("claim_note", "請求情報", "T", 40, "v", "O"),
        *_department(1),
        *_department(2),
        *_department(3),
        ("patient_kana", "カタカナ（氏名）", "K", 80, "v", "O"),
        ("patient_conditions", "患者の状態", "N", 60, "v", "C"),
    ),
    _layout(
        "HO",
        "保険者レコード",
        ("insurer_number", "保険者番号", "A", 8, "f", "R"),
        ("symbol", "被保険者証等の記号", "T", 38, "v", "C"),
        ("number", "被保険者証等の番号", "T", 38, "v", "R"),
        ("visit_days", "診療実日数", "N", 2, "v", "R"),
        ("total_points", "合計点数", "N", 8, "v", "R"),
        ("reserve_1", "予備", "N", 5, "v", "X"),
        ("meal_count", "食事療養・生活療養 回数", "N", 2, "v", "C"),
        ("meal_yen", "食事療養・生活療養 合計金額", "N", 8, "v", "C"),
        ("duty_reason", "職務上の事由", "N", 1, "v", "C"),
        ("certificate_number", "証明書番号", "N", 3, "v", "C"),
        ("share_yen", "負担金額 医療保険", "N", 9, "v", "C"),
        ("reduction_kind", "負担金額 減免区分", "N", 1, "v", "C"),
        ("reduction_percent", "負担金額 減額割合", "N", 3, "v", "C"),
        ("reduction_yen", "負担金額 減額金額", "N", 6, "v", "C"),
    ),
    _layout(
        "KO",
        "公費レコード",
        ("payer_number", "公費負担者番号", "A", 8, "f", "R"),
        ("recipient_number", "公費受給者番号", "N", 7, "v", "C"),
        ("optional_benefit", "任意給付区分", "N", 1, "v", "C"),
        ("visit_days", "診療実日数", "N", 2, "v", "R"),
        ("total_points", "合計点数", "N", 8, "v", "R"),
        ("share_yen", "負担金額 公費", "N", 8, "v", "C"),
        ("outpatient_share_yen", "公費給付対象外来一部負担金", "N", 6, "v", "C"),
        ("inpatient_share_yen", "公費給付対象入院一部負担金", "N", 6, "v", "C"),
        ("reserve_1", "予備", "N", 5, "v", "X"),
        ("meal_count", "食事療養・生活療養 回数", "N", 2, "v", "C"),
        ("meal_yen", "食事療養・生活療養 合計金額", "N", 8, "v", "C"),
    ),
    _layout(
        "SN",
        "資格確認レコード",
        ("bearer_kind", "負担者種別", "N", 1, "f", "R"),
        ("confirmation", "確認区分", "N", 2, "f", "R"),
        ("insurer_number", "保険者番号等", "A", 8, "v", "X"),
        ("symbol", "被保険者証等の記号", "T", 38, "v", "X"),
        ("number", "被保険者証等の番号", "T", 38, "v", "X"),
        ("branch", "枝番", "A", 2, "v", "C"),
        ("recipient_number", "受給者番号", "N", 7, "v", "X"),
        ("reserve_1", "予備", "N", 1, "v", "X"),
    ),
    _layout(
        "JD",
        "受診日等レコード",
        ("bearer_kind", "負担者種別", "N", 1, "f", "R"),
        *_days("受診等区分", "N", 1, "C"),
    ),
    _layout(
        "MF",
        "窓口負担額レコード",
        ("counter_kind", "窓口負担額区分", "N", 2, "f", "R"),
        *_days("予備", "N", 9, "X"),
    ),
    _layout(
        "GR",
        "包括評価対象外理由レコード",
        ("reason", "医科点数表算定理由", "N", 2, "f", "R"),
        ("dpc_code", "DPCコード", "A", 14, "v", "C"),
    ),
    _layout(
        "SY",
        "傷病名レコード",
        ("disease_code", "傷病名コード", "N", 7, "f", "R"),
        ("since_on", "診療開始日", "N", 8, "f", "R"),
        ("outcome", "転帰区分", "N", 1, "f", "R"),
        ("modifiers", "修飾語コード", "A", 80, "v", "C"),
        ("disease_name", "傷病名称", "K", 40, "v", "C"),
        ("main", "主傷病", "N", 2, "v", "C"),
        ("comment", "補足コメント", "K", 40, "v", "C"),
    ),
    _layout(
        "SI",
        "診療行為レコード",
        ("section", "診療識別", "N", 2, "v", "C"),
        ("payer_code", "負担区分", "A", 1, "f", "R"),
        ("code", "診療行為コード", "N", 9, "f", "R"),
        ("amount", "数量データ", "N", 8, "v", "C"),
        ("points", "点数", "N", 7, "v", "C"),
        ("count", "回数", "N", 3, "v", "R"),
        *_COMMENTS,
        *_days("情報", "N", 3, "C"),
    ),
    _layout(
        "IY",
        "医薬品レコード",
        ("section", "診療識別", "N", 2, "v", "C"),
        ("payer_code", "負担区分", "A", 1, "f", "R"),
        ("code", "医薬品コード", "N", 9, "f", "R"),
        ("amount", "使用量", "N", 11, "v", "C"),
        ("points", "点数", "N", 7, "v", "C"),
        ("count", "回数", "N", 3, "v", "R"),
        *_COMMENTS,
        *_days("情報", "N", 3, "C"),
    ),
    _layout(
        "TO",
        "特定器材レコード",
        ("section", "診療識別", "N", 2, "v", "C"),
        ("payer_code", "負担区分", "A", 1, "f", "R"),
        ("code", "特定器材コード", "N", 9, "f", "R"),
        ("amount", "使用量", "N", 9, "v", "C"),
        ("points", "点数", "N", 7, "v", "C"),
        ("count", "回数", "N", 3, "v", "R"),
        ("unit_code", "単位コード", "N", 3, "v", "C"),
        ("unit_price", "単価", "N", 11, "v", "C"),
        ("reserve_1", "予備", "K", 40, "v", "X"),
        ("product_name", "商品名及び規格又はサイズ", "K", 300, "v", "C"),
        *_COMMENTS,
        *_days("情報", "N", 3, "C"),
    ),
    _layout(
        "CO",
        "コメントレコード",
        ("section", "診療識別", "N", 2, "v", "C"),
        ("payer_code", "負担区分", "A", 1, "f", "R"),
        ("code", "コメントコード", "N", 9, "f", "R"),
        ("text", "文字データ", "K", 76, "v", "C"),
    ),
    _layout(
        "SJ",
        "症状詳記レコード",
        ("kind", "症状詳記区分", "N", 2, "v", "C"),
        ("text", "症状詳記データ", "K", 2400, "v", "C"),
    ),
    _layout(
        "TI",
        "臓器提供医療機関情報レコード",
        ("organ_kind", "臓器提供区分", "N", 1, "f", "R"),
        ("place_kind", "臓器提供医療機関区分", "N", 1, "f", "R"),
        ("prefecture", "都道府県", "N", 2, "v", "C"),
        ("fee_table", "点数表", "N", 1, "v", "C"),
        ("institution_code", "医療機関コード", "N", 7, "v", "C"),
        ("reserve_1", "予備", "N", 2, "v", "X"),
        ("institution_name", "医療機関名称", "K", 40, "v", "C"),
        ("address", "所在地", "K", 80, "v", "C"),
        ("telephone", "電話番号", "A", 15, "v", "O"),
    ),
    _layout(
        "TR",
        "臓器提供者レセプト情報レコード",
        ("receipt_number", "レセプト番号", "N", 6, "v", "R"),
        ("receipt_type", "臓器提供者レセプト種別", "N", 4, "f", "R"),
        ("service_month", "診療年月", "N", 6, "f", "R"),
        ("reserve_1", "予備", "T", 40, "v", "X"),
        ("sex", "男女区分", "N", 1, "f", "R"),
        ("born_on", "生年月日", "N", 8, "f", "R"),
        ("reserve_2", "予備", "N", 3, "v", "X"),
        ("admitted_on", "入院年月日", "N", 8, "v", "C"),
        ("ward_kinds", "病棟区分", "A", 8, "v", "C"),
        ("reserve_3", "予備", "N", 1, "v", "X"),
        ("special_notes", "レセプト特記事項", "A", 10, "v", "C"),
        ("reserve_4", "予備", "N", 4, "v", "X"),
        ("chart_number", "カルテ番号等", "A", 20, "v", "O"),
        ("discount_unit_price", "割引点数単価", "N", 2, "v", "C"),
        ("reserve_5", "予備", "N", 1, "v", "X"),
        ("reserve_6", "予備", "N", 1, "v", "X"),
        ("reserve_7", "予備", "N", 2, "v", "X"),
    ),
    _layout(
        "TS",
        "臓器提供者請求情報レコード",
        ("visit_days", "診療実日数", "N", 2, "v", "R"),
        ("total_points", "合計点数", "N", 8, "v", "R"),
        ("meal_count", "食事療養 回数", "N", 2, "v", "C"),
        ("meal_yen", "食事療養 合計金額", "N", 8, "v", "C"),
    ),
    _layout(
        "GO",
        "診療報酬請求書レコード",
        ("receipt_count", "総件数", "N", 6, "v", "C"),
        ("total_points", "総合計点数", "N", 10, "v", "C"),
        ("volume", "マルチボリューム識別情報", "N", 2, "f", "R"),
    ),
)

LAYOUTS: dict[str, Layout] = {layout.record_id: layout for layout in _LAYOUTS}

# Items that hold a day or a month: before the 2020 change they were written with an era (GYYMMDD, GYYMM).
DAY_FIELDS = frozenset({"born_on", "admitted_on", "since_on"})
MONTH_FIELDS = frozenset({"claim_month", "service_month"})

# Items written as numbers: no leading or trailing zeros. All others in mode N are codes and keep theirs.
NUMBER_FIELDS = frozenset(
    {
        "receipt_number", "bed_count", "visit_days", "total_points", "meal_count", "meal_yen", "share_yen",
        "outpatient_share_yen", "inpatient_share_yen", "reduction_percent", "reduction_yen", "amount",
        "points", "count", "unit_price", "receipt_count", "discount_unit_price", "benefit_percent",
        *(f"day_{day}" for day in range(1, 32)),
    }
)  # fmt: skip
