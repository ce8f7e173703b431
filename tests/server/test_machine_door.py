# SPDX-License-Identifier: Apache-2.0
"""機械の入口 — what all doors of machines share stands once: a body, the way it came, the headers of every answer."""

from __future__ import annotations

import ast
import asyncio
from pathlib import Path

import pytest

from tasuki_server.api.machine_door import HEADERS, came_safely, whole_body

SOURCE = Path(__file__).parents[2] / "src" / "tasuki_server"
DOORS = ("platform/asgi_door.py", "receiving/asgi_door.py", "operations/door.py", "api/calculation.py")


def body_of(*messages, largest=10):
    told = iter(messages)

    async def receive():
        return next(told)

    return asyncio.run(whole_body(receive, largest))


def piece(data, *, more=False):
    return {"type": "http.request", "body": data, "more_body": more}


def test_a_body_is_whole_or_none():
    assert body_of(piece(b"12345", more=True), piece(b"67890")) == b"1234567890"
    assert body_of({"type": "http.request"}) == b""
    assert body_of(piece(b"12345", more=True), piece(b"678901", more=True)) is None
    assert body_of(piece(b"12345", more=True), {"type": "http.disconnect"}) is None


@pytest.mark.parametrize(
    ("scheme", "told", "needs", "proxy", "is_safe"),
    [
        ("http", {}, False, False, True),
        ("http", {}, True, False, False),
        ("https", {}, True, False, True),
        ("http", {"x-forwarded-proto": "https"}, True, False, False),
        ("http", {"x-forwarded-proto": "https"}, True, True, True),
        ("https", {}, True, True, False),
    ],
)
def test_only_a_proxy_that_is_ours_says_how_it_came(scheme, told, needs, proxy, is_safe):
    found = came_safely({"scheme": scheme}, told, needs_https=needs, is_behind_proxy=proxy)
    assert found is is_safe


def test_no_door_has_headers_of_its_own_instead():
    """A header of all doors is written in one place: who adds one adds it to every door."""
    for door in DOORS:
        tree = ast.parse((SOURCE / door).read_text())
        texts = {each.value for each in ast.walk(tree) if isinstance(each, ast.Constant)}
        assert not texts & {name for name, _ in HEADERS}, door
