# SPDX-License-Identifier: Apache-2.0
"""診療識別 — the class of the claim (11 … 80) from the tally group of the master."""

from __future__ import annotations

# 点数欄集計先識別(入院外), 医科診療行為マスター col 15 → 診療識別, 記録条件仕様(医科用) 別表20.
SECTION_OF_TALLY = {
    "110": "11", "120": "12", "122": "12", "123": "12", "124": "12", "125": "12", "130": "13", "140": "14",
    "210": "21", "230": "23", "250": "25", "260": "26", "270": "27", "300": "33", "311": "31", "321": "32",
    "331": "33", "400": "40", "500": "50", "502": "50", "540": "54", "600": "60", "700": "70", "800": "80",
    # 労災診療行為マスター: the acts in yen have tally groups of their own.
    "A11": "11", "A12": "12", "A13": "13", "A80": "80",
}  # fmt: skip

SECTION_NAMES = {
    "11": "初診", "12": "再診", "13": "医学管理", "14": "在宅", "21": "内服", "22": "屯服", "23": "外用",
    "24": "調剤", "25": "処方", "26": "麻毒", "27": "調基", "28": "投薬・その他", "31": "皮下筋肉内", "32": "静脈内",
    "33": "注射・その他", "39": "薬剤料減点", "40": "処置", "50": "手術", "54": "麻酔", "60": "検査・病理", "70": "画像診断",
    "80": "その他",
}  # fmt: skip


def section_of(tally_out: str) -> str | None:
    """診療識別 — of an act by its tally group; None when the act has no place on an outpatient claim.

    >>> section_of("600"), section_of("0")
    ('60', None)
    """
    return SECTION_OF_TALLY.get(tally_out)
