# SPDX-License-Identifier: Apache-2.0
"""医薬品マスター — table y: 40 columns until September 2024, 42 after (長期収載品 and 選定療養).

Cite: 支払基金 マスターファイル仕様説明書 令和6年度版 (2025-06-02) 医薬品マスター
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasuki.masters.official.fields import day, decimal, whole
from tasuki.masters.rows import Drug

if TYPE_CHECKING:
    from tasuki.kernel.validity import Validity
    from tasuki.masters.official.fields import Fields

COLUMNS = (40, 42)


def drug_of(fields: Fields, validity: Validity) -> Drug:
    """医薬品 — one merged row of the official table as our value. Raises ``BadField``."""

    def text(column: int, blank: str = "0") -> str:
        return (fields[column - 1] if column <= len(fields) else "") or blank

    pair = text(41, "")
    return Drug(
        code=fields[2],
        name=fields[4],
        validity=validity,
        kana=fields[6],
        full_name=fields[34] or fields[4],
        unit_code=text(8),
        unit_name=fields[9],
        price_kind=text(11, "1"),
        price=decimal(fields, 12),
        controlled=text(14),
        nerve_block=text(15),
        biological=text(16),
        is_generic=fields[16] == "1",
        contrast=text(20),
        injection_ml=whole(fields, 21),
        form=text(28, "1"),
        price_list_code=fields[31],
        usable_until=day(fields, 34),
        generic_code=text(37, ""),
        generic_name=text(38, ""),
        generic_addition=text(39),
        elective_pair=pair if pair != "0" else "",
        elective_kind=text(42),
    )
