# SPDX-License-Identifier: Apache-2.0
"""入替えの訓練 — tables are changed and generations exchanged while people work: no request fails, none stands still.

What is rehearsed: a migration taken back and made again by the way of ``./tasuki reload``, columns, constraints and
indexes added to the tables that are written most, two generations exchanged, and a next generation that does not come
up. The control holds a table as a careless migration would.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from tasuki_server.drills.browsing import READ, SEARCH, WRITE, Pace, Tally
from tasuki_server.drills.drill import Drill, Finding, Tier
from tasuki_server.drills.ground import as_superuser, training_ground

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tasuki_server.drills.browsing import Desk
    from tasuki_server.drills.busy_house import Crowd
    from tasuki_server.operations.generations import Pages

# An answer that takes longer is a person who gives up.
STILL_SECONDS = 5.0
HELD_SECONDS = 6.0
BUSY_TABLES = ("chart_draft", "audit_auditevent", "accounts_signinsession")
# What lint and people must see: a table rewritten under its lock.
CARELESS = (
    'ALTER TABLE "chart_draft" ADD COLUMN drill_total integer GENERATED ALWAYS AS (text_stamp + 1) STORED'
)


# Mostly what touches the tables that are changed.
MIX_OF_CHANGES = {READ: 10, WRITE: 45, SEARCH: 45}


class Size(NamedTuple):
    """訓練の大きさ — desks, requests at least, rounds of exchange."""

    desks: int
    requests: int
    rounds: int


SIZES = {Tier.PUSH: Size(6, 500, 1), Tier.LONG: Size(8, 10_000, 6)}


def run(tier: Tier, seed: int, tell: Callable[[str], None]) -> Finding:
    """訓練の実施 — the crowd works until the rounds are done and the requests asked."""
    from tasuki.masters import starter
    from tasuki_server.drills.busy_house import busy_clinics, seat, served

    size = SIZES[tier]
    faults: list[str] = []
    with training_ground():
        starter.load_starter()
        desks = busy_clinics(2, size.desks // 2)
        with served() as (pages, port):
            seat(port, desks, seed)
            work = _Work(pages, size, seed, tell)
            tally = work.under_load(port, desks)
            faults += work.faults
            tell("対照: 表を止める変更をしています。")
            control = _careless(pages, port, desks, seed)
            generation = pages.number
    faults += judge(tally, size.requests)
    counts: dict[str, int | float] = {
        "requests": tally.count,
        "failed": len(tally.failures),
        "asked_again": tally.asked_again,
        "slowest_seconds": _slowest(tally),
        "generations": generation,
        "migrations": work.migrations,
        "changes_of_busy_tables": work.changes,
        "refused_generations": work.refused,
    }
    is_red = bool(control["stood_still"]) and bool(control["refused_by_lint"])
    return Finding(counts, tuple(faults), control, is_red)


def judge(tally: Tally, wanted: int) -> list[str]:
    """判定 — in Japanese what is not as it must be."""
    faults = []
    if tally.count < wanted:
        faults.append(f"要求が {tally.count} 件しかありません（{wanted} 件以上）。")
    if tally.failures:
        faults.append(f"{len(tally.failures)} 件失敗しました（例: {tally.failures[0]}）。")
    still = _still(tally)
    if still:
        faults.append(f"{still} 件が {STILL_SECONDS:g} 秒を超えて止まりました。")
    return faults


class _Work:
    """What is done to the server while the crowd works; only the main thread starts processes."""

    def __init__(self, pages: Pages, size: Size, seed: int, tell: Callable[[str], None]) -> None:
        self.pages, self.size, self.seed, self.tell = pages, size, seed, tell
        self.faults: list[str] = []
        self.migrations = self.changes = self.refused = 0
        self._is_done = False

    def under_load(self, port: int, desks: list[Desk]) -> Tally:
        """業務中の入替え — returns what the crowd met."""
        from tasuki_server.drills.busy_house import Crowd

        pace = Pace(0.0, MIX_OF_CHANGES, lambda tally: self._is_done and tally.count >= self.size.requests)
        people = Crowd(port, desks, pace, self.seed).start()
        try:
            for number in range(self.size.rounds):
                self.tell(f"{number + 1} 回目の入替え（ここまで {people.tally.count} 件）")
                self._migrate_back_and_forth()
                self._change_busy_tables()
                self._exchange(people)
            self._next_that_fails(people)
        finally:
            self._is_done = True
        return people.wait(self.pages.tend)

    def _migrate_back_and_forth(self) -> None:
        from django.core.management import call_command

        from tasuki_server.operations.gentle_migration import migrate_gently

        call_command("migrate", "operations", "zero", database="owner", interactive=False, verbosity=0)
        self.migrations += len(migrate_gently())

    def _change_busy_tables(self) -> None:
        from tasuki_server.operations.gentle_migration import change_gently

        for table in BUSY_TABLES:
            for statement in (
                f'ALTER TABLE "{table}" ADD COLUMN drill_note integer DEFAULT 0 NOT NULL',
                f'ALTER TABLE "{table}" ADD CONSTRAINT drill_check CHECK (drill_note >= 0) NOT VALID',
                f'ALTER TABLE "{table}" VALIDATE CONSTRAINT drill_check',
                f'CREATE INDEX CONCURRENTLY drill_index_{table} ON "{table}" (drill_note)',
                f"DROP INDEX CONCURRENTLY drill_index_{table}",
                f'ALTER TABLE "{table}" DROP COLUMN drill_note',
            ):
                # The last one is the next version's: nobody's code knows the column any more.
                change_gently(statement, allows=("drop-column",))
                self.changes += 1

    def _exchange(self, people: Crowd) -> None:
        before = self.pages.number
        self.pages.begin_next()
        self._tend_while(people, lambda: self.pages.next is not None or bool(self.pages.leaving))
        if self.pages.number == before:
            self.faults.append("次の世代が起動しませんでした。")

    def _next_that_fails(self, people: Crowd) -> None:
        """A version that cannot reach its database must leave the present one alone."""
        before = self.pages.number
        with _broken_version(self.pages):
            self.pages.begin_next()
        self._tend_while(people, lambda: self.pages.next is not None)
        self.refused = self.pages.failures
        if self.pages.number != before or not self.refused:
            self.faults.append("動かない版に入れ替わりました。")

    def _tend_while(self, people: Crowd, is_going_on: Callable[[], bool]) -> None:
        while is_going_on() and people.is_at_work:
            self.pages.tend(time.monotonic())
            time.sleep(0.02)


@contextmanager
def _broken_version(pages: Pages) -> Iterator[None]:
    kept = pages._environment
    pages._environment = {**kept, "TASUKI_APP_DATABASE_URL": f"host=/nowhere port={os.getpid() % 60000 + 1}"}
    try:
        yield
    finally:
        pages._environment = kept


def _careless(pages: Pages, port: int, desks: list[Desk], seed: int) -> dict[str, int | float]:
    """The control: a table held for as long as a rewrite of a large one takes."""
    from tasuki_server.drills.busy_house import Crowd
    from tasuki_server.operations.migration_lint import faults_in

    is_over: list[bool] = []
    people = Crowd(port, desks, Pace(0.0, MIX_OF_CHANGES, lambda _tally: bool(is_over)), seed + 1).start()
    with as_superuser() as owner:
        with owner.transaction():
            owner.execute(CARELESS)  # type: ignore[call-overload]
            held = time.monotonic() + HELD_SECONDS
            while time.monotonic() < held:
                pages.tend(time.monotonic())
                time.sleep(0.05)
        is_over.append(True)
    tally = people.wait(pages.tend)
    return {
        "requests": tally.count,
        "stood_still": _still(tally),
        "slowest_seconds": _slowest(tally),
        "refused_by_lint": len(faults_in("drill.careless", [CARELESS])),
    }


def _still(tally: Tally) -> int:
    return sum(each > STILL_SECONDS for kind in tally.seconds.values() for each in kind)


def _slowest(tally: Tally) -> float:
    return float(f"{max((each for kind in tally.seconds.values() for each in kind), default=0.0):.2f}")


UPGRADE = Drill(
    "upgrade",
    "入替え",
    "表の移行と画面のサーバの入替えを業務中に行い、要求の失敗0、5秒を超えて止まるもの0。動かない版には入れ替わらない",
    run,
)
