# SPDX-License-Identifier: Apache-2.0
"""画面のサーバの世代 — the next one is started beside the one that serves, and takes over when it is ready.

The listening socket belongs to ``up``. A reload starts a fresh process with the code that lies there now; only when it
says that it is ready does the old one say "connection: close" to everyone for some seconds, stop accepting, finish what
it began and end. A next generation that does not come up changes nothing: the old one goes on serving.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from tasuki_server.cli.words import Stop, progress
from tasuki_server.database.django_settings import VARIABLES
from tasuki_server.database.places import home
from tasuki_server.operations.line import DRAIN, EVERY, FAILED, VARIABLE, are_ready
from tasuki_server.operations.page_server import BACKLOG, LONGEST_ANSWER_SECONDS
from tasuki_server.operations.processes import web_processes
from tasuki_server.operations.shared_table import VARIABLE as MEMORY
from tasuki_server.operations.shared_table import make_memory

if TYPE_CHECKING:
    from tasuki_server.database.roles import Connections

START_SECONDS = 90.0
# For so long the old one goes on answering and asks everyone to come back by a new connection.
DRAIN_SECONDS = 3.0
# Of each process: beside the pages, two threads look tokens up, two issue them, one notes their use, two do long work and two tell of it, two look after health.
OTHER_CONNECTIONS = 13
_ROLES = {"default": "app", "signin": "signin", "receiving": "receiving", "platform": "platform"}
_KNOWN, _CONNECTIONS = VARIABLES["default"], {*VARIABLES.values(), "TASUKI_DATABASE_URL"}


class Version(NamedTuple):
    """版 — which Python runs which code: a new version lies in a folder of its own, beside the one that runs.

    A running process reads modules and templates as it needs them, so that its folder must stay as it is.
    """

    python: str
    home: str
    path: str

    @classmethod
    def own(cls) -> Version:
        """この版 — of this process."""
        return cls(sys.executable, str(home()), os.environ.get("PYTHONPATH", ""))

    @property
    def environment(self) -> dict[str, str]:
        """環境 — by which Python finds it."""
        return {"TASUKI_HOME": self.home, "PYTHONPATH": self.path}


class Generation:
    """世代 — the processes of one page server, each with a line of its own."""

    def __init__(
        self,
        number: int,
        listening: socket.socket,
        environment: dict[str, str],
        version: Version,
        memory: int,
        log: int | None = None,
    ) -> None:
        from tasuki_server.database.embedded import ends_with_parent

        self.number = number
        self.began = time.monotonic()
        self.drained_at = 0.0
        pairs = [socket.socketpair() for _ in range(web_processes())]
        self._lines = [mine for mine, _ in pairs]
        self._told = [b"" for _ in pairs]
        for mine in self._lines:
            mine.setblocking(False)
        inherited = [theirs.fileno() for _, theirs in pairs]
        knows_places = _KNOWN in environment
        named = {
            VARIABLE: str(inherited[0]),
            EVERY: ",".join(map(str, inherited)),
            MEMORY: str(memory),
        }
        try:
            self.process = subprocess.Popen(
                [version.python, "-m", "tasuki_server.operations.page_server", str(listening.fileno())],
                env=environment | version.environment | named,
                stdin=subprocess.DEVNULL if knows_places else subprocess.PIPE,
                stderr=log,
                start_new_session=True,
                pass_fds=(listening.fileno(), memory, *inherited),
                preexec_fn=ends_with_parent(signal.SIGTERM),
            )
        finally:
            for _, theirs in pairs:
                theirs.close()

    def tell_places(self, places: dict[str, str]) -> None:
        """接続先の知らせ — to one that loads without knowing; from now on it is waited for."""
        self.began = time.monotonic()
        line = self.process.stdin
        assert line is not None
        # One that could not even load is seen by its end.
        with suppress(BrokenPipeError), line:
            line.write(json.dumps(places).encode() + b"\n")

    @property
    def has_ended(self) -> bool:
        """終わったか — whether its process is gone."""
        return self.process.poll() is not None

    def is_ready(self) -> bool:
        """用意ができたか — whether each of its processes has said so."""
        self._hear()
        return are_ready(self._told)

    def has_failed(self) -> bool:
        """起動に失敗したか — it has ended, says so, or says nothing for too long."""
        self._hear()
        is_late = time.monotonic() > self.began + START_SECONDS
        return self.has_ended or any(FAILED in told for told in self._told) or is_late

    def _hear(self) -> None:
        for place, line in enumerate(self._lines):
            with suppress(BlockingIOError, ConnectionError):
                self._told[place] += line.recv(64)

    def drain(self) -> None:
        """引渡しの始まり — it asks everyone to come back by another connection."""
        self.drained_at = time.monotonic()
        # One that ends by itself just now has nothing to hand over.
        for line in self._lines:
            with suppress(OSError):
                line.send(DRAIN)

    def end(self, patience: float) -> None:
        """終了 — asked first; whoever does not listen is ended."""
        if not self.has_ended:
            self.process.terminate()
            try:
                self.process.wait(timeout=patience)
            except subprocess.TimeoutExpired:
                self.kill()
        for line in self._lines:
            line.close()

    def kill(self) -> None:
        """強制終了 — the whole group."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(timeout=10)


class Pages:
    """画面のサーバ — the generation that serves, the next one, and those that finish."""

    def __init__(self, listening: socket.socket, log: int | None = None) -> None:
        self._listening = listening
        self._log = log
        self._environment = _environment()
        self._memory = make_memory()
        self._last = 0
        self.serving: Generation | None = None
        self.next: Generation | None = None
        self.leaving: list[Generation] = []
        self.failures = 0

    @property
    def number(self) -> int:
        """世代の番号 — of the one that serves; 0 before the first."""
        return self.serving.number if self.serving else 0

    def begin_next(self, version: Version | None = None) -> None:
        """次の世代の起動 — one at a time; of this version unless another is named."""
        if self.next is not None:
            return
        self._last += 1
        wanted = version or Version.own()
        try:
            self.next = Generation(
                self._last, self._listening, self._environment, wanted, self._memory, self._log
            )
        except OSError:
            # There is no such Python.
            self._note_failure()

    def _note_failure(self) -> None:
        self.failures += 1
        progress(
            "次の画面のサーバが起動しませんでした。今のサーバがそのまま動き続けます。",
            "The next page server did not start; the present one goes on.",
        )

    def tend(self, now: float) -> None:
        """世代の世話 — called every half second; raises :class:`Stop` when nobody serves any more."""
        if self.next is not None:
            self._tend_next()
        for old in list(self.leaving):
            if old.has_ended:
                old.end(0)
                self.leaving.remove(old)
            elif now > old.drained_at + DRAIN_SECONDS + LONGEST_ANSWER_SECONDS + 10:
                old.kill()
            elif now > old.drained_at + DRAIN_SECONDS:
                old.process.terminate()
        if self.serving is not None and self.serving.has_ended:
            raise Stop("画面のサーバが止まりました。", "The page server stopped.")

    def _tend_next(self) -> None:
        coming = self.next
        assert coming is not None
        if coming.is_ready():
            self.next = None
            if self.serving is not None:
                self.serving.drain()
                self.leaving.append(self.serving)
            self.serving = coming
        elif coming.has_failed():
            if not coming.has_ended:
                coming.kill()
            coming.end(0)
            self.next = None
            self._note_failure()

    def wait_until_serving(self, roles: Connections) -> None:
        """最初の世代を待つ — which is told where the database is, or begins now; raises :class:`Stop` when it does not come up."""
        places = _places(roles)
        self._environment |= places
        self._listening.listen(BACKLOG)
        if self.next is None:
            self.begin_next()
        else:
            self.next.tell_places(places)
        while self.next is not None:
            self.tend(time.monotonic())
            time.sleep(0.02)
        if self.serving is None:
            raise Stop("画面のサーバが起動しませんでした。", "The page server did not start.")

    def end(self) -> None:
        """終了 — of every generation; asked again, nothing is left to end."""
        every = [each for each in (self.next, *self.leaving, self.serving) if each is not None]
        for each in every:
            if not each.has_ended:
                each.process.terminate()
        for each in every:
            each.end(20)
        self.next, self.leaving, self.serving = None, [], None
        if self._listening.fileno() >= 0:
            self._listening.close()
            os.close(self._memory)


def take_port(host: str, port: int) -> socket.socket:
    """待受けの場所 — the socket that all generations share; nobody is let in before there is one."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind((host, port))
    listening.setblocking(False)
    return listening


def _environment() -> dict[str, str]:
    """画面のサーバの環境 — without any connection: the owner's and the administrator's stay here."""
    from tasuki_server.settings_table import number

    kept = {key: value for key, value in os.environ.items() if key not in _CONNECTIONS}
    return kept | {
        "TASUKI_POOL_SIZE": str(number("TASUKI_WEB_THREADS") + OTHER_CONNECTIONS),
        "DJANGO_SETTINGS_MODULE": "tasuki_server.settings",
    }


def _places(roles: Connections) -> dict[str, str]:
    """接続先 — the roles that the page server may use."""
    return {VARIABLES[alias]: getattr(roles, role) for alias, role in _ROLES.items()}
