# SPDX-License-Identifier: Apache-2.0
"""修飾語マスター — 19 columns of table z.

Cite: 支払基金 マスターファイル仕様説明書 令和6年度版 (2025-06-02) 修飾語マスター
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasuki.masters.rows import Modifier

if TYPE_CHECKING:
    from tasuki.kernel.validity import Validity
    from tasuki.masters.official.fields import Fields

COLUMNS = (19,)


def modifier_of(fields: Fields, validity: Validity) -> Modifier:
    """修飾語 — one merged row of the official table as our value."""
    return Modifier(
        code=fields[2],
        name=fields[6],
        validity=validity,
        kana=fields[9],
        exchange_code=fields[17],
        kind=fields[18],
    )
