# SPDX-License-Identifier: Apache-2.0
"""保険者番号・公費の番号 — their parts and check digits, and the eight characters of a message.

Cite: 昭和51年保発第45号・庁保発第34号 保険者番号等の設定について
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from tasuki.kernel.check_digit import has_valid_check_digit


class PayerKind(StrEnum):
    """負担者の種類 — who stands behind a number, by its 法別番号."""

    NATIONAL = "国保"
    EMPLOYEE = "社保"
    LATE_ELDERLY = "後期"
    PROGRAMME = "公費"
    UNKNOWN = "不明"


# 法別番号 and what it stands for. Not exhaustive: an unknown one is UNKNOWN, never refused.
LAW_CODES: dict[str, tuple[PayerKind, str]] = {
    "01": (PayerKind.EMPLOYEE, "全国健康保険協会管掌健康保険"),
    "02": (PayerKind.EMPLOYEE, "船員保険"),
    "03": (PayerKind.EMPLOYEE, "日雇特例被保険者の保険（一般療養）"),
    "04": (PayerKind.EMPLOYEE, "日雇特例被保険者の保険（特別療養費）"),
    "06": (PayerKind.EMPLOYEE, "組合管掌健康保険"),
    "07": (PayerKind.EMPLOYEE, "自衛官等の療養の給付"),
    "31": (PayerKind.EMPLOYEE, "国家公務員共済組合"),
    "32": (PayerKind.EMPLOYEE, "地方公務員等共済組合"),
    "33": (PayerKind.EMPLOYEE, "警察共済組合"),
    "34": (PayerKind.EMPLOYEE, "公立学校共済組合・日本私立学校振興・共済事業団"),
    "39": (PayerKind.LATE_ELDERLY, "後期高齢者医療"),
    "63": (PayerKind.EMPLOYEE, "特定健康保険組合"),
    "67": (PayerKind.NATIONAL, "国民健康保険 退職者医療"),
    "72": (PayerKind.EMPLOYEE, "国家公務員特定共済組合"),
    "73": (PayerKind.EMPLOYEE, "地方公務員等特定共済組合"),
    "74": (PayerKind.EMPLOYEE, "警察特定共済組合"),
    "75": (PayerKind.EMPLOYEE, "公立学校特定共済組合"),
    "10": (PayerKind.PROGRAMME, "結核患者の適正医療"),
    "11": (PayerKind.PROGRAMME, "結核患者の入院"),
    "12": (PayerKind.PROGRAMME, "生活保護法による医療扶助"),
    "13": (PayerKind.PROGRAMME, "戦傷病者 療養の給付"),
    "14": (PayerKind.PROGRAMME, "戦傷病者 更生医療"),
    "15": (PayerKind.PROGRAMME, "自立支援 更生医療"),
    "16": (PayerKind.PROGRAMME, "自立支援 育成医療"),
    "17": (PayerKind.PROGRAMME, "児童福祉法 療育の給付"),
    "18": (PayerKind.PROGRAMME, "原爆 認定疾病医療"),
    "19": (PayerKind.PROGRAMME, "原爆 一般疾病医療費"),
    "20": (PayerKind.PROGRAMME, "精神 措置入院"),
    "21": (PayerKind.PROGRAMME, "自立支援 精神通院医療"),
    "22": (PayerKind.PROGRAMME, "麻薬取締法 入院措置"),
    "23": (PayerKind.PROGRAMME, "母子保健法 養育医療"),
    "24": (PayerKind.PROGRAMME, "療養介護医療"),
    "25": (PayerKind.PROGRAMME, "中国残留邦人等 医療支援給付"),
    "28": (PayerKind.PROGRAMME, "一類感染症等の患者の入院"),
    "29": (PayerKind.PROGRAMME, "新感染症の患者の入院"),
    "30": (PayerKind.PROGRAMME, "心神喪失者等医療観察法"),
    "38": (PayerKind.PROGRAMME, "肝炎治療特別促進事業"),
    "51": (PayerKind.PROGRAMME, "特定疾患治療費等"),
    "52": (PayerKind.PROGRAMME, "小児慢性特定疾病"),
    "53": (PayerKind.PROGRAMME, "児童福祉法の措置等"),
    "54": (PayerKind.PROGRAMME, "難病 特定医療"),
    "62": (PayerKind.PROGRAMME, "特定B型肝炎 定期検査費等"),
    "66": (PayerKind.PROGRAMME, "石綿健康被害 医療費"),
    "79": (PayerKind.PROGRAMME, "児童福祉法 障害児施設医療"),
}


class PayerNumber(NamedTuple):
    """保険者番号・公費負担者番号 — the number taken apart; 国保 has six digits and no 法別番号."""

    text: str
    law_code: str
    prefecture: str
    has_check: bool

    @property
    def kind(self) -> PayerKind:
        """負担者の種類 — 国保 without a 法別番号, else by it."""
        if not self.law_code:
            return PayerKind.NATIONAL
        return LAW_CODES.get(self.law_code, (PayerKind.UNKNOWN, ""))[0]

    @property
    def system(self) -> str:
        """制度 — the name of the system, "" when the 法別番号 is not known."""
        if not self.law_code:
            return "国民健康保険"
        return LAW_CODES.get(self.law_code, (PayerKind.UNKNOWN, ""))[1]


def read_payer_number(text: str) -> PayerNumber | None:
    """保険者番号の読取 — of six or eight digits, blanks around it left away; None for anything else.

    A wrong check digit is told by ``has_check``, and the number kept: a card may really be printed so.

    >>> read_payer_number("06139463")
    PayerNumber(text='06139463', law_code='06', prefecture='13', has_check=True)
    >>> read_payer_number("  138057").kind.value, read_payer_number("39131156").kind.value
    ('国保', '後期')
    >>> read_payer_number("1380") is None
    True
    """
    number = text.strip(" ")
    if not (number.isascii() and number.isdecimal()) or len(number) not in (6, 8):
        return None
    law = number[:2] if len(number) == 8 else ""
    return PayerNumber(number, law, number[len(law) : len(law) + 2], has_valid_check_digit(number))


def pad_insurer_number(number: str) -> str:
    """保険者番号の桁合わせ — eight characters, blanks on the left; zeros would make another number of it.

    >>> pad_insurer_number("138057"), pad_insurer_number("06139463")
    ('  138057', '06139463')
    """
    return number.strip(" ").rjust(8)


def is_recipient_number(text: str) -> bool:
    """受給者番号 — seven digits, the last a check digit. Local programmes have other forms.

    >>> is_recipient_number("0000018"), is_recipient_number("0000019"), is_recipient_number("１２")
    (True, False, False)
    """
    return text.isascii() and len(text) == 7 and has_valid_check_digit(text)


class InstitutionCode(NamedTuple):
    """医療機関コード — the ten digits of a message: prefecture, 点数表, and the seven of the claim."""

    prefecture: str
    fee_table: str
    code: str


def read_institution_code(text: str) -> InstitutionCode | None:
    """医療機関コードの読取 — None unless it is ten digits.

    >>> read_institution_code("1311234567")
    InstitutionCode(prefecture='13', fee_table='1', code='1234567')
    """
    if len(text) != 10 or not (text.isascii() and text.isdecimal()):
        return None
    return InstitutionCode(text[:2], text[2], text[3:])
