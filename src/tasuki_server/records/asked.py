# SPDX-License-Identifier: Apache-2.0
"""要求 — one request to the service as its acts need it: who asks, when, under which rules."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID, uuid5

import asyncpg
import msgspec

from tasuki.sharing.build.names import INSURED, PUBLIC_PAYER
from tasuki.sharing.permission import RecordKind, insured_key, is_of_one_person
from tasuki_server.eligibility.events import Event, write_events
from tasuki_server.exchange.asked import Room, base_of
from tasuki_server.exchange.moments import first_moment
from tasuki_server.platform.engine import Call
from tasuki_server.records.addresses import Address
from tasuki_server.records.messages import Insured
from tasuki_server.records.refusals import refuse
from tasuki_server.records.rules import MEGABYTE, Rules

_T = TypeVar("_T")
_PEOPLE = UUID("6d1b0a3e-6f0c-5b0e-9a52-70a1f0c4e5d1")
OPERATION = "records."
# 利用の結果: done, refused for its form, and closed by the person: nothing was shown for want of a permission.
DONE, REFUSED, CLOSED = "ok", "refused", "closed"


@dataclass
class Asked:
    """要求 — see the module; ``id`` is what the address names."""

    call: Call
    address: Address
    id: str
    at: datetime
    rules: Rules
    room: Room
    # 利用の記録に書く本人と詳細。
    people: list[str] = field(default_factory=list)
    detail: dict[str, Any] = field(default_factory=dict)
    outcome: str = DONE

    @property
    def number(self) -> str:
        """医療機関コード10桁 — of who asks."""
        return self.call.caller.number

    @property
    def caller(self) -> UUID:
        """接続機関 — whose token it is."""
        return self.call.caller.id

    @property
    def base(self) -> str:
        """交換のアドレス — as whoever asks reached it."""
        return base_of(self.call)

    @asynccontextmanager
    async def piece(self) -> AsyncIterator[asyncpg.Connection]:
        """一つの処理 — a transaction, which ends with the record of this use: without it nothing is done or told."""
        async with self.call.pool.acquire() as connection, connection.transaction():
            yield connection
            await self.note(connection, self.outcome)

    async def note(self, connection: Any, outcome: str) -> None:
        """利用の記録 — one row for each insured person, one without a person otherwise."""
        detail = msgspec.json.encode(self.detail).decode()
        people = [person_id(each) for each in self.people] or [None]
        operation = OPERATION + self.address.act
        await write_events(
            connection, [Event(self.at, self.caller, operation, each, outcome, detail) for each in people]
        )

    def message(self, kind: type[_T]) -> _T:
        """本文 — read strictly as a message of the interface."""
        self.refuse_large()
        # PostgreSQL keeps no zero in a text.
        if b"\\u0000" in self.call.body:
            raise refuse("message", found="U+0000")
        try:
            return msgspec.json.decode(self.call.body, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError) as wrong:
            raise refuse("message", found=wrong) from wrong

    def refuse_large(self) -> None:
        """大きさの確認 — of the whole request."""
        if len(self.call.body) > self.rules.most_megabytes * MEGABYTE:
            raise refuse("large", most=self.rules.most_megabytes)

    def persons(self) -> list[str]:
        """条件の被保険者 — of ``insured`` and ``public``, for whom permissions are judged: each must be one person."""
        pairs = getattr(self.call.query, "pairs", None) or tuple(self.call.query.items())
        told = [Insured(value, name == "public") for name, value in pairs if name in ("insured", "public")]
        return keys_of(told)

    def moment(self, name: str) -> datetime | None:
        """条件の日時 — None when it is not given."""
        text = self.call.query.get(name, "")
        at = first_moment(text.replace(" ", "+")) if text else None
        if text and at is None:
            raise refuse("parameter", place=name, found=text, wanted="2026-11-30T09:00:00+09:00 のような日時")
        return at

    def kinds(self, name: str, usual: frozenset[RecordKind]) -> frozenset[RecordKind]:
        """条件の種類 — separated by commas."""
        text = self.call.query.get(name, "")
        try:
            return frozenset(RecordKind(each) for each in text.split(",") if each) or usual
        except ValueError as wrong:
            told = "・".join(RecordKind)
            raise refuse("parameter", place=name, found=text, wanted=f"{told} のどれか") from wrong


def keys_of(told: Sequence[Insured]) -> list[str]:
    """被保険者の照合形 — of those told; raises for what is none and for what names a whole family."""
    keys = []
    for each in told:
        key = insured_key(each.number, PUBLIC_PAYER if each.is_public else INSURED)
        if not key or "\0" in key:
            raise refuse("insured", found=each.number)
        if not is_of_one_person(key):
            raise refuse("branch")
        keys.append(key)
    if not keys:
        raise refuse("insured", found="")
    return list(dict.fromkeys(keys))


def person_id(person: str) -> UUID:
    """本人の識別子 — under which the record of use keeps an insured number, so that the number is not spread."""
    return uuid5(_PEOPLE, person)
