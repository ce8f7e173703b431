# SPDX-License-Identifier: Apache-2.0
"""伏せ字 — what stands for a value that may not be seen; the views of masked tables say the same in SQL."""

from __future__ import annotations

import re
from typing import Any

MASK = "＊＊＊"
# A bare word of the program: a kind, a state.
_WORD = re.compile(r"[a-z_]*")


def masked_text(text: str) -> str:
    """文字の伏せ字 — a bare word of the program stays.

    >>> masked_text("in_room"), masked_text("仮野 五平")
    ('in_room', '＊＊＊')
    """
    return text if _WORD.fullmatch(text) else MASK


def masked_json(value: Any) -> Any:
    """JSONの伏せ字 — shape, numbers and truth values stay.

    >>> masked_json({"kind": "cash", "給付": ["見本", 3, True, None]})
    {'kind': 'cash', '＊＊＊': ['＊＊＊', 3, True, None]}
    """
    if isinstance(value, dict):
        return {masked_text(key): masked_json(each) for key, each in value.items()}
    if isinstance(value, list):
        return [masked_json(each) for each in value]
    return masked_text(value) if isinstance(value, str) else value
