# SPDX-License-Identifier: Apache-2.0
"""救急時医療情報閲覧 — a hospital with the right looks without consent, to save a life; who and why is on record.

Cite: 個人情報保護法 第27条第1項第2号; オンライン資格確認等システム 救急時医療情報閲覧（病院、2024-12-09から）
"""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

import asyncpg
import msgspec

from tasuki.eligibility.message import Message
from tasuki_server.eligibility.refusals import Refused

_RIGHT = "SELECT EXISTS (SELECT FROM eligibility_emergencyright WHERE caller_id = $1 AND ended_at IS NULL)"
LONGEST = 400


class Emergency(NamedTuple):
    """救急の申告 — of one request."""

    operator: str
    reason: str

    @property
    def detail(self) -> str:
        """利用の記録の内容 — as JSON; the person sees it."""
        return msgspec.json.encode({"operator": self.operator, "reason": self.reason}).decode()


def read_emergency(message: Message) -> Emergency | None:
    """救急の申告の読取 — None where none is made. Raises :class:`Refused` for half of one."""
    operator, reason = (message.body.value(f"Emergency{each}").strip() for each in ("Operator", "Reason"))
    if not operator and not reason:
        return None
    for text, term in ((operator, "操作者"), (reason, "救急の理由")):
        if not text:
            raise Refused("TSKQ010", term=term)
        if len(text) > LONGEST:
            raise Refused("TSKQ008", term=term, text=text)
    return Emergency(operator, reason)


async def has_right(connection: asyncpg.Connection, caller: UUID) -> bool:
    """権限の有無 — of who asks, now."""
    return bool(await connection.fetchval(_RIGHT, caller))
