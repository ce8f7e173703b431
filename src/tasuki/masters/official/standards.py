# SPDX-License-Identifier: Apache-2.0
"""施設基準コード — the numbers of the standards, and 名寄せ: which filed standards satisfy a joint number.

The official list is a table in a PDF (仕様説明書 別紙); what is read here is that table as text with a
header line, in either form named below.

Cite: 支払基金 マスターファイル仕様説明書 令和6年度版 別紙 施設基準コード一覧
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasuki.masters.official.fields import BadField
from tasuki.masters.rows import Standard

if TYPE_CHECKING:
    from tasuki.masters.official.fields import Fields

CODES_HEADER = ("code", "name", "section")
MEMBERS_HEADER = ("nayose_code", "nayose_name", "member_code", "member_name")


def standard_of(fields: Fields) -> Standard:
    """施設基準 — one number and its name. Raises :class:`BadField`."""
    if not fields[0].isdigit() or len(fields[0]) > 4:
        raise BadField(1, fields[0], "up to 4 digits")
    return Standard(fields[0], fields[1], fields[2])


def member_of(fields: Fields) -> tuple[str, str]:
    """名寄せ — a joint number and one filed number that satisfies it. Raises :class:`BadField`."""
    for column in (1, 3):
        if not fields[column - 1].isdigit():
            raise BadField(column, fields[column - 1], "digits")
    return fields[0], fields[2]
