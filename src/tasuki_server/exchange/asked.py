# SPDX-License-Identifier: Apache-2.0
"""交換への要求 — one request as the interactions need it: who asks, what for, and how the answer should look."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import asyncpg

from tasuki.kernel.once import once
from tasuki_server.exchange.access_log import Access, AccessLog
from tasuki_server.exchange.bodies import read_body
from tasuki_server.exchange.client_tokens import Grants
from tasuki_server.exchange.forms import is_json, is_our_version, is_xml, read_xml, wanted_form
from tasuki_server.exchange.keys import Keys
from tasuki_server.exchange.outcome import FHIR_JSON, refuse
from tasuki_server.exchange.raw_binaries import is_taken_raw, is_told_raw, taken
from tasuki_server.exchange.reading import Reads
from tasuki_server.exchange.scopes import WHOLE, Grant
from tasuki_server.exchange.searching_together import Searches
from tasuki_server.exchange.sight import Sight
from tasuki_server.platform.engine import BASE, Call
from tasuki_server.settings_table import flag

NAME = "fhir"
ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_HOST = re.compile(r"[A-Za-z0-9.\-]+(:\d+)?|\[[0-9a-fA-F:]+\](:\d+)?")
_ETAG = re.compile(r'(?:W/)?"?(\d{1,9})"?')


class Room:
    """交換の部屋 — what requests of one pool of connections share."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self.pool = pool
        self.log, self.reads, self.keys = AccessLog(pool), Reads(pool), Keys(pool)
        self.searches = Searches(pool)
        # 聞く者のいる間: until then no write is tried in one statement, see :mod:`.storing_at_once`.
        self.heard_until = 0.0
        self.grants = Grants(pool)
        # 動いている一括出力: of this process, one at a time.
        self.exports: dict[UUID, asyncio.Future[None]] = {}
        self.export_turn = asyncio.Semaphore(1)
        # 同時の通知: each holds a connection while the other side thinks.
        self.deliveries = asyncio.Semaphore(4)


@dataclass
class Asked:
    """交換への要求 — see the module. ``accesses`` are recorded before the answer leaves."""

    call: Call
    room: Room
    at: datetime
    interaction: str = ""
    type: str = ""
    id: str = ""
    version: str = ""
    operation: str = ""
    accesses: list[Access] = field(default_factory=list)
    # 応答の形: JSON or XML.
    form: str = FHIR_JSON
    # 求められた種類: of a Binary that is wanted as the bytes it holds.
    raw_accept: str = ""
    # 予備の鍵: for the Provenance that may come with a write.
    spare_key: int = 0
    # 認められた範囲: of the token; nothing is narrowed for an institution's own.
    grant: Grant = WHOLE
    _encoded: tuple[list[tuple[str, str]] | None, str] = (None, "")

    @property
    def caller(self) -> UUID:
        """接続機関 — whose token it is."""
        return self.call.caller.id

    @once
    def sight(self) -> Sight:
        """見える範囲 — of whoever asks."""
        return Sight(self.caller, self.grant, self.call.caller.client, self.call.caller.scopes)

    def need(self, type_name: str, letters: str) -> None:
        """要る範囲の確認 — 403 with the scope that is missing."""
        self.sight.need(type_name, letters)

    @property
    def place(self) -> str:
        """所在 — as references write it."""
        return f"{self.type}/{self.id}"

    @once
    def base(self) -> str:
        """自らのアドレス — as whoever asks reached it."""
        return base_of(self.call)

    @once
    def pairs(self) -> list[tuple[str, str]]:
        """条件 — of the address, in its order, without how the answer should be written."""
        given = getattr(self.call.query, "pairs", None) or tuple(self.call.query.items())
        if self._plain:
            return list(given)
        for name, value in given:
            if "\0" in name or "\0" in value:
                raise refuse("text", "条件")
        return [(name, value) for name, value in given if name not in ("_format", "_pretty")]

    def encoded(self, pairs: list[tuple[str, str]]) -> str:
        """条件の文字 — as an address writes them; the record and the links of one answer write the same."""
        if self._encoded[0] is not pairs:
            is_given = bool(self._plain) and pairs is self.pairs
            self._encoded = (pairs, self._plain if is_given else urlencode(pairs))
        return self._encoded[1]

    @property
    def _plain(self) -> str:
        """The conditions of the address as they were written, where they say what they mean and nothing else."""
        text: str = getattr(self.call.query, "plain", "")
        return "" if "_format" in self.call.query or "_pretty" in self.call.query else text

    @once
    def value(self) -> Any:
        """本文 — read strictly."""
        if is_xml(self.call.headers.get("content-type", "")):
            return read_xml(self.call.body)
        return read_body(self.call.body)

    @property
    def resource(self) -> dict[str, Any]:
        """本文のリソース — of the type in the address, when there is one."""
        headers = self.call.headers
        kind = headers.get("content-type", "")
        if is_taken_raw(self.type, self.interaction, kind):
            return taken(kind, headers.get("x-security-context", ""), self.id, self.call.body)
        value = self.value
        if not isinstance(value, dict) or not isinstance(value.get("resourceType"), str):
            raise refuse("resource")
        if self.type and value["resourceType"] != self.type:
            raise refuse("other-type", found=value["resourceType"], wanted=self.type)
        return value

    @property
    def if_match(self) -> int | None:
        """前提の版 — of If-Match."""
        text = self.call.headers.get("if-match", "")
        if not text:
            return None
        found = _ETAG.fullmatch(text.strip())
        if found is None:
            raise refuse("if-match", found=text)
        return int(found[1])

    def preference(self, name: str) -> str:
        """希望 — of the Prefer header, empty when none is stated."""
        for part in self.call.headers.get("prefer", "").replace(",", ";").split(";"):
            key, _, value = part.strip().partition("=")
            if key.lower() == name:
                return value.strip('"').lower()
        return ""

    def note(self, type_name: str = "", logical_id: str = "", *, interaction: str = "", **more: Any) -> None:
        """記録 — of one resource looked at by this request; as another interaction where the look is no part of its own."""
        done = interaction or self.interaction
        self.accesses.append(Access(self.at, self.caller, done, type_name, logical_id, **more))

    def check_form(self) -> None:
        """形の確認 — JSON and XML are what is spoken here."""
        headers = self.call.headers
        kind = headers.get("content-type", FHIR_JSON)
        if self.call.body and self.call.method in ("POST", "PUT", "PATCH") and not self._may_be(kind):
            raise refuse("media", found=kind)
        given, accept = self.call.query.get("_format", ""), headers.get("accept", "")
        if self.call.parts[:1] == ("$export",) and not given:
            # One form only: a line for each resource.
            return
        form = wanted_form(given, accept)
        if form is None and is_told_raw(self.type, self.interaction, given):
            self.raw_accept, form = accept, FHIR_JSON
        if form is None:
            raise refuse("accept", found=given or accept)
        self.form = form

    def _may_be(self, media_type: str) -> bool:
        kind = media_type.partition(";")[0].strip().lower()
        if is_taken_raw(self.type, self.interaction, kind):
            return True
        if not is_our_version(media_type):
            return False
        if self.interaction == "patch" and not is_json(kind) and not is_xml(kind):
            return kind == "application/json-patch+json"
        if is_json(kind) or is_xml(kind):
            return True
        return kind == "application/x-www-form-urlencoded" and self.interaction.startswith("search")


def base_of(call: Call) -> str:
    """自らのアドレス — as whoever asks reached it."""
    host = call.headers.get("host", "")
    if "x-forwarded-host" in call.headers and flag("TASUKI_BEHIND_PROXY"):
        host = call.headers["x-forwarded-host"].rpartition(",")[2].strip()
    if not _HOST.fullmatch(host):
        host = "localhost"
    scheme = "https" if flag("TASUKI_HTTPS") else "http"
    return f"{scheme}://{host}{BASE}{NAME}"
