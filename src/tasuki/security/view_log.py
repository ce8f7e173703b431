# SPDX-License-Identifier: Apache-2.0
"""停止時の閲覧記録 — lines that say who saw whose chart while the server was away; each is bound to the one before.

The key comes from the copy, so the installation can check each line later, and whoever cannot open the copy can write
none. That lines were cut off at the end cannot be told from the log alone: see ``docs/decisions/0802``.

Cite: 医療情報システムの安全管理に関するガイドライン 第6.0版 システム運用編 17①（アクセスログ）
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from typing import NamedTuple

FIRST = "0" * 64


class View(NamedTuple):
    """閲覧の行 — ``fields`` are ids, times and counts; ``number`` begins at 1; ``link`` is over the line before and this one."""

    number: int
    fields: Mapping[str, object]
    link: str


class ReadLog(NamedTuple):
    """読んだ閲覧記録 — the lines up to the first that does not fit, and the number of that one (0: all fit)."""

    views: tuple[View, ...]
    broken_at: int


def next_line(key: bytes, last: View | None, fields: Mapping[str, object]) -> tuple[View, str]:
    """次の行 — and its text.

    >>> view, text = next_line(bytes(32), None, {"act": "open"})
    >>> read_log(bytes(32), [text]).views == (view,)
    True
    """
    number, before = (1, FIRST) if last is None else (last.number + 1, last.link)
    view = View(number, dict(fields), _link(key, before, number, fields))
    text = json.dumps(
        {"number": number, "fields": view.fields, "link": view.link},
        ensure_ascii=False, sort_keys=True, separators=(",", ":"),
    )  # fmt: skip
    return view, text


def read_log(key: bytes, lines: Iterable[str]) -> ReadLog:
    """閲覧記録の読込 — stops at the first line that was altered, left out or put in."""
    views: list[View] = []
    for number, line in enumerate(lines, start=1):
        try:
            given = json.loads(line)
            view = View(given["number"], given["fields"], given["link"])
            before = views[-1].link if views else FIRST
            is_whole = (
                isinstance(view.fields, dict)
                and isinstance(view.link, str)
                and view.number == number
                and hmac.compare_digest(view.link, _link(key, before, number, view.fields))
            )
        except (ValueError, KeyError, TypeError):
            is_whole = False
        if not is_whole:
            return ReadLog(tuple(views), number)
        views.append(view)
    return ReadLog(tuple(views), 0)


def _link(key: bytes, before: str, number: int, fields: Mapping[str, object]) -> str:
    text = json.dumps([before, number, fields], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
