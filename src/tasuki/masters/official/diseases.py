# SPDX-License-Identifier: Apache-2.0
"""傷病名マスター — 46 columns of table b.

Cite: 支払基金 マスターファイル仕様説明書 令和6年度版 (2025-06-02) 傷病名マスター
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasuki.masters.rows import Disease

if TYPE_CHECKING:
    from tasuki.kernel.validity import Validity
    from tasuki.masters.official.fields import Fields

COLUMNS = (46,)


def disease_of(fields: Fields, validity: Validity) -> Disease:
    """傷病名 — one merged row of the official table as our value."""
    return Disease(
        code=fields[2],
        name=fields[5],
        validity=validity,
        kana=fields[9],
        short_name=fields[7],
        successor_code=fields[3] if fields[3] != fields[2] else "",
        exchange_code=fields[12],
        icd10=tuple(code for code in (fields[15], fields[16]) if code),
        single_use=fields[18] or "00",
        is_unclaimable=fields[19] == "1",
        specific=fields[20] or "00",
        intractable=fields[42] or "00",
        management_number=fields[10],
    )
