# SPDX-License-Identifier: Apache-2.0
"""要求 — one request of a connected institution, read; and its answer in the same form."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

import asyncpg

from tasuki.eligibility.json_text import read_json, write_json
from tasuki.eligibility.message import Message, Node
from tasuki.eligibility.times import JAPAN, read_day
from tasuki.eligibility.xml_text import read_xml, write_xml
from tasuki.kernel.finding import BadInput
from tasuki.kernel.messages import sentence
from tasuki.prescriptions.service.messages import from_base64, service_answer
from tasuki.prescriptions.service.operations import Operation
from tasuki.prescriptions.service.refusals import Refused
from tasuki.prescriptions.service.rules import readable_since
from tasuki_server.platform.engine import Call, Caller, Reply
from tasuki_server.prescriptions.intake import Identity, identity_of

IDEMPOTENCY = "idempotency-key"


@dataclass(frozen=True, slots=True)
class Asked:
    """読んだ要求 — who asks what, when; values are asked by their official names."""

    operation: Operation
    message: Message
    caller: Caller
    pool: asyncpg.Pool
    at: datetime
    key: UUID | None
    digest: str
    is_json: bool

    @property
    def today(self) -> date:
        """処理日 — in Japan."""
        return self.at.astimezone(JAPAN).date()

    @property
    def readable_from(self) -> datetime:
        """閲覧できる最初の時 — the start of the first day, in Japan."""
        return datetime.combine(readable_since(self.today), time(), JAPAN)

    @property
    def day_begun(self) -> datetime:
        """処理日の始まり — in Japan."""
        return datetime.combine(self.today, time(), JAPAN)

    def value(self, name: str) -> str:
        """本文の値 — "" when it is absent."""
        return self.message.body.value(name)

    def needed(self, name: str) -> str:
        """本文の値 — which must be there. Raises :class:`Refused`."""
        text = self.value(name)
        if not text:
            raise Refused("TSKE005", field=name)
        return text

    def id(self, name: str) -> UUID:
        """識別子 — raises :class:`Refused` for what is none."""
        text = self.needed(name)
        try:
            return UUID(text)
        except ValueError:
            raise Refused("TSKE006", field=name, text=text[:40], reason="形が違います") from None

    def day(self, name: str) -> date | None:
        """年月日 — None when it is absent. Raises :class:`Refused` for what is no day."""
        text = self.value(name)
        day = read_day(text) if text else None
        if text and day is None:
            raise Refused("TSKE006", field=name, text=text[:40], reason="YYYYMMDDではありません")
        return day

    def data(self, name: str) -> bytes:
        """データ — Base64 taken off. Raises :class:`Refused`."""
        try:
            return from_base64(self.needed(name), name)
        except BadInput:
            raise Refused("TSKE006", field=name, text="…", reason="BASE64として読めません") from None

    def choice(self, name: str, *allowed: str) -> str:
        """区分 — one of those allowed. Raises :class:`Refused`."""
        text = self.needed(name)
        if text not in allowed:
            raise Refused("TSKE006", field=name, text=text[:40], reason="・".join(allowed) + "のどれかです")
        return text

    def identity(self) -> Identity:
        """被保険者証の番号 — insurer and number must be there. Raises :class:`Refused`."""
        self.needed("InsurerNumber")
        self.needed("InsuredIdentificationNumber")
        return identity_of(
            self.value("InsurerNumber"),
            self.value("InsuredCardSymbol"),
            self.value("InsuredIdentificationNumber"),
            self.value("InsuredBranchNumber"),
        )

    def answer(self, values: Iterable[tuple[str, str]] = (), nodes: Iterable[Node] = ()) -> Message:
        """回答 — done."""
        return service_answer(self.message, self.at, values, nodes)

    def reply(self, message: Message) -> Reply:
        """応答 — in the form the request came in."""
        if self.is_json:
            return Reply(200, "application/json", write_json(message))
        return Reply(200, "application/xml", write_xml(message))


def read_asked(call: Call, operation: Operation, at: datetime) -> Asked:
    """要求の読取り — raises :class:`Refused`."""
    is_json = call.body[:64].removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n")[:1] == b"{"
    try:
        message = read_json(call.body) if is_json else read_xml(call.body)
    except BadInput as bad:
        raise Refused("TSKE002", reason=sentence(bad.findings[0])) from None
    said = message.header.value("MedicalInstitutionCode")
    if said != call.caller.number:
        raise Refused("TSKE003", said=said[:20], own=call.caller.number)
    text = call.headers.get(IDEMPOTENCY) or call.headers.get("Idempotency-Key", "")
    try:
        key = UUID(text) if text else None
    except ValueError:
        raise Refused(
            "TSKE006", field="Idempotency-Key", text=text[:40], reason="UUIDではありません"
        ) from None
    digest = hashlib.sha256(f"{operation.request}:".encode() + call.body).hexdigest()
    return Asked(operation, message, call.caller, call.pool, at, key, digest, is_json)
