# SPDX-License-Identifier: Apache-2.0
"""既知の接続元 — tokens proved a moment ago, forgotten the instant one is revoked anywhere."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import psycopg
from django.db import connections
from django.utils import timezone

from tasuki_server.api.service_clients import find_bound
from tasuki_server.api.tokens import CHANNEL, FORGETTING, Client, find_client

log = logging.getLogger("tasuki.api")
# What an administrator changes of the institution reaches the service within this time.
KEPT_SECONDS = 5.0
# Asked again this long before what is remembered runs out, so that no request waits for the answer.
AHEAD_SECONDS = 1.0
# The listener proves this often that it still hears; a proof is good for as long again, and then the database is asked.
PROOF_SECONDS = 0.25
MOST = 4096


def find_caller(plain: str) -> Client | None:
    """接続元の照合 — of either kind of token; they differ in form."""
    return find_client(plain) if plain.startswith("tsk_") else find_bound(plain)


class KnownClients:
    """既知の接続元 — a short memory in front of the database.

    While the channel of revocations is not proved to be heard, nothing is remembered: every request asks the
    database. PostgreSQL hands over what was told before a statement together with its answer, so that a proof
    tells that no earlier revocation is outstanding.
    """

    def __init__(self, find: Callable[[str], Client | None] = find_caller) -> None:
        self._find = find
        self._known: dict[str, tuple[Client, float]] = {}
        self._asking: dict[str, asyncio.Task[Client | None]] = {}
        self._threads = ThreadPoolExecutor(2, "api-token")
        self.epoch = 0
        self._proved_until = 0.0
        FORGETTING.append(self.forget)

    @property
    def is_listening(self) -> bool:
        """聴取中か — whether the channel was proved to be heard a moment ago."""
        return time.monotonic() < self._proved_until

    def hear(self, proved_until: float) -> None:
        """聴取の証明 — until when what is remembered may be used; 0 when the channel is lost."""
        self._proved_until = proved_until

    async def client_of(self, plain: str) -> Client | None:
        """接続元 — of a token, None when it cannot be used now."""
        kept = self._known.get(plain)
        left = kept[1] - time.monotonic() if kept is not None and self.is_listening else 0.0
        if kept is not None and left > 0:
            client: Client | None = kept[0]
            if left < AHEAD_SECONDS:
                self._ask_once(plain)
        else:
            client = await self._asked(plain)
        return client if client is not None and timezone.now() < client.expires_at else None

    async def _asked(self, plain: str) -> Client | None:
        return await asyncio.shield(self._ask_once(plain))

    def _ask_once(self, plain: str) -> asyncio.Task[Client | None]:
        # Many requests of one client at once are one question.
        task = self._asking.get(plain)
        if task is None:
            task = asyncio.ensure_future(self._ask(plain))
            self._asking[plain] = task
            task.add_done_callback(lambda done: self._answered(plain, done))
        return task

    def _answered(self, plain: str, task: asyncio.Task[Client | None]) -> None:
        if self._asking.get(plain) is task:
            del self._asking[plain]
        # Asked ahead, nobody may be waiting: whoever asks next is told what went wrong.
        if not task.cancelled() and task.exception() is not None:
            log.debug("asking ahead failed")

    async def _ask(self, plain: str) -> Client | None:
        epoch = self.epoch
        client = await asyncio.get_running_loop().run_in_executor(self._threads, self._in_thread, plain)
        if client is None:
            self._known.pop(plain, None)
        # A revocation heard meanwhile may be younger than the answer.
        if client is not None and self.is_listening and epoch == self.epoch:
            if len(self._known) >= MOST:
                self._known.clear()
            self._known[plain] = (client, time.monotonic() + KEPT_SECONDS)
        return client

    def _in_thread(self, plain: str) -> Client | None:
        try:
            return self._find(plain)
        finally:
            connections.close_all()

    def forget(self) -> None:
        """忘却 — of every token: one was revoked, or we may not have heard."""
        self.epoch += 1
        self._known.clear()
        # A question under way may have read the row before it changed; who asks now asks anew.
        self._asking.clear()

    def close(self) -> None:
        """終了 — of the threads."""
        FORGETTING.remove(self.forget)
        self._threads.shutdown(wait=False, cancel_futures=True)


class Listener(threading.Thread):
    """停止の聴取 — hears revocations of other processes; tells when it cannot hear."""

    def __init__(self, known: KnownClients, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(name="api-listener", daemon=True)
        self._known = known
        self._loop = loop
        self._ends = threading.Event()

    def run(self) -> None:
        """聴取 — until ended; after a broken connection it begins again."""
        while not self._ends.is_set():
            try:
                self._hear()
            except (psycopg.Error, OSError):
                log.warning("the channel of revocations is not heard; every request asks the database")
            self._tell(0.0, forgets=True)
            self._ends.wait(1.0)

    def _hear(self) -> None:
        # A network that swallows packets makes the proof itself wait: the last one runs out meanwhile.
        url = os.environ["TASUKI_APP_DATABASE_URL"]
        with psycopg.connect(url, autocommit=True, connect_timeout=5) as connection:
            connection.execute(f"LISTEN {CHANNEL}")
            is_new = True
            while not self._ends.is_set():
                asked = time.monotonic()
                connection.execute("SELECT 1")
                told = list(connection.notifies(timeout=0, stop_after=1))
                self._tell(asked + 2 * PROOF_SECONDS, forgets=is_new or bool(told))
                is_new = False
                for _ in connection.notifies(timeout=PROOF_SECONDS, stop_after=1):
                    self._tell(asked + 2 * PROOF_SECONDS, forgets=True)

    def end(self) -> None:
        """終了 — within a second."""
        self._ends.set()

    def _tell(self, proved_until: float, *, forgets: bool) -> None:
        def change() -> None:
            self._known.hear(proved_until)
            if forgets:
                self._known.forget()

        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(change)
