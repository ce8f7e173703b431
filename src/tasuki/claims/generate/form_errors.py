# SPDX-License-Identifier: Apache-2.0
"""形式の誤り — one item changed, or one record taken away, doubled or cut short."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from tasuki.claims.generate.planting import Kind, Planting

if TYPE_CHECKING:
    from tasuki.claims.generate.receipts import MadeReceipt


class Change(NamedTuple):
    """書換え — an item of a record (the first of its kind) set to a text, and the finding expected."""

    name: str
    record_id: str
    number: int
    text: str
    expected: str


FORM_CHANGES = (
    Change("レセプト種別が別表にない", "RE", 3, "1199", "UKE-L2-2150"),
    Change("診療年月がない月", "RE", 4, "202600", "UKE-L2-2160"),
    Change("診療年月が請求年月と同じ", "RE", 4, "=claim", "UKE-L2-2159"),
    Change("氏名が空", "RE", 5, "", "UKE-L3-3001"),
    Change("男女区分が3", "RE", 6, "3", "UKE-L3-3133"),
    Change("生年月日がない日", "RE", 7, "19800231", "UKE-L3-3145"),
    Change("生年月日が診療年月より後", "RE", 7, "20991231", "UKE-L3-3135"),
    Change("入院年月日がない日", "RE", 9, "20260231", "UKE-L3-3021"),
    Change("入院年月日が診療年月より後", "RE", 9, "20991231", "UKE-L3-3022"),
    Change("病棟区分が奇数桁", "RE", 10, "070", "UKE-L2-2166"),
    Change("病棟区分が別表にない", "RE", 10, "09", "UKE-L3-3119"),
    Change("特記事項が奇数桁", "RE", 12, "296", "UKE-L2-2165"),
    Change("特記事項の長が二つ", "RE", 12, "0216", "UKE-L3-3106"),
    Change("所得区分が二つ", "RE", 12, "2630", "UKE-L3-3128"),
    Change("廃止された特記事項", "RE", 12, "15", "UKE-L3-3118"),
    Change("病床数が数字でない", "RE", 13, "A", "UKE-L2-2543"),
    Change("レセプト番号が数字でない", "RE", 2, "A", "UKE-L2-2543"),
    Change("被保険者証の番号が空", "HO", 4, "", "UKE-L2-2162"),
    Change("記号の途中に空白", "HO", 3, "123 4567", "UKE-L2-2163"),
    Change("番号の途中に空白", "HO", 4, "1 2", "UKE-L2-2164"),
    Change("番号に数字がない", "HO", 4, "ア", "UKE-L3-3146"),
    Change("保険者番号が7桁", "HO", 2, " 1130012", "UKE-L2-2167"),
    Change("診療実日数が空", "HO", 5, "", "UKE-L3-3031"),
    Change("診療実日数が月を超える", "HO", 5, "32", "UKE-L3-3201"),
    Change("合計点数が明細と違う", "HO", 6, "1", "UKE-L4-4501"),
    Change("食事回数が月の3倍を超える", "HO", 8, "99", "UKE-L3-3531"),
    Change("職務上の事由が別表にない", "HO", 10, "9", "UKE-L3-3116"),
    Change("減免区分が別表にない", "HO", 13, "9", "UKE-L3-3520"),
    Change("減額割合に減免区分がない", "HO", 14, "50", "UKE-L3-3514"),
    Change("減額金額に減免区分がない", "HO", 15, "500", "UKE-L3-3515"),
    Change("傷病名の開始日がない日", "SY", 3, "20260231", "UKE-L3-3207"),
    Change("傷病名の開始日が診療年月より後", "SY", 3, "20991231", "UKE-L3-3206"),
    Change("転帰区分が9", "SY", 4, "9", "UKE-L3-3208"),
    Change("修飾語が4桁でない", "SY", 5, "80021", "UKE-L2-2168"),
    Change("未コード化傷病名に名称がない", "SY", 2, "0000999", "UKE-L3-3209"),
    Change("主傷病が01でない", "SY", 7, "02", "UKE-L3-3220"),
    Change("傷病名コードが数字でない", "SY", 2, "88334A1", "UKE-L2-2543"),
    Change("診療識別が外来で使えない", "SI", 2, "90", "UKE-L2-2303"),
    Change("診療識別が別表にない", "SI", 2, "77", "UKE-L2-2303"),
    Change("負担区分が別表にない", "SI", 3, "8", "UKE-L2-2302"),
    Change("負担区分がいない公費を指す", "SI", 3, "3", "UKE-L2-2302"),
    Change("コードの先頭が2", "SI", 4, "211000110", "UKE-L2-2304"),
    Change("点数が0", "SI", 6, "0", "UKE-L4-4501"),
    Change("回数が空", "SI", 7, "", "UKE-L2-2311"),
    Change("回数が算定日の計と違う", "SI", 7, "31", "UKE-L2-2315"),
    Change("コメントコードの先頭が1", "SI", 8, "110000001", "UKE-L2-2307"),
    Change("コメントコードのない文字", "SI", 9, "架空", "UKE-L2-2388"),
    Change("回数が4桁", "SI", 7, "1000", "UKE-L2-2539"),
    Change("窓口負担額区分が3桁", "MF", 2, "000", "UKE-L2-2539"),
    Change("資格確認の負担者種別が2桁", "SN", 2, "12", "UKE-L2-2539"),
)  # fmt: skip

# Whole records taken away, doubled, or cut short.
WITHOUT, TWICE, SHORT = "ない", "二度ある", "項目が足りない"
RECORD_CHANGES = (
    ("HO", TWICE, "UKE-L2-2547"), ("SY", WITHOUT, "UKE-L2-2554"), ("HO", WITHOUT, "UKE-L2-2552-1"),
    ("RE", SHORT, "UKE-L2-2542"), ("HO", SHORT, "UKE-L2-2542"), ("SY", SHORT, "UKE-L2-2542"),
    ("SI", SHORT, "UKE-L2-2542"),
)  # fmt: skip


def _set(change: Change, at: Planting) -> tuple[str, ...]:
    text = at.claim_month if change.text == "=claim" else change.text
    at.receipt.of(change.record_id)[0][change.number - 1] = text
    return ()


def _change_record(record_id: str, what: str, at: Planting) -> tuple[str, ...]:
    receipt: MadeReceipt = at.receipt
    found = receipt.of(record_id)
    if what == WITHOUT:
        receipt.records[:] = [row for row in receipt.records if row[0] != record_id]
    elif what == TWICE:
        receipt.records.insert(receipt.records.index(found[0]), list(found[0]))
    else:
        found[0].pop()
    return ()


FORM_KINDS = (
    *(Kind(each.name, each.expected, partial(_set, each)) for each in FORM_CHANGES),
    *(
        Kind(f"{record}が{what}", expected, partial(_change_record, record, what))
        for record, what, expected in RECORD_CHANGES
    ),
)
