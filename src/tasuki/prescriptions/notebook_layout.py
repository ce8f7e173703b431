# SPDX-License-Identifier: Apache-2.0
"""電子版お薬手帳の様式 — what a pharmacy or clinic gives the patient's notebook, and what comes back from it.

Cite: JAHIS 電子版お薬手帳データフォーマット仕様書 Ver.2.6（JAHISTC08）
"""

from __future__ import annotations

from types import MappingProxyType

from tasuki.prescriptions.layout import Format, Layout, Repeat, Row, layout

_MAKER: Row = ("maker", "レコード作成者", "9", 1, "O", "1|2|8|9")
_RP: Row = ("rp", "RP番号", "9", 3, "R", "")
_PLACE: tuple[Row, ...] = (
    ("institution_name", "医療機関名称", "N", 0, "R", ""),
    ("prefecture", "都道府県", "X", 2, "O", ""),
    ("fee_table", "点数表", "9", 1, "O", "1|3|4"),
    ("institution_code", "医療機関コード", "X", 7, "O", ""),
)


def _text(number: str, term: str, *, of_rp: bool, extra: tuple[Row, ...] = ()) -> Layout:
    rows: tuple[Row, ...] = ((_RP,) if of_rp else ()) + (("text", term, "N", 0, "R", ""),)
    return layout(number, term, "O", Repeat.RP_MANY if of_rp else Repeat.MANY, *rows, *extra, _MAKER)


_LAYOUTS = (
    layout(
        "1",
        "患者情報",
        "R",
        Repeat.ONCE,
        ("patient_name", "患者氏名", "N", 0, "R", ""),
        ("sex", "患者性別", "9", 1, "R", "1|2"),
        ("born_on", "患者生年月日", "X", 8, "R", "day"),
        ("postal_code", "患者郵便番号", "X", 8, "O", ""),
        ("address", "患者住所", "N", 0, "O", ""),
        ("telephone", "患者電話番号", "X", 13, "O", ""),
        ("emergency_contact", "緊急連絡先", "N", 0, "O", ""),
        ("blood_type", "血液型", "N", 0, "O", ""),
        ("weight", "体重", "X", 0, "O", "amount"),
        ("patient_kana", "患者氏名カナ", "N", 0, "O", ""),
    ),
    layout(
        "2",
        "患者特記",
        "O",
        Repeat.MANY,
        ("kind", "患者特記種別", "9", 1, "R", "1|2|3|9"),
        ("text", "患者特記内容", "N", 0, "R", ""),
        _MAKER,
    ),
    layout(
        "3",
        "要指導医薬品・一般用医薬品服用",
        "O",
        Repeat.MANY,
        ("drug_name", "薬品名称", "N", 0, "R", ""),
        ("taken_from", "服用開始年月日", "X", 8, "O", "day"),
        ("taken_until", "服用終了年月日", "X", 8, "O", "day"),
        _MAKER,
        ("order", "レコード通番", "9", 3, "O", ""),
        ("jan_code", "JANコード", "X", 13, "O", ""),
    ),
    layout(
        "31",
        "要指導医薬品・一般用医薬品成分",
        "O",
        Repeat.MANY,
        ("order", "要指導医薬品・一般用医薬品レコード通番", "9", 3, "R", ""),
        ("ingredient_name", "成分名", "N", 0, "R", ""),
        ("code_kind", "成分コード種別", "9", 1, "R", ""),
        ("ingredient_code", "成分コード", "X", 0, "O", ""),
        _MAKER,
    ),
    layout(
        "4",
        "手帳メモ",
        "O",
        Repeat.MANY,
        ("text", "手帳メモ情報", "N", 0, "R", ""),
        ("entered_on", "メモ入力年月日", "X", 8, "O", "day"),
        _MAKER,
    ),
    layout(
        "5",
        "調剤等年月日",
        "O",
        Repeat.MANY,
        ("dispensed_on", "調剤等年月日", "X", 8, "R", "day"),
        _MAKER,
    ),
    layout(
        "11",
        "調剤－医療機関等",
        "O",
        Repeat.MANY,
        *_PLACE,
        ("postal_code", "郵便番号", "X", 8, "O", ""),
        ("address", "住所", "N", 0, "O", ""),
        ("telephone", "電話番号", "X", 13, "O", ""),
        _MAKER,
    ),
    layout(
        "15",
        "調剤－医師・薬剤師",
        "O",
        Repeat.MANY,
        ("person_name", "医師・薬剤師氏名", "N", 0, "R", ""),
        ("contact", "連絡先", "N", 0, "O", ""),
        _MAKER,
    ),
    layout("51", "処方－医療機関", "O", Repeat.MANY, *_PLACE, _MAKER),
    layout(
        "55",
        "処方－医師",
        "O",
        Repeat.MANY,
        ("doctor_name", "医師氏名", "N", 0, "R", ""),
        ("department_name", "診療科名", "N", 0, "O", ""),
        _MAKER,
    ),
    layout(
        "201",
        "薬品",
        "O",
        Repeat.RP_MANY,
        _RP,
        ("drug_name", "薬品名称", "N", 0, "R", ""),
        ("amount", "用量", "X", 0, "O", "amount"),
        ("unit", "単位名", "N", 0, "O", ""),
        ("code_kind", "薬品コード種別", "9", 1, "R", "1|2|3|4|6"),
        ("drug_code", "薬品コード", "X", 13, "O", ""),
        _MAKER,
        ("generic_name", "一般名", "N", 0, "O", ""),
        ("generic_code_kind", "一般名コード種別", "9", 1, "O", "1|2"),
        ("generic_code", "一般名コード", "X", 12, "O", ""),
    ),
    _text("281", "薬品補足", of_rp=True),
    _text("291", "薬品服用注意", of_rp=True),
    layout(
        "301",
        "用法",
        "O",
        Repeat.RP_MANY,
        _RP,
        ("usage_name", "用法名称", "N", 0, "O", ""),
        ("quantity", "調剤数量", "9", 3, "R", ""),
        ("quantity_unit", "調剤単位", "N", 0, "R", ""),
        ("dosage_form", "剤形コード", "9", 2, "R", "1|2|3|4|5|6|7|9|10"),
        ("code_kind", "用法コード種別", "9", 1, "R", ""),
        ("usage_code", "用法コード", "X", 16, "O", ""),
        _MAKER,
    ),
    _text("311", "用法補足", of_rp=True),
    _text("391", "処方服用注意", of_rp=True),
    _text("401", "服用注意", of_rp=False),
    _text(
        "411", "医療機関等提供情報", of_rp=False, extra=(("kind", "提供情報種別", "9", 2, "O", "30|31|99"),)
    ),
    _text("421", "残薬確認", of_rp=False),
    _text("501", "備考", of_rp=False),
    layout(
        "601",
        "患者等記入",
        "O",
        Repeat.MANY,
        ("text", "患者等記入情報", "N", 0, "R", ""),
        ("entered_on", "入力年月日", "X", 8, "O", "day"),
    ),
    layout(
        "701",
        "かかりつけ薬剤師",
        "O",
        Repeat.MANY,
        ("pharmacist_name", "かかりつけ薬剤師氏名", "N", 0, "R", ""),
        ("pharmacy_name", "勤務先薬局名称", "N", 0, "O", ""),
        ("contact", "連絡先", "N", 0, "O", ""),
        ("since_on", "担当開始日", "X", 8, "O", "day"),
        ("until_on", "担当終了日", "X", 8, "O", "day"),
        _MAKER,
    ),
    layout(
        "911",
        "分割制御",
        "O",
        Repeat.ONCE,
        ("data_id", "データID", "9", 14, "R", ""),
        ("part_count", "分割数", "9", 3, "R", ""),
        ("part_nth", "分割順", "9", 3, "R", ""),
    ),
)

NOTEBOOK = Format(
    "JAHISTC",
    "電子版お薬手帳",
    "JAHISTC",
    "08",
    "shift_jis",
    "\r\n",
    False,
    MappingProxyType({each.number: each for each in _LAYOUTS}),
)
