# SPDX-License-Identifier: Apache-2.0
"""別表 — the code tables of the claim file, by number.

Cite: 記録条件仕様（医科用） 別表1-31
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

# 別表1 審査支払機関
SHIHARAI_KIKIN = "1"
KOKUHOREN = "2"
PAYERS = {SHIHARAI_KIKIN: "社会保険診療報酬支払基金", KOKUHOREN: "国民健康保険団体連合会"}

# 別表2 都道府県, in the order of JIS X 0401
PREFECTURES = dict(
    zip(
        (f"{number:02}" for number in range(1, 48)),
        [
            "北海道",
            "青森",
            "岩手",
            "宮城",
            "秋田",
            "山形",
            "福島",
            "茨城",
            "栃木",
            "群馬",
            "埼玉",
            "千葉",
            "東京",
            "神奈川",
            "新潟",
            "富山",
            "石川",
            "福井",
            "山梨",
            "長野",
            "岐阜",
            "静岡",
            "愛知",
            "三重",
            "滋賀",
            "京都",
            "大阪",
            "兵庫",
            "奈良",
            "和歌山",
            "鳥取",
            "島根",
            "岡山",
            "広島",
            "山口",
            "徳島",
            "香川",
            "愛媛",
            "高知",
            "福岡",
            "佐賀",
            "長崎",
            "熊本",
            "大分",
            "宮崎",
            "鹿児島",
            "沖縄",
        ],
        strict=True,
    )
)

# 別表3 点数表
FEE_TABLES = {"1": "医科", "3": "歯科", "4": "調剤", "6": "訪問看護"}

# 別表6 男女区分
SEXES = {"1": "男", "2": "女"}

# 別表7 病棟区分
WARD_KINDS = {"01": "精神", "02": "結核", "07": "療養"}

# 別表8 一部負担金・食事療養費・生活療養費標準負担額区分
SHARE_CLASSES = {
    "1": "低所得（オ・低所得Ⅱ）入院90日以下",
    "2": "低所得（オ・低所得Ⅱ）入院90日超",
    "3": "低所得Ⅰ",
    "4": "低所得Ⅰ（老齢福祉年金）",
}

# 別表9 レセプト特記事項
SPECIAL_NOTES = {
    "01": "公",
    "02": "長",
    "03": "長処",
    "04": "後保",
    "07": "老併",
    "08": "老健",
    "09": "施",
    "10": "第三",
    "11": "薬治",
    "12": "器治",
    "13": "先進",
    "14": "制超",
    "16": "長２",
    "17": "上位",
    "18": "一般",
    "19": "低所",
    "20": "二割",
    "21": "高半",
    "22": "多上",
    "23": "多一",
    "24": "多低",
    "25": "出産",
    "26": "区ア",
    "27": "区イ",
    "28": "区ウ",
    "29": "区エ",
    "30": "区オ",
    "31": "多ア",
    "32": "多イ",
    "33": "多ウ",
    "34": "多エ",
    "35": "多オ",
    "36": "加治",
    "37": "申出",
    "38": "医併",
    "39": "医療",
    "41": "区カ",
    "42": "区キ",
    "43": "多カ",
    "44": "多キ",
    "96": "災１",
    "97": "災２",
}
INCOME_MARKS = frozenset(
    ("17", "18", "19", "22", "23", "24", *(str(n) for n in range(26, 36)), "41", "42", "43", "44")
)

# 患者の状態 (RE 項番38). Only this code was seen (docs/reference/unconfirmed.md).
PATIENT_CONDITIONS = {"001": "妊婦"}

# 別表10 診療科
DEPARTMENTS = {
    "01": "内科", "02": "精神科", "03": "神経科", "04": "神経内科", "05": "呼吸器科", "06": "消化器科",
    "07": "胃腸科", "08": "循環器科", "09": "小児科", "10": "外科", "11": "整形外科", "12": "形成外科",
    "13": "美容外科", "14": "脳神経外科", "15": "呼吸器外科", "16": "心臓血管外科", "17": "小児外科",
    "18": "皮膚泌尿器科", "19": "皮膚科", "20": "泌尿器科", "21": "性病科", "22": "肛門科", "23": "産婦人科",
    "24": "産科", "25": "婦人科", "26": "眼科", "27": "耳鼻咽喉科", "28": "気管食道科", "30": "放射線科",
    "31": "麻酔科", "33": "心療内科", "34": "アレルギー科", "35": "リウマチ科", "36": "リハビリテーション科",
    "37": "病理診断科", "38": "臨床検査科", "39": "救急科",
}  # fmt: skip

# 別表15 職務上の事由, 別表16 減免区分
DUTY_REASONS = {"1": "職務上", "2": "下船後３月以内", "3": "通勤災害"}
REDUCTION_KINDS = {"1": "減額", "2": "免除", "3": "支払猶予"}

# 別表18 転帰区分
OUTCOMES = {"1": "治ゆ、死亡、中止以外", "2": "治ゆ", "3": "死亡", "4": "中止（転医）"}

# 別表19 主傷病
MAIN_DISEASE = "01"
UNCODED_DISEASE = "0000999"
REMARK = "810000001"  # フリーコメント

# 別表20 診療識別
SECTIONS = {
    "01": "全体に係る識別コード",
    "11": "初診",
    "12": "再診",
    "13": "医学管理",
    "14": "在宅",
    "21": "内服",
    "22": "屯服",
    "23": "外用",
    "24": "調剤",
    "25": "処方",
    "26": "麻毒",
    "27": "調基",
    "28": "投薬その他",
    "31": "皮下筋肉内",
    "32": "静脈内",
    "33": "注射その他",
    "39": "薬剤料減点",
    "40": "処置",
    "50": "手術",
    "54": "麻酔",
    "60": "検査・病理",
    "70": "画像診断",
    "80": "その他",
    "90": "入院基本料",
    "92": "特定入院料・その他",
    "97": "食事療養・生活療養・標準負担額",
    "99": "全体に係る識別コード",
}
OUTPATIENT_ONLY_SECTIONS = frozenset({"12", "25"})
INPATIENT_ONLY_SECTIONS = frozenset({"24", "28", "39", "90", "92", "97"})
WHOLE_SECTIONS = frozenset({"01", "99"})
MEAL_SECTION = "97"

# 別表21 負担区分: insurer, 公費1, 公費2, 公費3, 公費4
_BURDENS = (
    "1=10000 5=01000 6=00100 B=00010 C=00001 "
    "2=11000 3=10100 E=10010 G=10001 7=01100 H=01010 I=01001 J=00110 K=00101 L=00011 "
    "4=11100 M=11010 N=11001 O=10110 P=10101 Q=10011 R=01110 S=01101 T=01011 U=00111 "
    "V=11110 W=11101 X=11011 Y=10111 Z=01111 9=11111"
)
BURDEN_PAYERS: dict[str, tuple[bool, bool, bool, bool, bool]] = {
    pair[0]: (pair[2] == "1", pair[3] == "1", pair[4] == "1", pair[5] == "1", pair[6] == "1")
    for pair in _BURDENS.split()
}
BURDEN_CODES = {payers: code for code, payers in BURDEN_PAYERS.items()}

# 別表23 症状詳記区分
NARRATIVE_KINDS = {
    "01": "主たる疾患の臨床症状",
    "02": "主たる疾患の診療・検査所見",
    "03": "主な治療行為の必要性",
    "04": "主な治療行為の経過",
    "05": "100万点以上の薬剤に係る症状等",
    "06": "100万点以上の処置に係る症状等",
    "07": "その他",
    "50": "治験概要",
    "51": "リハビリテーションの継続理由",
    "52": "廃用症候群に係る評価表",
    "90": "上記以外の診療報酬明細書",
}

# 別表24, 25, 26 臓器提供
ORGANS = {"1": "腎", "2": "造血幹細胞", "3": "皮膚", "4": "肝", "5": "肺", "6": "小腸"}
DONOR_TYPES = frozenset({"1991", "1992", "1997", "1998"})

# 別表28 負担者種別, 29 確認区分, 31 窓口負担額区分
INSURER_BEARER = "1"
CONFIRMED_AT_COUNTER = "01"
NO_HIGH_COST = "00"
HIGH_COST_IN_KIND = "01"
HIGH_COST_REPEATED = "02"


def burden_code(payers: tuple[bool, bool, bool, bool, bool]) -> str:
    """負担区分 — the character for a set of payers (insurer, 公費1 … 公費4).

    Raises ``KeyError`` when nobody pays.

    >>> burden_code((True, True, False, False, False)), burden_code((False, True, True, False, False))
    ('2', '7')
    """
    return BURDEN_CODES[payers]


def burden_payers(code: str) -> tuple[bool, bool, bool, bool, bool] | None:
    """負担者 — who pays under a 負担区分, None for a character that is not in the table.

    >>> burden_payers("2"), burden_payers("8")
    ((True, True, False, False, False), None)
    """
    return BURDEN_PAYERS.get(code)


# 減点診療行為 and 減点 drugs (点数識別 7, 金額種別 7): their points are taken off the sum.
REDUCTION_ITEMS = frozenset(
    {
        "199000210", "199000410", "630010001", "630010002", "630010004", "630010005", "630010006", "630010007",
    }
)  # fmt: skip


def with_sign(points: int, codes: Iterable[str]) -> int:
    """符号のある点数 — of a unit of a claim, where what a reduction takes off stands without a sign.

    >>> with_sign(56, ["630010002"]), with_sign(56, ["111000110"])
    (-56, 56)
    """
    return points if REDUCTION_ITEMS.isdisjoint(codes) else -points


def is_meal(code: str) -> bool:
    """食事療養・生活療養か — acts that stand under 診療識別 97.

    >>> is_meal("197000110"), is_meal("111000110")
    (True, False)
    """
    return code.startswith("197")


def is_ward_report(code: str) -> bool:
    """病床機能報告のコードか — acts that name a ward and bring no points.

    >>> is_ward_report("190610001"), is_ward_report("190117710")
    (True, False)
    """
    return code.startswith(("190610", "190620", "190630", "190640"))
