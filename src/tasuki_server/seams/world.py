# SPDX-License-Identifier: Apache-2.0
"""模擬の世界 — a clock, a network and the deaths of processes, all decided by one seed, so that every run can be had again."""

from __future__ import annotations

import heapq
import random
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

BEGIN = datetime(2026, 10, 5, 0, 30, tzinfo=UTC)
PATIENCE = 60.0  # seconds after which whoever asks gives up


class Crash(BaseException):
    """自らの停止 — the process that asks dies here; no handler of the production code may outlive it."""


class Fault(StrEnum):
    """通信の障害 — what may happen to one request."""

    LOST_REQUEST = "lost_request"
    LOST_ANSWER = "lost_answer"
    LATE = "late"
    TWICE = "twice"
    TWICE_LATER = "twice_later"
    CUT_REQUEST = "cut_request"
    CUT_ANSWER = "cut_answer"
    PARTIAL = "partial"
    BUSY = "busy"
    THEIR_RESTART = "their_restart"
    CRASH_BEFORE = "crash_before"
    CRASH_AFTER = "crash_after"
    WRONG_TIME = "wrong_time"


FAULTS = tuple(Fault)


class Request(NamedTuple):
    """要求 — what goes over the wire."""

    line: str
    body: bytes


class Reply(NamedTuple):
    """応答 — what comes back."""

    status: int
    body: bytes


Serve = Callable[[Request], Reply]


class Side(NamedTuple):
    """相手側 — production code that answers; ``restart`` dies inside of it, ``part`` leaves out some of an answer."""

    serve: Serve
    restart: Callable[[], AbstractContextManager[None]] = nullcontext
    part: Callable[[Reply, random.Random], Reply] | None = None


class World:
    """模擬の世界 — see the module. ``trace`` tells what happened, ``odd`` what must not have."""

    def __init__(self, seed: int, fault_rate: float = 0.45) -> None:
        self.chosen = random.Random(seed)  # noqa: S311 - to be repeated, not to be secret
        self.is_calm = False
        self.trace: list[str] = []
        self.odd: list[str] = []
        self.faults: Counter[str] = Counter()
        self._fault_rate = fault_rate
        self._true = BEGIN
        self._off = timedelta()
        self._late: list[tuple[datetime, int, str, Callable[[], object]]] = []
        self._order = 0

    def clock(self) -> datetime:
        """時計 — as everyone reads it; it may be wrong."""
        return self._true + self._off

    def note(self, line: str) -> None:
        """経過の控え — with the true time since the beginning."""
        self.trace.append(f"{(self._true - BEGIN).total_seconds():10.1f} {line}")

    def wait(self, seconds: float) -> None:
        """時の経過 — whatever was still under way arrives meanwhile."""
        until = self._true + timedelta(seconds=seconds)
        while self._late and self._late[0][0] <= until:
            at, _, what, act = heapq.heappop(self._late)
            self._true = max(self._true, at)
            self.note(f"arrives late: {what}")
            self.guarded(what, act)
        self._true = max(self._true, until)

    def later(self, seconds: float, what: str, act: Callable[[], object]) -> None:
        """後の到着 — of what is still under way."""
        self._order += 1
        heapq.heappush(self._late, (self._true + timedelta(seconds=seconds), self._order, what, act))

    def guarded(self, what: str, act: Callable[[], object]) -> None:
        """一つの行為 — dies with :class:`Crash`; an exception that nobody promised is odd."""
        try:
            act()
        except Crash:
            self.note(f"{what}: died")
        except Exception as error:  # noqa: BLE001 - whatever it is, the run tells of it and goes on
            self.odd.append(f"{what}: {type(error).__name__} {str(error)[:160]}")
            self.note(self.odd[-1])

    def be_calm(self) -> None:
        """平穏 — no fault from now on, the clocks right, and what was under way arrives."""
        self.is_calm = True
        self._off = timedelta()
        while self._late:
            self.wait((self._late[0][0] - self._true).total_seconds() + 0.001)

    def carry(self, what: str, request: Request, side: Side) -> Reply:
        """運搬 — a request to the other side and its answer, with at most one fault; raises ``OSError`` or :class:`Crash`."""
        fault = self._fault()
        if fault is not None:
            self.faults[fault] += 1
            self.note(f"{what}: {fault}")
        return _WAYS[fault](self, what, request, side)

    def _fault(self) -> Fault | None:
        dice, fault = self.chosen.random(), self.chosen.choice(FAULTS)
        return None if self.is_calm or dice >= self._fault_rate else fault

    def _reaches(self, request: Request, side: Side) -> Reply:
        self.wait(self.chosen.uniform(0.01, 5))
        return side.serve(request)

    def _lost_request(self, what: str, request: Request, side: Side) -> Reply:
        self.wait(PATIENCE)
        raise TimeoutError("lost on the way there")

    def _lost_answer(self, what: str, request: Request, side: Side) -> Reply:
        self._reaches(request, side)
        raise ConnectionResetError("lost on the way back")

    def _late_one(self, what: str, request: Request, side: Side) -> Reply:
        self.later(self.chosen.uniform(PATIENCE, 7200), what, lambda: side.serve(request))
        return self._lost_request(what, request, side)

    def _twice(self, what: str, request: Request, side: Side) -> Reply:
        first = self._reaches(request, side)
        return self.chosen.choice((first, self._reaches(request, side)))

    def _twice_later(self, what: str, request: Request, side: Side) -> Reply:
        self.later(self.chosen.uniform(1, 7200), what, lambda: side.serve(request))
        return self._reaches(request, side)

    def _cut_request(self, what: str, request: Request, side: Side) -> Reply:
        return self._reaches(request._replace(body=self._cut(request.body)), side)

    def _cut_answer(self, what: str, request: Request, side: Side) -> Reply:
        reply = self._reaches(request, side)
        return reply._replace(body=self._cut(reply.body))

    def _partial(self, what: str, request: Request, side: Side) -> Reply:
        reply = self._reaches(request, side)
        return reply if side.part is None else side.part(reply, self.chosen)

    def _busy(self, what: str, request: Request, side: Side) -> Reply:
        return Reply(503, b"")

    def _their_restart(self, what: str, request: Request, side: Side) -> Reply:
        with side.restart():
            self._reaches(request, side)
        raise ConnectionResetError("the other side died")

    def _crash_before(self, what: str, request: Request, side: Side) -> Reply:
        raise Crash

    def _crash_after(self, what: str, request: Request, side: Side) -> Reply:
        self._reaches(request, side)
        raise Crash

    def _wrong_time(self, what: str, request: Request, side: Side) -> Reply:
        self._off = timedelta(seconds=self.chosen.choice((-1, 1)) * self.chosen.uniform(1, 90_000))
        return self._reaches(request, side)

    def _cut(self, body: bytes) -> bytes:
        return body[: self.chosen.randrange(len(body))] if body else body


_WAYS: dict[Fault | None, Callable[[World, str, Request, Side], Reply]] = {
    None: lambda world, what, request, side: world._reaches(request, side),
    Fault.LOST_REQUEST: World._lost_request,
    Fault.LOST_ANSWER: World._lost_answer,
    Fault.LATE: World._late_one,
    Fault.TWICE: World._twice,
    Fault.TWICE_LATER: World._twice_later,
    Fault.CUT_REQUEST: World._cut_request,
    Fault.CUT_ANSWER: World._cut_answer,
    Fault.PARTIAL: World._partial,
    Fault.BUSY: World._busy,
    Fault.THEIR_RESTART: World._their_restart,
    Fault.CRASH_BEFORE: World._crash_before,
    Fault.CRASH_AFTER: World._crash_after,
    Fault.WRONG_TIME: World._wrong_time,
}
