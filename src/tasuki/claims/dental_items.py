# SPDX-License-Identifier: Apache-2.0
"""歯科の項目 — official names of the items of the records of a 歯科 file, in their order.

A tuple shorter than its record leaves the items after it unnamed: their places are not known.

Cite: 記録条件仕様（歯科用）令和8年6月版; item counts agree with a public sample of three receipts
"""

from __future__ import annotations

_ID = "レコード識別情報"
_DAYS = tuple(f"{day}日の情報" for day in range(1, 32))
_PATIENT = ("レセプト番号", "レセプト種別", "診療年月", "氏名", "男女区分", "生年月日", "給付割合")

DENTAL_ITEMS: dict[str, tuple[str, ...]] = {
    "UK": (_ID, "審査支払機関", "都道府県", "点数表", "医療機関コード", "予備", "医療機関名称", "請求年月", "届出",
           "マルチボリューム識別情報"),
    "IR": (_ID, "審査支払機関", "都道府県", "点数表", "医療機関コード", "予備", "請求年月", "電話番号", "届出"),
    "RE": (_ID, *_PATIENT, "入院年月日", "診療開始日", "転帰区分", "病棟区分",
           "一部負担金・食事療養費・生活療養費標準負担額区分", "レセプト特記事項", "予備", "カルテ番号等", "請求情報1", "予備",
           "未来院請求", "検索番号", "予備", "請求情報2", "予備", "予備", "予備", "カタカナ（氏名）", "患者の状態"),
    "HO": (_ID, "保険者番号", "記号", "番号", "診療実日数", "合計点数"),
    "KO": (_ID, "負担者番号", "受給者番号", "任意給付区分", "診療実日数", "合計点数"),
    "HS": (_ID, "診療開始日", "転帰区分", "歯式（傷病名）", "傷病名コード", "修飾語コード", "傷病名称", "併存傷病名数",
           "病態移行", "主傷病", "コメントコード", "補足コメント", "歯式（補足コメント）"),
    "SS": (_ID, "診療識別", "負担区分", "歯科診療行為コード", "診療行為数量データ1", "診療行為数量データ2",
           *(name for nth in range(1, 36) for name in (f"加算コード{nth}", f"加算数量データ{nth}")),
           "点数", "回数", *_DAYS),
    "CO": (_ID, "診療識別", "負担区分", "コメントコード", "文字データ", "歯式（コメント）"),
    "SJ": (_ID, "症状詳記区分", "症状詳記データ"),
    "GO": (_ID, "総件数", "総合計点数", "マルチボリューム識別情報"),
}  # fmt: skip
