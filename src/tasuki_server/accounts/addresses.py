# SPDX-License-Identifier: Apache-2.0
"""アドレス — every pattern of the resolver, rooms and packages alike; nothing is listed by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from django.urls import URLPattern, URLResolver, get_resolver


class Parameter(NamedTuple):
    """パラメータ — what stands between texts of an address: its kind (``uuid``, ``int``, ``str``, …) and its name."""

    kind: str
    name: str


class Address(NamedTuple):
    """アドレス — its name with the room's, its room, its parts in order, and the pattern that leads to its view."""

    name: str
    room: str
    parts: tuple[str | Parameter, ...]
    pattern: URLPattern

    @property
    def view(self) -> Callable[..., Any]:
        """画面 — what answers it."""
        return self.pattern.callback

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """パラメータ — in order."""
        return tuple(part for part in self.parts if isinstance(part, Parameter))

    @property
    def has_row(self) -> bool:
        """行の有無 — whether a row's identifier is part of it."""
        return bool(self.row_names)

    @property
    def row_names(self) -> tuple[str, ...]:
        """行のパラメータ — the names of those that are identifiers of rows."""
        return tuple(each.name for each in self.parameters if each.kind == "uuid")

    @property
    def template(self) -> str:
        """型 — the address with the names of its parameters."""
        return self.filled(lambda parameter: f"<{parameter.name}>")

    def filled(self, value_of: Callable[[Parameter], object]) -> str:
        """アドレス — with a value for each parameter."""
        return "/" + "".join(part if isinstance(part, str) else str(value_of(part)) for part in self.parts)


def addresses(resolver: URLResolver | None = None) -> Iterator[Address]:
    """すべてのアドレス — of the whole server, or below a resolver."""
    yield from _walk(resolver or get_resolver(), (), "")


def _walk(resolver: URLResolver, before: tuple[str | Parameter, ...], room: str) -> Iterator[Address]:
    for each in resolver.url_patterns:
        parts = (*before, *_parts(each.pattern))
        if isinstance(each, URLResolver):
            inside = ":".join(part for part in (room, each.namespace) if part)
            yield from _walk(each, parts, inside)
        elif isinstance(each, URLPattern):
            name = f"{room}:{each.name}" if room else str(each.name or "")
            yield Address(name, room, parts, each)


def _parts(pattern: Any) -> Iterator[str | Parameter]:
    route = getattr(pattern, "_route", None)
    if route is None:
        raise ValueError(f"write addresses with path(), not re_path(): {pattern}")
    while "<" in route:
        text, _, rest = route.partition("<")
        inside, _, route = rest.partition(">")
        kind, _, name = inside.rpartition(":")
        if text:
            yield text
        yield Parameter(kind or "str", name)
    if route:
        yield route
