# SPDX-License-Identifier: Apache-2.0
"""レセプト種別 — four digits that say fee table, kind of insurance, number of payers, and who and where.

Cite: 記録条件仕様（医科用） 別表5
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Group(StrEnum):
    """保険種別 — the second digit of a レセプト種別."""

    INSURED = "1"  # 社保・国保
    PUBLIC_ONLY = "2"  # 公費
    LATE_ELDERLY = "3"  # 後期高齢者
    RETIRED = "4"  # 退職者


class Holder(StrEnum):
    """本人・家族等の別 — who the receipt is for, as the last digit says (outpatient digit)."""

    SELF = "2"  # 本人・世帯主
    PRESCHOOL = "4"  # 未就学者
    FAMILY = "6"  # 家族・その他
    ELDER = "8"  # 高齢受給者一般・低所得者, 後期一般・低所得者
    ELDER_ACTIVE = "0"  # 高齢受給者・後期 7割給付


class ReceiptType(NamedTuple):
    """レセプト種別 — its parts: fee table, group, number of programmes, holder, inpatient or not."""

    fee_table: str
    group: Group
    programme_count: int
    holder: Holder
    is_inpatient: bool

    @property
    def has_insurer(self) -> bool:
        """医療保険の有無 — whether an insurer stands on the receipt."""
        return self.group is not Group.PUBLIC_ONLY

    @property
    def code(self) -> str:
        """種別コード — the four digits.

        >>> ReceiptType("1", Group.INSURED, 1, Holder.PRESCHOOL, False).code
        '1124'
        >>> ReceiptType("1", Group.PUBLIC_ONLY, 2, Holder.SELF, False).code
        '1222'
        """
        payers = self.programme_count + (1 if self.has_insurer else 0)
        last = int(self.holder)
        if self.is_inpatient:
            last = (last - 1) % 10
        return f"{self.fee_table}{self.group.value}{payers}{last}"


_ALLOWED = {
    Group.INSURED: frozenset(Holder),
    Group.PUBLIC_ONLY: frozenset({Holder.SELF}),
    Group.LATE_ELDERLY: frozenset({Holder.ELDER, Holder.ELDER_ACTIVE}),
    Group.RETIRED: frozenset({Holder.SELF, Holder.PRESCHOOL, Holder.FAMILY}),
}


def parse_type(code: str) -> ReceiptType | None:
    """種別の解釈 — the parts of a code of 別表5, None when the table does not have it.

    >>> parse_type("1110")
    ReceiptType(fee_table='1', group=<Group.INSURED: '1'>, programme_count=0, holder=<Holder.ELDER_ACTIVE: '0'>, is_inpatient=False)
    >>> parse_type("1251"), parse_type("1312"), parse_type("11x2")
    (None, None, None)
    """
    if len(code) != 4 or not (code.isascii() and code.isdigit()):
        return None
    if code[0] not in "1346" or code[1] not in "1234" or code[2] not in "12345":
        return None
    group = Group(code[1])
    payers = int(code[2])
    if group is Group.PUBLIC_ONLY and payers > 4:
        return None
    last = int(code[3])
    is_inpatient = last % 2 == 1
    holder = Holder(str((last + 1) % 10 if is_inpatient else last))
    if holder not in _ALLOWED[group]:
        return None
    count = payers if group is Group.PUBLIC_ONLY else payers - 1
    return ReceiptType(code[0], group, count, holder, is_inpatient)


_GROUP_NAMES = {
    Group.INSURED: "医保",
    Group.PUBLIC_ONLY: "公費",
    Group.LATE_ELDERLY: "後期",
    Group.RETIRED: "退職",
}
_HOLDER_NAMES = {
    Holder.SELF: "本人",
    Holder.PRESCHOOL: "六歳",
    Holder.FAMILY: "家族",
    Holder.ELDER: "高齢一",
    Holder.ELDER_ACTIVE: "高齢７",
}


def type_name(kind: ReceiptType) -> str:
    """種別名 — as the right-hand boxes of the form put it.

    >>> type_name(ReceiptType("1", Group.INSURED, 1, Holder.FAMILY, False))
    '医保・２併・家族・外来'
    """
    payers = kind.programme_count + (1 if kind.has_insurer else 0)
    combined = "単独" if payers == 1 else f"{'１２３４５'[payers - 1]}併"
    who = "" if kind.group is Group.PUBLIC_ONLY else f"・{_HOLDER_NAMES[kind.holder]}"
    return f"{_GROUP_NAMES[kind.group]}・{combined}{who}・{'入院' if kind.is_inpatient else '外来'}"
