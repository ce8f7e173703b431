# SPDX-License-Identifier: Apache-2.0
"""窓口の入力 — amounts as people type them: commas, full width, a yen mark."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

from django.http import QueryDict

from tasuki_server.billing.draft import OwnItem
from tasuki_server.billing.models import PaymentMethod

LARGEST_YEN = 9_999_999
TAX_PERCENTS = (0, 8, 10)


class BadAmount(ValueError):
    """金額の誤り — its text is the Japanese sentence to show."""


def read_yen(text: str, label: str) -> int:
    """金額の読取り — raises :class:`BadAmount` unless it is a whole number of yen above zero.

    >>> read_yen("１，０００円", "受取額"), read_yen(" 870 ", "受取額")
    (1000, 870)
    """
    plain = unicodedata.normalize("NFKC", text).replace(",", "").replace("円", "").replace("¥", "").strip()
    if not plain.isdecimal() or not 0 < int(plain) <= LARGEST_YEN:
        raise BadAmount(f"{label}「{text}」は金額として読めません。1円以上の数字を入れてください。")
    return int(plain)


def read_method(form: Mapping[str, str]) -> PaymentMethod:
    """支払方法の読取り — cash when none was chosen."""
    chosen = form.get("method") or PaymentMethod.CASH
    if chosen not in PaymentMethod.values:
        raise BadAmount("支払方法を選んでください。")
    return PaymentMethod(chosen)


def read_own_items(form: QueryDict) -> tuple[OwnItem, ...] | None:
    """自費の読取り — None when the form carries none of its fields; empty rows are left out."""
    if "own_name" not in form:
        return None
    items = []
    rows = zip(form.getlist("own_name"), form.getlist("own_yen"), form.getlist("own_tax"), strict=False)
    for name, yen, tax in rows:
        if not name.strip() and not yen.strip():
            continue
        if not name.strip():
            raise BadAmount("自費の名称を入れてください。")
        percent = int(tax) if tax.isdecimal() and int(tax) in TAX_PERCENTS else 10
        items.append(OwnItem(name.strip(), read_yen(yen, f"自費「{name.strip()}」の金額"), percent))
    return tuple(items)
