# SPDX-License-Identifier: Apache-2.0
"""静かな移行 — tables are changed while pages are served: nothing waits long, nothing that would block is run.

A statement that needs a table's lock waits for whoever uses the table, and everyone else waits behind it. So it gives
up after half a second, lets them pass, and is tried again.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Collection, Sequence
from typing import Any

from django.db import OperationalError, connections
from django.db.migrations.executor import MigrationExecutor
from psycopg import sql

from tasuki_server.cli.words import Stop
from tasuki_server.institutions.migrating import migrate
from tasuki_server.operations.migration_lint import faults_in, faults_while_serving
from tasuki_server.operations.supervision import standing_here

OWNER = "owner"
LOCK_MILLISECONDS = 500
TRIES = 60
LOCK_NOT_AVAILABLE = "55P03"
_INDEX_MADE = re.compile(r'\s*CREATE\s+(?:UNIQUE\s+)?INDEX\s+CONCURRENTLY\s+"?(\w+)"?\s+ON\s', re.IGNORECASE)


def pending() -> list[tuple[str, str]]:
    """未適用の移行 — (app, name) in the order in which they would be made."""
    executor = MigrationExecutor(connections[OWNER])
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [(migration.app_label, migration.name) for migration, _ in plan]


def migrate_gently() -> list[str]:
    """静かな移行の実行 — returns what was made; raises :class:`Stop` for a migration that would block or never got its turn."""
    wanted = pending()
    refuse_blocking(wanted)
    patiently(_migrate)
    return [f"{label}.{name}" for label, name in wanted]


def refuse_blocking(wanted: Sequence[tuple[str, str]]) -> None:
    """動いたままではできない移行の確認 — raises :class:`Stop` that names each."""
    faults = [each for label, name in wanted for each in faults_while_serving(label, name)]
    if faults:
        lines = "\n".join(str(each) for each in faults)
        raise Stop(
            f"動かしたままではできない移行があります。計画停止を告知し、動いている ./tasuki up を終えてから、./tasuki up で移行してください。\n{lines}",
            f"There are migrations that would block; announce a stop, end what runs, and migrate by ./tasuki up.\n{lines}",
        )


def refuse_while_others_serve() -> None:
    """ほかの稼働の確認 — an `up` of this data folder serves people by the version before: what would block them is refused."""
    standing = standing_here()
    if standing is not None and standing.process != os.getpid():
        refuse_blocking(pending())


def change_gently(statement: str, allows: Collection[str] = ()) -> None:
    """静かな変更 — one statement that the lint has nothing against; raises :class:`Stop` for one that would block.

    ``allows`` names rules that do not hold, because no code in use knows the column or table any more.
    """
    faults = [each for each in faults_in("change", [statement]) if each.code not in allows]
    if faults:
        raise Stop(str(faults[0]), str(faults[0]))

    def change() -> None:
        with connections[OWNER].cursor() as cursor:
            cursor.execute(statement)

    patiently(change)


def patiently(act: Callable[[], None]) -> None:
    """辛抱強く — again until the locks can be had at once; raises :class:`Stop` when they never can.

    An index that was being made beside the work and gave up stays behind, unusable and under its name: it goes before
    the next try.
    """
    half_made = ""
    for attempt in range(TRIES):
        last = _LastStatement()
        try:
            with connections[OWNER].cursor() as cursor:
                cursor.execute("SELECT set_config('lock_timeout', %s, false)", [f"{LOCK_MILLISECONDS}ms"])
                if half_made:
                    cursor.execute(
                        sql.SQL("DROP INDEX CONCURRENTLY IF EXISTS {}").format(sql.Identifier(half_made))
                    )
                    half_made = ""
            with connections[OWNER].execute_wrapper(last):
                act()
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", None) != LOCK_NOT_AVAILABLE:
                raise
            half_made = half_made or last.index_made
            connections[OWNER].close()
            time.sleep(0.2 + 0.05 * attempt)
        else:
            return
    raise Stop(
        "移行に要る鍵が取れませんでした。長い取引（大きな出力など）が終わってから、もう一度行ってください。",
        "The locks of the migration could not be had; try again when long transactions have ended.",
    )


class _LastStatement:
    """最後の文 — what was asked of the database when it gave up."""

    def __init__(self) -> None:
        self.index_made = ""

    def __call__(
        self, execute: Callable[..., Any], statement: Any, parameters: Any, many: bool, context: Any
    ) -> Any:
        found = _INDEX_MADE.match(str(statement))
        self.index_made = found[1] if found else ""
        return execute(statement, parameters, many, context)


def _migrate() -> None:
    migrate(keeps_masks=True)
