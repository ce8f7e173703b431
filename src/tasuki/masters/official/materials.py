# SPDX-License-Identifier: Apache-2.0
"""特定器材マスター — 38 columns of table t (and of 労災器材, which has the same form).

Cite: 支払基金 マスターファイル仕様説明書 令和6年度版 (2025-06-02) 特定器材マスター
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasuki.masters.official.fields import decimal
from tasuki.masters.rows import Material

if TYPE_CHECKING:
    from tasuki.kernel.validity import Validity
    from tasuki.masters.official.fields import Fields

COLUMNS = (38,)


def material_of(fields: Fields, validity: Validity) -> Material:
    """特定器材 — one merged row of the official table as our value. Raises ``BadField``."""

    def text(column: int, blank: str = "0") -> str:
        return fields[column - 1] or blank

    table, section = text(31), text(32)
    return Material(
        code=fields[2],
        name=fields[4],
        validity=validity,
        kana=fields[6],
        full_name=fields[36] or fields[4],
        unit_code=text(8),
        unit_name=fields[9],
        price_kind=text(11, "1"),
        price=decimal(fields, 12),
        age_addition=text(14),
        age_from=text(15, "00"),
        age_to=text(16, "00"),
        oxygen=text(21),
        divisor_kind=text(22),
        section=f"{table}-{section}" if table != "0" else "",
    )
