# SPDX-License-Identifier: Apache-2.0
"""削除の時計 — nothing is removed by its date while the clock cannot be believed.

Each round that removes moves one mark on to its own time. A clock that stands more than a month after the mark leapt, or
the machine was off for as long: then nothing goes until an operator says that the clock is right. A clock that is behind
removes less, and leaves the mark where it is.
"""

from __future__ import annotations

from datetime import datetime

import asyncpg
from django.db import connections

from tasuki.eligibility.times import JAPAN

# Longer than a house is closed. A clock that leapt by less takes a month of a hundred days or of years; what has fewer days
# (a letter that was received, the answer to a bulk request) is with whoever it was for.
MOST_DAYS = 31
NAME = "removal"
# この削除をしてよいか: the mark, moved on; no row where the clock stands too far after it.
_STEP = """
    INSERT INTO platform_removalmark (id, name, at) VALUES (gen_random_uuid(), '{name}', {at})
    ON CONFLICT (name) DO UPDATE SET at = greatest(platform_removalmark.at, excluded.at)
      WHERE excluded.at <= platform_removalmark.at + interval '{days} days'
    RETURNING at
"""
_MARK = f"SELECT at FROM platform_removalmark WHERE name = '{NAME}'"  # noqa: S608 - made of constants
# 削除の条件: of a statement that removes as others work, by the clock of the database.
BELIEVED = (
    f"NOT EXISTS (SELECT FROM platform_removalmark WHERE name = '{NAME}'"
    f" AND at < now() - interval '{MOST_DAYS} days')"
)


class Unbelievable(Exception):
    """信じられない時計 — ``words`` say to the operator, in both languages, what to do."""

    def __init__(self, mark: datetime, at: datetime) -> None:
        last, now, days = mark.astimezone(JAPAN), at.astimezone(JAPAN), (at - mark).days
        self.words = (
            f"時計は {now:%Y-%m-%d} ですが、保存期間の整理を最後にしたのは {last:%Y-%m-%d}（{days}日前）です。時計の誤りかもしれないため、期間を過ぎたものの削除をすべて止めています。"
            "時計を確かめて直してください。時計が正しいとき（長く止めていた、古い控えから戻したなど）は、./tasuki platform removal --clock-is-right --by 氏名 で再開します。",
            f"The clock says {now:%Y-%m-%d}, and what is past its days was last removed on {last:%Y-%m-%d}. Nothing is removed until the clock is corrected, or "
            "./tasuki platform removal --clock-is-right --by NAME says that it is right.",
        )
        super().__init__(self.words[1])


def require_belief(at: datetime, using: str) -> None:
    """時計の確認 — before a round of removals at that time. Raises :class:`Unbelievable`."""
    with connections[using].cursor() as cursor:
        cursor.execute(_STEP.format(name=NAME, at="%s", days=MOST_DAYS), [at])
        if cursor.fetchone() is None:
            cursor.execute(_MARK)
            raise Unbelievable(cursor.fetchone()[0], at)


async def require_belief_of(connection: asyncpg.Connection, at: datetime) -> None:
    """時計の確認（サービスの接続） — the same. Raises :class:`Unbelievable`."""
    if await connection.fetchval(_STEP.format(name=NAME, at="$1", days=MOST_DAYS), at) is None:
        raise Unbelievable(await connection.fetchval(_MARK), at)


def last_mark() -> datetime | None:
    """最後の整理の日時 — None before the first."""
    from tasuki_server.platform.models import RemovalMark

    return RemovalMark.objects.filter(name=NAME).values_list("at", flat=True).first()


def believe(at: datetime, by: str) -> None:
    """時計が正しいという運用者の言葉 — removing goes on from that time; who said it stands in the record of use."""
    from tasuki_server.platform.models import RemovalMark, ServiceEvent

    before = last_mark()
    RemovalMark.objects.update_or_create(name=NAME, defaults={"at": at})
    detail = {"by": by[:60], "before": before.isoformat() if before is not None else ""}
    ServiceEvent.objects.create(at=at, operation="believe-clock", outcome="ok", detail=detail)
