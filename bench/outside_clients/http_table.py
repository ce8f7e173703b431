# SPDX-License-Identifier: Apache-2.0
"""HTTPの要件の表 — runs the rows of :mod:`outside_clients.http_rows` one after the other over one connection.

A row may keep values of its answer, which later rows name in their addresses, headers and bodies.
"""

from __future__ import annotations

import http.client
import json
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from uuid import uuid4

from outside_clients.told import Told

NAME = "R4 http.html"
_BRACED = re.compile(r"\{(\w+)\}")


class Answer(NamedTuple):
    """応答 — read as JSON where it is."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def value(self) -> Any:
        """本文 — None when it is no JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    def at(self, path: str) -> Any:
        """本文の一箇所 — ``entry.0.response.status``; ``header:etag`` for a header; None when it is not there."""
        if path.startswith("header:"):
            return self.headers.get(path.removeprefix("header:"))
        value = self.value
        for name in path.split("."):
            if isinstance(value, list) and name.isdecimal() and int(name) < len(value):
                value = value[int(name)]
            elif isinstance(value, dict):
                value = value.get(name)
            else:
                return None
        return value


class Wish(NamedTuple):
    """望み — in words, and whether an answer meets it, with what was kept until then."""

    words: str
    is_met: Callable[[Answer, dict[str, str]], bool]


class Row(NamedTuple):
    """要件の一行 — the section of http.html, whether it SHALL, SHOULD or MAY, what is asked and what must come."""

    section: str
    level: str
    method: str
    path: str
    wishes: tuple[Wish, ...]
    body: Any = b""
    headers: dict[str, str] = {}
    keep: dict[str, str] = {}


def run(base: str, token: str) -> Iterator[Told]:
    """表の実行 — every row, whatever became of those before."""
    from outside_clients.http_rows import ROWS

    place = urlsplit(base)
    kept: dict[str, str] = {"base": base, "run": str(uuid4())}
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=60)
    for row in ROWS:
        path = filled(row.path, kept)
        given = row.body if isinstance(row.body, bytes) else json.dumps(row.body, ensure_ascii=False).encode()
        body = filled(given.decode(), kept).encode() if given else None
        headers = {"Authorization": f"Bearer {token}"} | (
            {"Content-Type": "application/fhir+json"} if body else {}
        )
        headers |= {name: filled(text, kept) for name, text in row.headers.items()}
        address = path if path.startswith("/") else f"{place.path}/{path}".rstrip("/")
        if path.startswith(base):
            address = path.removeprefix(f"{place.scheme}://{place.netloc}")
        connection.request(row.method, address, body, {name: text for name, text in headers.items() if text})
        got = connection.getresponse()
        answer = Answer(got.status, {name.lower(): text for name, text in got.getheaders()}, got.read())
        for name, where in row.keep.items():
            kept[name] = str(answer.at(where))
        missed = [wish.words for wish in row.wishes if not _is_met(wish, answer, kept)]
        came = str(answer.status) + (
            f"; not: {', '.join(missed)}; {answer.body[:200].decode('utf-8', 'replace')}" if missed else ""
        )
        asked = f"{row.section} ({row.level}): {row.method} {row.path or '[base]'}" + "".join(
            f"; {name}: {text}" for name, text in row.headers.items()
        )
        yield Told(NAME, asked, ", ".join(wish.words for wish in row.wishes), came, not missed)
    connection.close()


def _is_met(wish: Wish, answer: Answer, kept: dict[str, str]) -> bool:
    try:
        return wish.is_met(answer, kept)
    except (LookupError, TypeError, AttributeError, ValueError):
        return False


def filled(text: str, kept: dict[str, str]) -> str:
    """記入 — what earlier rows kept, by name in braces."""
    return _BRACED.sub(lambda found: kept.get(found[1], found[0]), text)
