# SPDX-License-Identifier: Apache-2.0
"""窓口の入力 — amounts as people type them: commas, full width, a yen mark."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping

from django.http import QueryDict

from tasuki.calculation.payers import PriceItem, price_lines
from tasuki_server.billing.draft import OwnItem
from tasuki_server.billing.models import PaymentMethod

LARGEST_YEN = 9_999_999
MOST_OWN_ITEMS = 50
LONGEST_REASON = 200
TAX_PERCENTS = (0, 8, 10)


class BadAmount(ValueError):
    """金額の誤り — its text is the Japanese sentence to show."""


def read_yen(text: str, label: str) -> int:
    """金額の読取り — raises :class:`BadAmount` unless it is a whole number of yen above zero.

    >>> read_yen("１，０００円", "受取額"), read_yen(" 870 ", "受取額")
    (1000, 870)
    """
    plain = unicodedata.normalize("NFKC", text).replace(",", "").replace("円", "").replace("¥", "").strip()
    # The length first: int() itself refuses thousands of digits.
    if not plain.isdecimal() or len(plain) > 12 or not 0 < int(plain) <= LARGEST_YEN:
        raise BadAmount(f"{label}「{text[:20]}」は金額として読めません。1円以上の数字を入れてください。")
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
    items: list[OwnItem] = []
    rows = zip(form.getlist("own_name"), form.getlist("own_yen"), form.getlist("own_tax"), strict=False)
    for name, yen, tax in rows:
        if not name.strip() and not yen.strip():
            continue
        if not name.strip():
            raise BadAmount("自費の名称を入れてください。")
        percent = int(tax) if tax in map(str, TAX_PERCENTS) else 10
        items.append(OwnItem(name.strip(), read_yen(yen, f"自費「{name.strip()}」の金額"), percent))
    if len(items) > MOST_OWN_ITEMS:
        raise BadAmount(f"自費は{MOST_OWN_ITEMS}件までです。")
    return tuple(items)


def read_priced_items(form: QueryDict, prices: Iterable[PriceItem]) -> tuple[OwnItem, ...]:
    """料金表の読取り — the chosen prices of the day; what a payer is billed stands beside the patient's part."""
    known = {item.code: item for item in prices}
    chosen = [code for code in form.getlist("price") if code]
    missing = next((code for code in chosen if code not in known), None)
    if missing is not None:
        raise BadAmount(f"料金表に「{missing[:40]}」がありません。画面を開き直してください。")
    lines = price_lines((known[code], 1) for code in chosen)
    return tuple(
        OwnItem(
            line.item.name,
            line.patient_yen,
            line.item.tax.percent,
            code=line.item.code,
            billed_to=line.item.billed_to,
            billed_yen=line.billed_yen,
        )
        for line in lines
    )


def read_count(text: str, label: str) -> int:
    """画面の数の読取り — a version, points or yen that our own form carried; raises :class:`BadAmount`.

    >>> read_count("12", "版"), read_count("-300", "負担金")
    (12, -300)
    """
    plain = text.removeprefix("-")
    if not plain.isascii() or not plain.isdecimal() or len(plain) > 9:
        raise BadAmount(f"{label}を読み取れません。画面を開き直してください。")
    return int(text)


def read_reason(text: str) -> str:
    """理由の読取り — at most what the record keeps; raises :class:`BadAmount`."""
    reason = text.strip()
    if len(reason) > LONGEST_REASON:
        raise BadAmount(f"理由は{LONGEST_REASON}文字までです。")
    return reason
