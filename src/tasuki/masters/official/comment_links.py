# SPDX-License-Identifier: Apache-2.0
"""コメント関連テーブル — which comments 記載要領 別表Ⅰ asks for with an act.

Known is the form of 2020 with 18 columns. The 30 columns of R8 are recognised and refused by name,
because their meaning has not been seen (docs/reference/unconfirmed.md).

Cite: 支払基金 コメント関連テーブル; 診療報酬請求書等の記載要領 別表Ⅰ
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasuki.kernel.validity import Validity
from tasuki.masters.official.fields import BadField, Fields, code, day
from tasuki.masters.official.history import EVER
from tasuki.masters.rows import RequiredComment

if TYPE_CHECKING:
    from datetime import date

COLUMNS = 18
UNKNOWN_COLUMNS = 30


def is_comment_link(fields: Fields) -> bool:
    """コメント関連か — an act code in column 6 and a comment code in column 9."""
    return (
        len(fields) in (COLUMNS, UNKNOWN_COLUMNS)
        and len(fields[8]) == 9
        and fields[8].isdigit()
        and fields[8][0] == "8"
        and fields[5].isdigit()
    )


def comment_link_of(fields: Fields, ends_on: date | None) -> RequiredComment:
    """コメント関連 — one line as our value, valid no longer than the revision it was published for.

    Raises :class:`BadField`.
    """
    if len(fields) != COLUMNS:
        raise BadField(0, str(len(fields)), f"{COLUMNS} columns")
    until = day(fields, 13)
    ends = [last for last in (until, ends_on) if last]
    return RequiredComment(
        act_code=code(fields, 6, 9),
        comment_code=code(fields, 9, 9),
        section=fields[3],
        condition=tuple(fields[13:17]),
        validity=Validity(day(fields, 12) or EVER, min(ends) if ends else None),
    )
