# SPDX-License-Identifier: Apache-2.0
"""表示用の文字 — text from outside as it may be shown: no control character reaches a terminal or a log line."""

from __future__ import annotations


def printable(text: str, limit: int = 40) -> str:
    r"""表示用の文字 — the beginning of a text, a blank for what cannot be printed; the blank of full width stays.

    >>> printable("架空　A\x1b[2J\n1"), printable("12345", 3)
    ('架空　A [2J 1', '123…')
    """
    shown = "".join(c if c.isprintable() or c == "\u3000" else " " for c in text[:limit])
    return shown if len(text) <= limit else f"{shown}…"
