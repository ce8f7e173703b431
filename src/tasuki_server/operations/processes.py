# SPDX-License-Identifier: Apache-2.0
"""画面のサーバのプロセスの数 — how many processes a generation has, and what the database must have room for."""

from __future__ import annotations

import os

from tasuki_server.settings_table import number, text

SETTING = "TASUKI_WEB_PROCESSES"
# Beyond this a clinic waits for its database and not for pages; whoever knows better sets the number.
MOST_BY_ITSELF = 4
# 接続の数: of one process at its busiest, and of everything else (commands, keepers, copies, backups).
_OF_A_PROCESS, _OF_OTHERS = 75, 60


def web_processes() -> int:
    """画面のサーバのプロセスの数 — as set, else one for each core this process may use, four at most."""
    if text(SETTING).strip():
        return number(SETTING)
    return max(1, min(MOST_BY_ITSELF, _cores()))


def database_connections() -> int:
    """データベースの接続の数 — two generations live side by side while one hands over to the next."""
    return _OF_OTHERS + 2 * _OF_A_PROCESS * web_processes()


def _cores() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1
