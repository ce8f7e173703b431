# SPDX-License-Identifier: Apache-2.0
"""アドレスの型 — every pattern of the resolver with its parameters, to be filled with values of a drill's own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from django.urls import URLPattern, URLResolver, get_resolver

_PARAMETER = re.compile(r"<(?:([^:<>]+):)?([^<>]+)>")


class Address(NamedTuple):
    """アドレスの型 — ``template`` as the resolver has it; ``view`` answers it."""

    name: str
    template: str
    view: Callable[..., Any]

    def parameters(self) -> list[tuple[str, str]]:
        """引数 — kind and name of each; a bare name is a text."""
        return [(kind or "str", name) for kind, name in _PARAMETER.findall(self.template)]

    def filled(self, value_of: Callable[[str, str], str]) -> str:
        """アドレス — with a value for each parameter."""
        return _PARAMETER.sub(lambda found: value_of(found[1] or "str", found[2]), self.template)


def every_address() -> list[Address]:
    """すべてのアドレスの型 — rooms and packages alike; nothing is listed by hand."""
    return list(_walk(get_resolver(), "/", ""))


def _walk(resolver: URLResolver, before: str, space: str) -> Iterator[Address]:
    for each in resolver.url_patterns:
        template = before + str(getattr(each.pattern, "_route", each.pattern))
        if isinstance(each, URLResolver):
            yield from _walk(each, template, f"{space}{each.namespace}:" if each.namespace else space)
        elif isinstance(each, URLPattern):
            yield Address(f"{space}{each.name or ''}", template, each.callback)
