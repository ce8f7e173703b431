# SPDX-License-Identifier: Apache-2.0
"""算定の作業者たち — processes beside the pages, so that calculations use every core and never hold a page up.

A calculation that takes too long ends with its process: only a process can be stopped from outside.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import subprocess
import sys
from collections import deque
from typing import cast

import msgspec

from tasuki_server.api.frames import HEAD, Question, Reply, framed

log = logging.getLogger("tasuki.api")
# While one question is calculated the next one already lies in the socket: the worker never waits for us.
AT_ONCE = 2
START_SECONDS = 60.0
# What a worker is not told: how to reach the database, and the key of the installation.
KEPT_FROM_WORKERS = frozenset(
    {
        "TASUKI_APP_DATABASE_URL",
        "TASUKI_SIGNIN_DATABASE_URL",
        "TASUKI_RECEIVING_DATABASE_URL",
        "TASUKI_PLATFORM_DATABASE_URL",
        "TASUKI_OWNER_DATABASE_URL",
        "TASUKI_DATABASE_URL",
        "TASUKI_SECRET_KEY",
    }
)
_REPLY = msgspec.msgpack.Decoder(Reply)


class TookTooLong(Exception):
    """時間切れ — the calculation did not end within its time."""


class WorkerGone(Exception):
    """作業者の終了 — its process ended before it answered."""


class QueueFull(Exception):
    """待ち行列の満杯 — more wait than can be served in good time."""


class _Waiting:
    """待ち — a question and who waits for its reply."""

    __slots__ = ("frame", "future")

    def __init__(self, frame: bytes, future: asyncio.Future[Reply]) -> None:
        self.frame = frame
        self.future = future


class Worker(asyncio.Protocol):
    """算定の作業者 — one process and the questions it holds, answered in order."""

    def __init__(self, pool: Workers, process: subprocess.Popen[bytes]) -> None:
        self.pool = pool
        self.process = process
        self.held: deque[_Waiting] = deque()
        self.is_ready = False
        self._transport: asyncio.Transport | None = None
        self._arrived = bytearray()
        self._timer: asyncio.TimerHandle | None = None
        self._is_late = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """接続 — the process is given time to load the masters."""
        # uvloop's is one by what it does and not by its class.
        self._transport = cast(asyncio.Transport, transport)
        self._wind(START_SECONDS)

    def data_received(self, data: bytes) -> None:
        """返事の到着 — the first frame says that the worker is ready."""
        self._arrived += data
        while len(self._arrived) >= HEAD:
            end = HEAD + int.from_bytes(self._arrived[:HEAD], "big")
            if len(self._arrived) < end:
                return
            reply = _REPLY.decode(bytes(self._arrived[HEAD:end]))
            del self._arrived[:end]
            self._wind(0)
            if self.is_ready:
                future = self.held.popleft().future
                if not future.done():
                    future.set_result(reply)
            self.is_ready = True
            if self.held:
                self._wind(self.pool.seconds)
            self.pool.hand_out()

    def ask(self, waiting: _Waiting) -> None:
        """問い合わせ — the clock of a question starts when its calculation does."""
        assert self._transport is not None
        if not self.held:
            self._wind(self.pool.seconds)
        self.held.append(waiting)
        self._transport.write(waiting.frame)

    def connection_lost(self, exc: Exception | None) -> None:
        """終了 — the first question is what ended it; the others are asked again of another worker."""
        self._wind(0)
        self.process.kill()
        if self.held:
            first = self.held.popleft().future
            if not first.done():
                first.set_exception(TookTooLong() if self._is_late else WorkerGone())
        self.pool.lost(self, self.held)

    def end(self) -> None:
        """終了させる — without waiting."""
        self.process.kill()
        if self._transport is not None:
            self._transport.abort()

    def _wind(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if seconds:
            self._timer = asyncio.get_running_loop().call_later(seconds, self._late)

    def _late(self) -> None:
        self._is_late = True
        log.warning("a calculation took longer than its limit; its worker is ended")
        self.end()


class Workers:
    """算定の作業者たち — as many as asked, started when first needed, started again when one ends."""

    def __init__(self, count: int, seconds: float, most_waiting: int = 256) -> None:
        self.count = count
        self.seconds = seconds
        self._most_waiting = most_waiting
        self._workers: list[Worker] = []
        self._queue: deque[_Waiting] = deque()
        self._starting = 0
        self._failures = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_closed = False

    async def ask(self, question: Question) -> Reply:
        """問い合わせ — raises :class:`QueueFull`, :class:`TookTooLong` or :class:`WorkerGone`."""
        if len(self._queue) >= self._most_waiting:
            raise QueueFull
        if self._failures > 3 and not self._workers:
            self._failures = 0
            raise WorkerGone
        future: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._queue.append(_Waiting(framed(question), future))
        self._fill_up()
        self.hand_out()
        return await future

    def hand_out(self) -> None:
        """配分 — to the worker that holds least."""
        while self._queue:
            free = [each for each in self._workers if each.is_ready and len(each.held) < AT_ONCE]
            if not free:
                return
            waiting = self._queue.popleft()
            # Who has gone away meanwhile needs no calculation.
            if not waiting.future.done():
                min(free, key=lambda each: len(each.held)).ask(waiting)

    def lost(self, worker: Worker, unasked: deque[_Waiting]) -> None:
        """作業者の喪失 — its waiting questions come first, in another worker."""
        if worker in self._workers:
            self._workers.remove(worker)
        if not worker.is_ready:
            self._failures += 1
        self._queue.extendleft(reversed(unasked))
        if self._failures > 3:
            log.error("calculation workers do not start")
            while self._queue:
                future = self._queue.popleft().future
                if not future.done():
                    future.set_exception(WorkerGone())
        elif self._queue:
            self._fill_up()

    def close(self) -> None:
        """終了 — every worker ends."""
        self._is_closed = True
        for each in list(self._workers):
            each.end()

    def _fill_up(self) -> None:
        while not self._is_closed and len(self._workers) + self._starting < self.count:
            self._starting += 1
            task = asyncio.ensure_future(self._start())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _start(self) -> None:
        try:
            ours, theirs = socket.socketpair()
            with theirs:
                process = await asyncio.to_thread(_start_process, theirs.fileno())
            loop = asyncio.get_running_loop()
            _, worker = await loop.create_connection(lambda: Worker(self, process), sock=ours)
            self._workers.append(worker)
            if self._is_closed:
                worker.end()
        finally:
            self._starting -= 1


def _start_process(descriptor: int) -> subprocess.Popen[bytes]:
    environment = {key: value for key, value in os.environ.items() if key not in KEPT_FROM_WORKERS}
    command = [sys.executable, "-m", "tasuki_server.api.worker", str(descriptor)]
    return subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        pass_fds=[descriptor],
    )
