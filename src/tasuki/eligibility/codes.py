# SPDX-License-Identifier: Apache-2.0
"""コード表 — the codes of オンライン資格確認 elements and what they mean.

Cite: オンライン資格確認等システム 外部インターフェイス仕様書 コード一覧 OQSCD003-OQSCD013 (as vendors publish them)
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_SEX = {"1": "男", "2": "女", "3": "未設定"}
_CONSENT = {"0": "同意なし", "1": "同意あり"}

# 適用区分 OQSCD012: A under seventy, B from seventy.
LIMIT_CLASSES: Mapping[str, str] = MappingProxyType(
    {
        "A01": "区分ア",
        "A02": "区分イ",
        "A03": "区分ウ",
        "A04": "区分エ",
        "A05": "区分オ",
        "A06": "区分オ（境界層該当）",
        "B01": "現役並みⅢ",
        "B02": "現役並みⅡ",
        "B03": "現役並みⅠ",
        "B04": "一般",
        "B05": "低所得Ⅱ",
        "B06": "低所得Ⅰ",
        "B07": "低所得Ⅰ（老福）",
        "B08": "低所得Ⅰ（境界層該当）",
        "B09": "一般Ⅱ（後期）",
        "B10": "一般Ⅰ（後期）",
    }
)

VALIDITIES: Mapping[str, str] = MappingProxyType(
    {
        "1": "有効",
        "2": "無効",
        "3": "無効（新しい資格あり）",
        "4": "該当資格なし",
        "5": "複数該当",
        "6": "有効（未登録）",
    }
)

CODES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "reference": {"1": "マイナンバーカード", "2": "被保険者証情報"},
        "segment": {"1": "正常終了", "2": "処理中", "9": "異常終了"},
        "charset": {"0": "UTF-8", "1": "Shift_JIS"},
        "status": {"1": "正常終了", "2": "エラー"},
        "validity": VALIDITIES,
        "issue": {"1": "電子処方箋", "2": "紙の処方箋"},
        "card": {
            "01": "一般",
            "02": "退職",
            "03": "短期（一般）",
            "04": "短期（退職）",
            "05": "資格証明書",
            "06": "特例退職",
            "07": "自衛官診療証",
            "A1": "医療扶助",
        },
        "relation": {"1": "本人", "2": "家族"},
        "sex": _SEX,
        "ratio": {"010": "1割", "020": "2割", "030": "3割"},
        "elder_ratio": {"020": "2割", "030": "3割"},
        "preschool": {"1": "未就学"},
        "loss": {"01": "死亡", "02": "生活保護受給開始", "03": "医療保険等の資格取得", "99": "その他"},
        "limit_kind": {
            "01": "限度額適用認定証",
            "02": "限度額適用・標準負担額減額認定証",
            "03": "標準負担額減額認定証",
        },
        "limit_class": LIMIT_CLASSES,
        "disease": {
            "1": "人工透析を必要とする慢性腎不全",
            "2": "先天性血液凝固因子障害（第VIII・第IX因子）",
            "3": "血液凝固因子製剤の投与に起因するHIV感染症",
        },
        "consent": _CONSENT,
        "disease_consent": {**_CONSENT, "2": "同意有効期限切れ"},
        "reimbursement": {"0": "窓口で受けられる", "1": "常に償還払い"},
        "treatment": {"2": "訪問診療等", "3": "オンライン診療等"},
        "message_flag": {"1": "伝達事項なし", "2": "伝達事項あり"},
    }
)


def meaning(table: str, code: str) -> str:
    """コードの意味 — of a code, and the code itself where the table does not know it.

    >>> meaning("validity", "3"), meaning("validity", "8")
    ('無効（新しい資格あり）', '8')
    """
    return CODES[table].get(code, code)
