# SPDX-License-Identifier: Apache-2.0
"""アドレスの点検 — the server does not start with an address that does not say what it needs and whose data it shows."""

from __future__ import annotations

from collections.abc import Mapping

from django.core.exceptions import ImproperlyConfigured
from django.urls import URLResolver

from tasuki_server.accounts.addresses import addresses
from tasuki_server.accounts.pages import CLOSED_PAGES, OWN_ACCOUNT_PAGES, PUBLIC_PAGES
from tasuki_server.accounts.permission_gate import permissions_needed
from tasuki_server.accounts.whose import UnknownParameter, finders_of


def undeclared(resolver: URLResolver | None = None) -> list[str]:
    """申告のないアドレス — each with what is missing, in English for who starts the server."""
    found = []
    for route in addresses(resolver):
        if route.name in PUBLIC_PAGES | OWN_ACCOUNT_PAGES | CLOSED_PAGES:
            continue
        if permissions_needed(route.name, route.view) is None:
            found.append(
                f"{route.name or route.view}: names no permission (accounts.permission_gate.requires)"
            )
            continue
        try:
            finders_of(route.room, [each.name for each in route.parameters])
        except UnknownParameter as unknown:
            found.append(f"{route.name}: whose is {unknown}? (accounts.whose)")
    return found


def refuse_undeclared(resolver: URLResolver | None = None) -> None:
    """申告のないアドレスの拒否 — called once when pages begin to be served."""
    found = undeclared(resolver)
    if found:
        raise ImproperlyConfigured("addresses that declare too little:\n" + "\n".join(found))


def refuse_undeclared_machines(rooms: Mapping[str, Mapping[str, str]], known: frozenset[str]) -> None:
    """機械の窓口の点検 — every address that never reaches Django says what a token must be good for."""
    wrong = [
        f"{prefix}{address}: {action or 'nothing'} is no action"
        for prefix, addresses in rooms.items()
        for address, action in addresses.items()
        if action not in known
    ]
    wrong += [f"{prefix}: declares no address" for prefix, addresses in rooms.items() if not addresses]
    if wrong:
        raise ImproperlyConfigured("machine addresses that declare too little:\n" + "\n".join(wrong))
