# SPDX-License-Identifier: Apache-2.0
"""控えの送り出し — the log up to this moment leaves the house: a new segment is begun, what is full is sealed and goes to the third copy."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from tasuki_server.recovery.receiver import wait_until_received
from tasuki_server.recovery.shipping import ship_segments
from tasuki_server.recovery.source import admin_conninfo

if TYPE_CHECKING:
    from datetime import datetime

    from tasuki_server.recovery.offline_key import PublicHalf
    from tasuki_server.recovery.repository import Repository
    from tasuki_server.recovery.third_copy import DistantCopy

RECEIVED_SECONDS = 10.0


def send_on(
    repository: Repository | None, public: PublicHalf | None, received: str, third: DistantCopy | None
) -> list[str]:
    """控えの送り出し — the third copy is never further behind than this turn; answers what it got.

    Raises ``psycopg.Error``, :class:`tasuki_server.cli.words.Stop` or ``OSError`` (``ConnectionError`` among them).
    """
    if received and repository is not None and public is not None:
        folder = Path(received).expanduser()
        with psycopg.connect(admin_conninfo(), autocommit=True) as connection:
            row = connection.execute("SELECT pg_walfile_name(pg_switch_wal())").fetchone()
        if row is not None:
            wait_until_received(folder, str(row[0]), RECEIVED_SECONDS)
        ship_segments(folder, repository, public)
    return third.send_new(repository) if third is not None and repository is not None else []


def contained_since() -> datetime | None:
    """封じ込めの始まり — when the newest read-only mode that still lasts began, of any institution.

    Whoever stops all writing believes that the house is attacked: then the log leaves at once.
    """
    from tasuki_server.audit.bringing import all_institutions
    from tasuki_server.institutions.opening import system_actor
    from tasuki_server.institutions.work import as_institution
    from tasuki_server.watch.models import Containment, ContainmentKind

    times: list[datetime] = []
    for institution in all_institutions():
        with as_institution(institution.id, system_actor(institution.id)):
            open_now = Containment.objects.filter(kind=ContainmentKind.READ_ONLY, ended_at=None)
            times += open_now.order_by("-begun_at").values_list("begun_at", flat=True)[:1]
    return max(times, default=None)
