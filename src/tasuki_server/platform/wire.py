# SPDX-License-Identifier: Apache-2.0
"""プラットフォームへの線 — one request of an institution and its answer: to the services here, or to services elsewhere."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException
from typing import Protocol
from urllib.parse import urlsplit
from uuid import UUID

from tasuki_server.api.own_sender import bound_headers, forget_token
from tasuki_server.database.router import by_way_of
from tasuki_server.platform.engine import BASE, Pairs, Reply
from tasuki_server.settings_table import numbered, text


@dataclass(frozen=True, slots=True)
class Asker:
    """接続する医療機関 — as it names itself on the wire; ``fee_table`` is 1 医科, 3 歯科, 4 調剤."""

    institution: UUID
    prefecture: str
    code: str
    name: str
    fee_table: str = "1"

    @property
    def number(self) -> str:
        """医療機関コード10桁 — as messages write it."""
        return f"{self.prefecture}{self.fee_table}{self.code}"


class NotReached(Exception):
    """つながらない — the wire or the other side failed; whether it was done is not known, asking again is safe."""


class Wire(Protocol):
    """線 — one request and its answer; whatever breaks on the way is :class:`NotReached`."""

    def __call__(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Reply:
        """要求 — ``path`` is what follows ``/platform/v1/``, with its query."""


def wire_of(asker: Asker) -> Wire:
    """線 — the one this installation is set to (``TASUKI_PLATFORM_URL``)."""
    address = text("TASUKI_PLATFORM_URL").rstrip("/")
    return _elsewhere(address, asker) if address else _in_house(asker)


def token_of(asker: Asker) -> str:
    """接続トークン — of this institution alone (``TASUKI_PLATFORM_TOKEN``); "" where none is named for it.

    A token says who asks: one that stands without a number is nobody's, or every institution of this installation would
    read and write as its owner.
    """
    return numbered("TASUKI_PLATFORM_TOKEN").get(asker.number, "")


def _in_house(asker: Asker) -> Wire:
    """The institution is registered at its first knock."""

    def ask(method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Reply:
        from tasuki_server.platform.clients import house_token, register_institution
        from tasuki_server.platform.house import ask_in_house
        from tasuki_server.platform.models import FeeTable

        token = house_token(asker.institution)
        parts = urlsplit(path)
        # The other side reads as itself, whoever asks.
        with by_way_of(""):
            register_institution(asker.prefecture, FeeTable(asker.fee_table), asker.code, asker.name, token)
            try:
                return ask_in_house(method, parts.path, Pairs.read(parts.query), headers or {}, token, body)
            except (OSError, TimeoutError) as broken:
                raise NotReached from broken

    return ask


def _elsewhere(address: str, asker: Asker) -> Wire:
    """By the institution's key; by a token only where one is named for it, for services that take no keys."""
    token = token_of(asker)

    def ask(method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Reply:
        place = BASE + urlsplit(path).path
        try:
            for _ in range(2):
                shown = (
                    {"Authorization": f"Bearer {token}"}
                    if token
                    else bound_headers(address, BASE + "token", asker.institution, method, place)
                )
                if not shown:
                    # Without a token nothing leaves this house: the answer is the one the other side would give.
                    return Reply(401, "application/json", b"{}")
                reply = _once(f"{address}{BASE}{path}", method, body, {**(headers or {}), **shown})
                if token or reply.status != 401:
                    break
                # Nothing was done over there: the token may have ended with its key, and a newer one serves.
                forget_token(address, BASE + "token", asker.institution)
        except (OSError, HTTPException) as broken:
            raise NotReached from broken
        return reply

    return ask


def _once(address: str, method: str, body: bytes, headers: Mapping[str, str]) -> Reply:
    request = urllib.request.Request(  # noqa: S310 - the administrator's own address
        address, data=body if method != "GET" else None, method=method, headers=dict(headers)
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as reply:  # noqa: S310
            return Reply(reply.status, reply.headers.get_content_type(), reply.read())
    except urllib.error.HTTPError as refused:
        return Reply(refused.code, refused.headers.get_content_type(), refused.read())
