# SPDX-License-Identifier: Apache-2.0
"""全アドレス — every address of the resolver, filled with values, so that a drill needs no list of pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.urls import URLPattern, URLResolver, get_resolver

# A value for each kind of parameter.
VALUES = {"uuid": "00000000-0000-7000-8000-000000000000", "int": "1", "number": "1", "slug": "receipt"}


class Route(NamedTuple):
    """アドレス — its name with the room's, and a path that leads to its view."""

    name: str
    path: str


def every_route() -> list[Route]:
    """全アドレス — rooms and packages alike."""
    return list(_walk(get_resolver(), "/", ""))


def _walk(resolver: URLResolver, before: str, space: str) -> Iterator[Route]:
    for each in resolver.url_patterns:
        path = before + _filled(each.pattern)
        if isinstance(each, URLResolver):
            yield from _walk(each, path, f"{space}{each.namespace}:" if each.namespace else space)
        elif isinstance(each, URLPattern):
            yield Route(f"{space}{each.name or ''}", path)


def _filled(pattern: Any) -> str:
    text, route = "", str(pattern._route)
    while "<" in route:
        start, _, rest = route.partition("<")
        inside, _, route = rest.partition(">")
        kind, _, name = inside.rpartition(":")
        text += start + (VALUES.get(name) or VALUES.get(kind) or "x")
    return text + route
