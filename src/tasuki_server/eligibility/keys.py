# SPDX-License-Identifier: Apache-2.0
"""照合の鍵 — how symbols, numbers and names are compared: width, blanks and strokes between digits do not matter."""

from __future__ import annotations

import unicodedata

from tasuki.kernel.kana import search_key

# Strokes that stand between the digits of a symbol on paper.
_LEFT_OUT = {ord(each): None for each in " 　-‐‑‒–—―ー－・･.,"}


def card_key(text: str) -> str:
    """記号・番号の鍵 — leading zeros count: they are part of a number.

    >>> card_key("１２－３４"), card_key("12 34"), card_key("0012")
    ('1234', '1234', '0012')
    """
    if text.isascii() and text.isalnum():
        return text
    return unicodedata.normalize("NFKC", text).translate(_LEFT_OUT)


def name_key(text: str) -> str:
    """氏名の鍵 — width, kana and blanks do not matter.

    >>> name_key("架空　太郎") == name_key("架空太郎")
    True
    """
    return search_key(text)
