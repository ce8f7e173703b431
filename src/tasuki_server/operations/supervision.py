# SPDX-License-Identifier: Apache-2.0
"""入替えの窓口 — how a command on this machine asks the ``up`` that runs for its next generation, and learns what came of it."""

from __future__ import annotations

import fcntl
import os
import signal
import time
from types import FrameType
from typing import IO, TYPE_CHECKING, NamedTuple

from tasuki_server.operations import kept_state
from tasuki_server.operations.generations import Version

if TYPE_CHECKING:
    from tasuki_server.operations.generations import Pages

ASK = signal.SIGUSR2
NAME, WANTED = "pages.json", "next.json"
LONGEST_SECONDS = 120.0


class Standing(NamedTuple):
    """稼働の様子 — of the ``up`` that runs here: its process, the generation that serves, those that hand over, failed starts."""

    process: int
    generation: int
    leaving: int
    failures: int


class ReloadDesk:
    """入替えの窓口 — inside ``up``; holds a lock for as long as it runs, so that nobody signals a stranger."""

    def __init__(self, lock: IO[str]) -> None:
        self._lock = lock
        self._is_asked = False
        self._told: Standing | None = None
        signal.signal(ASK, self._ask)

    @classmethod
    def for_installation(cls) -> ReloadDesk:
        """この設置の窓口 — one ``up`` for a data folder; a second one (on another port) keeps none."""
        folder = kept_state.place()
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "pages.lock").open("a")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
        else:
            # Of one that was killed: nobody must take it for a process that serves.
            (folder / NAME).unlink(missing_ok=True)
        return cls(lock)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self._is_asked = True

    def attend(self, pages: Pages) -> None:
        """受付 — begins the next generation when it was asked for, and tells where things stand."""
        if self._is_asked and pages.next is None:
            self._is_asked = False
            pages.begin_next(_wanted())
        standing = Standing(os.getpid(), pages.number, len(pages.leaving), pages.failures)
        if standing != self._told and not self._lock.closed:
            kept_state.write_state(standing._asdict(), NAME)
            self._told = standing

    def close(self) -> None:
        """閉鎖 — nobody serves here any more."""
        signal.signal(ASK, signal.SIG_IGN)
        if not self._lock.closed:
            (kept_state.place() / NAME).unlink(missing_ok=True)
            self._lock.close()


def standing_here() -> Standing | None:
    """ここの稼働の様子 — None when no ``up`` runs on this data folder."""
    folder = kept_state.place()
    try:
        with (folder / "pages.lock").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return None
    except BlockingIOError:
        found = kept_state.read_state(NAME)
        return Standing(**found) if found else None
    return None


def _wanted() -> Version | None:
    found = kept_state.read_state(WANTED)
    return Version(**found) if set(found) == set(Version._fields) else None


def ask_for_next() -> Standing | None:
    """次の世代の依頼 — of the version that asks; waits until it serves and the old one has ended, None when it did not come up.

    Raises ``ProcessLookupError`` when nothing runs here.
    """
    before = standing_here()
    if before is None:
        raise ProcessLookupError
    kept_state.write_state(Version.own()._asdict(), WANTED)
    os.kill(before.process, ASK)
    deadline = time.monotonic() + LONGEST_SECONDS
    while time.monotonic() < deadline:
        now = standing_here()
        if now is None:
            raise ProcessLookupError
        if now.failures > before.failures:
            return None
        if now.generation > before.generation and not now.leaving:
            return now
        time.sleep(0.1)
    return None
