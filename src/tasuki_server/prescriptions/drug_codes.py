# SPDX-License-Identifier: Apache-2.0
"""医薬品コードの対応 — codes of claims to the 薬価基準収載医薬品コード, from the masters of this installation."""

from __future__ import annotations

from functools import lru_cache

from tasuki_server.masters_source import current_book


@lru_cache(maxsize=50_000)
def claim_code_to_price_list(code: str) -> str:
    """薬価基準収載医薬品コード — of a code of nine digits, whatever day; "" where the masters have none."""
    for row in current_book().drugs.get(code, ()):
        if row.price_list_code:
            return row.price_list_code
    return ""
