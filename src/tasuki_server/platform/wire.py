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

from tasuki_server.platform.engine import Pairs, Reply
from tasuki_server.settings_table import text


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
    return _elsewhere(address, token_of(asker)) if address else _in_house(asker)


def token_of(asker: Asker) -> str:
    """接続トークン — of this institution alone (``TASUKI_PLATFORM_TOKEN``); "" where none is named for it.

    A token says who asks: one that stands without a number is nobody's, or every institution of this installation would
    read and write as its owner.
    """
    pairs = (each.strip().partition("=") for each in text("TASUKI_PLATFORM_TOKEN").split(","))
    return next((token.strip() for number, _, token in pairs if number.strip() == asker.number), "")


def _in_house(asker: Asker) -> Wire:
    """The institution is registered at its first knock."""

    def ask(method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Reply:
        from tasuki_server.platform.clients import house_token, register_institution
        from tasuki_server.platform.house import ask_in_house
        from tasuki_server.platform.models import FeeTable

        token = house_token(asker.institution)
        register_institution(asker.prefecture, FeeTable(asker.fee_table), asker.code, asker.name, token)
        parts = urlsplit(path)
        try:
            return ask_in_house(method, parts.path, Pairs.read(parts.query), headers or {}, token, body)
        except (OSError, TimeoutError) as broken:
            raise NotReached from broken

    return ask


def _elsewhere(address: str, token: str) -> Wire:
    """Without a token nothing leaves this house: the answer is the one the other side would give."""

    def ask(method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Reply:
        if not token:
            return Reply(401, "application/json", b"{}")
        request = urllib.request.Request(  # noqa: S310 - the administrator's own address
            f"{address}/platform/v1/{path}",
            data=body if method != "GET" else None,
            method=method,
            headers={**(headers or {}), "Authorization": f"Bearer {token}"},
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as reply:  # noqa: S310
                return Reply(reply.status, reply.headers.get_content_type(), reply.read())
        except urllib.error.HTTPError as refused:
            return Reply(refused.code, refused.headers.get_content_type(), refused.read())
        except (OSError, HTTPException) as broken:
            raise NotReached from broken

    return ask
