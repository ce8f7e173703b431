# SPDX-License-Identifier: Apache-2.0
"""コメントマスター — 30 columns of table c (and of 労災コメント, which has the same form).

Cite: 支払基金 マスターファイル仕様説明書 令和6年度版 (2025-06-02) コメントマスター
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasuki.masters.official.fields import BadField, whole
from tasuki.masters.rows import Comment

if TYPE_CHECKING:
    from tasuki.kernel.validity import Validity
    from tasuki.masters.official.fields import Fields

COLUMNS = (30,)


def comment_code(fields: Fields) -> str:
    """コメントコード — 8, the pattern, and six digits; a difference row carries only the parts.

    >>> comment_code(["5", "C", "8", "20", "247"])
    '820000247'
    """
    kind, pattern, serial = fields[2], fields[3], fields[4]
    if kind != "8":
        raise BadField(3, kind, "8")
    if len(pattern) != 2 or not pattern.isdigit():
        raise BadField(4, pattern, "code of 2")
    if not serial.isdigit() or len(serial) > 6:
        raise BadField(5, serial, "up to 6 digits")
    return f"8{pattern}{serial:0>6}"


def comment_of(fields: Fields, validity: Validity) -> Comment:
    """コメント — one merged row of the official table as our value. Raises :class:`BadField`."""
    slots = tuple((whole(fields, at), whole(fields, at + 1)) for at in (10, 12, 14, 16))
    return Comment(
        code=comment_code(fields),
        name=fields[6],
        validity=validity,
        kana=fields[8],
        pattern=fields[3],
        slots=tuple(slot for slot in slots if slot[1]),
        is_selectable=fields[19] == "1",
    )
