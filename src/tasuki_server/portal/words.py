# SPDX-License-Identifier: Apache-2.0
"""本人の画面の言葉 — Japanese and English side by side, one table a page; a key without both does not start the server.

A table of our own and not gettext: its catalogues are compiled files that a reader cannot check, and a text that was
forgotten falls back silently.
"""

from __future__ import annotations

from tasuki_server.portal.words_acts import ACTS
from tasuki_server.portal.words_frame import FRAME
from tasuki_server.portal.words_pages import PAGES
from tasuki_server.portal.words_rights import RIGHTS

Words = dict[str, tuple[str, str]]
_TABLES = (FRAME, PAGES, RIGHTS, ACTS)
WORDS: Words = {key: both for table in _TABLES for key, both in table.items()}
if len(WORDS) != sum(len(table) for table in _TABLES):
    raise ValueError("a key stands in two tables of words")


def said(language: str, key: str, **facts: object) -> str:
    """言葉 — of a key in a language, with facts in their places. Raises ``KeyError`` for a key that is not there.

    >>> said("en", "results.title"), said("ja", "results.title")
    ('Test results', '検査結果')
    """
    text = WORDS[key][1 if language == "en" else 0]
    return text.format(**facts) if facts else text
