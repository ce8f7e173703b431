# SPDX-License-Identifier: Apache-2.0
"""稼働状態 — whether this server can be sent requests, and what an operator should look at."""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from django.db import DatabaseError, InterfaceError, connections

from tasuki_server.database.embedded import LEAST_FREE_BYTES
from tasuki_server.database.places import data_folder
from tasuki_server.operations.clock import Clock, kernel_clock
from tasuki_server.operations.kept_state import read_state

# A trail is signed every minute (cli.trail_keeper); five missed in a row are an alarm.
OLDEST_CHECKPOINT_SECONDS = 300
# Work without a beat is taken for dead after 20 seconds (claims.long_work).
LONGEST_SILENCE_SECONDS = 120
MOST_EVENTS_UNREAD = 5_000
# The keeper measures every fifteen seconds.
OLDEST_STATE_SECONDS = 90
LARGEST_CLOCK_ERROR_SECONDS = 1.0
LOW_DISK_BYTES = 4 * LEAST_FREE_BYTES


class State(StrEnum):
    """状態 — good, to be looked at, or not able to serve."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


class Check(NamedTuple):
    """点検 — one thing looked at; the value is a number, never a text of ours or of anybody."""

    state: State
    value: float | None = None


class Health(NamedTuple):
    """稼働状態 — every check by its name."""

    checks: Mapping[str, Check]

    @property
    def is_ready(self) -> bool:
        """受けられるか — whether nothing fails."""
        return all(each.state is not State.FAIL for each in self.checks.values())

    @property
    def word(self) -> str:
        """一語で — ready, degraded or not-ready."""
        if not self.is_ready:
            return "not-ready"
        return "ready" if all(each.state is State.OK for each in self.checks.values()) else "degraded"

    @property
    def document(self) -> dict[str, Any]:
        """文書 — for JSON."""
        return {
            "status": self.word,
            "checks": {
                name: {"state": each.state, "value": each.value} for name, each in self.checks.items()
            },
        }


def look(*, is_draining: bool, now: float | None = None) -> Health:
    """点検の実施 — the database is asked in each role that pages need; the rest is read."""
    at = time.time() if now is None else now
    return Health(
        {
            "database": _database(),
            "handing_over": Check(State.FAIL if is_draining else State.OK),
            "disk": _disk(),
            "clock": clock_check(kernel_clock()),
            **kept_checks(read_state(), at),
        }
    )


def _database() -> Check:
    """Both roles of pages; the milliseconds of the slower one."""
    slowest = 0.0
    for alias in ("signin", "default"):
        begun = time.perf_counter()
        try:
            with connections[alias].cursor() as cursor:
                cursor.execute("SELECT 1")
        except (DatabaseError, InterfaceError):
            return Check(State.FAIL)
        finally:
            connections[alias].close()
        slowest = max(slowest, time.perf_counter() - begun)
    return Check(State.OK, float(f"{slowest * 1000:.1f}"))


def _disk() -> Check:
    folder = data_folder()
    free = shutil.disk_usage(folder if folder.exists() else folder.parent).free
    return Check(State.WARN if free < LOW_DISK_BYTES else State.OK, free)


def clock_check(clock: Clock) -> Check:
    """時計の点検 — a clock that follows nothing, or may be wrong by a second, is looked at; the server goes on."""
    if clock.is_synchronised is None:
        return Check(State.WARN)
    is_good = clock.is_synchronised and (clock.largest_error or 0.0) <= LARGEST_CLOCK_ERROR_SECONDS
    return Check(State.OK if is_good else State.WARN, clock.largest_error)


def kept_checks(state: Mapping[str, Any], now: float) -> dict[str, Check]:
    """番の点検 — what ``up`` measured; a keeper that is silent is itself something to look at."""
    limits = {
        "work": ("work_seconds", LONGEST_SILENCE_SECONDS),
        "checkpoint": ("checkpoint_seconds", OLDEST_CHECKPOINT_SECONDS),
        "watch": ("watch_waiting", MOST_EVENTS_UNREAD),
    }
    age = now - float(state.get("at", 0.0)) if state else None
    checks = {
        "keeper": Check(State.OK if age is not None and age <= OLDEST_STATE_SECONDS else State.WARN, age)
    }
    for name, (key, limit) in limits.items():
        value = state.get(key)
        is_good = isinstance(value, int | float) and value <= limit
        checks[name] = Check(State.OK if is_good else State.WARN, value)
    return checks


# 名称と単位 — what the command shows.
CHECK_NAMES = {
    "database": ("データベース", "ミリ秒"),
    "handing_over": ("世代の引渡し", ""),
    "disk": ("ディスクの空き", "バイト"),
    "clock": ("時刻同期（誤差の上限）", "秒"),
    "keeper": ("運用の番（最後の見回り）", "秒前"),
    "work": ("長い仕事（鼓動のない時間）", "秒"),
    "checkpoint": ("監査記録のチェックポイントの遅れ", "秒"),
    "watch": ("不正利用の見張りの遅れ", "件"),
}
STATE_NAMES = {State.OK: "正常", State.WARN: "要確認", State.FAIL: "停止"}
