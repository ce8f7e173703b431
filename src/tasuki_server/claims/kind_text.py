# SPDX-License-Identifier: Apache-2.0
"""レセプト種別の表記 — the code of 別表5 as a clerk reads it."""

from __future__ import annotations

from tasuki.claims.receipt_type import Group, Holder, parse_type

_GROUPS = {
    Group.INSURED: "医保",
    Group.PUBLIC_ONLY: "公費",
    Group.LATE_ELDERLY: "後期",
    Group.RETIRED: "退職",
}
_HOLDERS = {
    Holder.SELF: "本人",
    Holder.PRESCHOOL: "六歳",
    Holder.FAMILY: "家族",
    Holder.ELDER: "高外一",
    Holder.ELDER_ACTIVE: "高外７",
}


def kind_text(code: str) -> str:
    """レセプト種別の表記 — the code itself when 別表5 does not have it.

    >>> kind_text("1112"), kind_text("1124"), kind_text("1212"), kind_text("9999")
    ('医保 単独 本人', '医保 2併 六歳', '公費 単独', '9999')
    """
    found = parse_type(code)
    if found is None:
        return code
    payers = found.programme_count + found.has_insurer
    count = "単独" if payers == 1 else f"{payers}併"
    holder = _HOLDERS[found.holder] if found.has_insurer else ""
    return " ".join(part for part in (_GROUPS[found.group], count, holder) if part)
