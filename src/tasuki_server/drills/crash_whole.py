# SPDX-License-Identifier: Apache-2.0
"""設置全体の突然の停止 — `up` itself with its pages, its workers and its database is killed while people write over real connections.

What was answered is noted in this process, which is not killed. Then `up` is started again as systemd would, and the
first act that is answered ends the outage.
"""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

import psycopg

from tasuki_server.drills.ground import CLUSTER, a_clinic, ground_with_stops

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tasuki_server.drills.write_load import Acknowledged

PEOPLE = 2
# `up` loads every view before it says that it serves; on a machine that is busy with other work that takes long.
LONGEST_START = 180.0
LEAST, MOST = 0.3, 2.0


class Whole(NamedTuple):
    """結果 — of the kills of everything."""

    kills: int
    acknowledged: int
    lost: int
    half: dict[str, int]
    back: list[float]
    faults: list[str]


def killed_whole(kills: int, chosen: random.Random, tell: Callable[[str], None]) -> Whole:
    """設置全体の強制終了 — so many times."""
    with ground_with_stops() as (folder, database):
        with database():
            cookies = _at_the_reception()
        port = _free_port()
        writers = _Writers(port, cookies)
        back: list[float] = []
        faults: list[str] = []
        up = _Up(folder, port)
        try:
            writers.start()
            for number in range(kills + 1):
                before, begun = writers.count, time.monotonic()
                up.start()
                if not _until(lambda: writers.count > before, LONGEST_START):  # noqa: B023 - asked before the next turn
                    faults.append(f"{number} 回目: 起動後、書込みが受け付けられません。{up.said()}")
                    break
                if number:
                    back.append(time.monotonic() - begun)
                if number < kills:
                    time.sleep(chosen.uniform(LEAST, MOST))
                    up.kill()
                    tell(f"whole house killed {number + 1} times, {writers.count} acknowledged")
        finally:
            writers.stop()
            up.kill()
        return _looked_up(database, writers, back, faults, kills)


def _looked_up(database: Any, writers: _Writers, back: list[float], faults: list[str], kills: int) -> Whole:
    from tasuki_server.drills.write_load import half_acts, lost
    from tasuki_server.recovery.source import admin_conninfo

    with database(), psycopg.connect(admin_conninfo()) as owner:
        gone = lost(owner, set(writers.acknowledged))
        return Whole(kills, writers.count, len(gone), half_acts(owner), back, faults)


def _at_the_reception() -> list[dict[str, str]]:
    from tasuki.security.permissions import Role
    from tasuki_server.drills.lasting import set_commits
    from tasuki_server.drills.people import a_person, signed_in

    set_commits("on")
    clinic = a_clinic(1)
    found = []
    for number in range(PEOPLE):
        browser = signed_in(a_person(clinic, f"reception{number}", Role.RECEPTION), REMOTE_ADDR="127.0.0.1")
        found.append({name: each.value for name, each in browser.cookies.items()} | {"csrftoken": "a" * 32})
    return found


class _Up:
    """動いている設置 — `./tasuki up` as a process, with all that it starts."""

    def __init__(self, folder: Path, port: int) -> None:
        self._folder = folder
        self._log = folder / "up.txt"
        self._command = [sys.executable, "-m", "tasuki_server.cli", "up", "--no-demo", "--port", str(port)]
        # The roles' addresses belong to this process; a house of its own finds its own.
        self._environment = {
            name: value for name, value in os.environ.items() if not name.endswith("_DATABASE_URL")
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """起動 — returns at once."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, env=self._environment, stdout=log, stderr=log, start_new_session=True
            )

    def kill(self) -> None:
        """全体の強制終了 — SIGKILL to `up` and to everything below it, parents first, until none is left."""
        if self._process is None:
            return
        doomed = _all_below(self._process.pid, *_postmaster(self._folder))
        for each in doomed:
            with suppress(ProcessLookupError):
                os.kill(each, signal.SIGKILL)
        self._process.wait()
        self._process = None
        _until(lambda: not any(_is_alive(each) for each in doomed), 10)

    def said(self) -> str:
        """起動の記録の終わり — what it said last."""
        return self._log.read_text(errors="replace")[-300:]


class _Writers:
    """書く人々 — each registers patients one after the other, and tries again where nobody answers."""

    def __init__(self, port: int, cookies: list[dict[str, str]]) -> None:
        self._port = port
        self._is_over = threading.Event()
        self._lock = threading.Lock()
        self.acknowledged: list[Acknowledged] = []
        self._threads = [
            threading.Thread(target=self._work, args=(place, each), daemon=True)
            for place, each in enumerate(cookies)
        ]

    @property
    def count(self) -> int:
        """応答の数 — so far."""
        return len(self.acknowledged)

    def start(self) -> None:
        """開始 — the house may not be there yet."""
        for each in self._threads:
            each.start()

    def stop(self) -> None:
        """終了 — waits for each."""
        self._is_over.set()
        for each in self._threads:
            each.join(30)

    def _work(self, place: int, cookies: dict[str, str]) -> None:
        from tasuki_server.drills.write_load import Acknowledged, mark_of

        turn = 0
        while not self._is_over.is_set():
            turn += 1
            try:
                number = self._registered(cookies, mark_of(place, turn))
            except (OSError, http.client.HTTPException):
                number = ""
            if number:
                with self._lock:
                    self.acknowledged.append(Acknowledged("patient", number))
            else:
                time.sleep(0.05)

    def _registered(self, cookies: dict[str, str], mark: str) -> str:
        """The number of the patient, "" when the page did not say that it was kept."""
        from tasuki_server.drills.browsing import CHROME

        given = {"name": f"訓練　{mark}", "kana": f"クンレン　{mark}", "born": "1980-01-02", "sex": "male"}
        headers = {
            "Host": "localhost", "User-Agent": CHROME, "X-CSRFToken": cookies["csrftoken"],
            "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
        }  # fmt: skip
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=20)
        try:
            for form in (given, {**given, "confirmed": "yes"}):
                connection.request("POST", "/patients/new/", urlencode(form), headers)
                answer = connection.getresponse()
                answer.read()
                place = answer.getheader("Location", "")
                if answer.status == 302 and place.startswith("/patients/"):
                    return place.split("/")[2]
                if answer.status != 422:
                    return ""
            return ""
        finally:
            connection.close()


def _postmaster(folder: Path) -> list[int]:
    """The database's first process, which may have been given away to another user."""
    try:
        return [int((folder / CLUSTER / "postmaster.pid").read_text().split("\n", 1)[0])]
    except (OSError, ValueError):
        return []


def _all_below(*processes: int) -> list[int]:
    """The processes and everything below it, the parents first, as /proc tells it now."""
    parents: dict[int, list[int]] = {}
    for each, (_, parent) in _processes():
        parents.setdefault(parent, []).append(each)
    found = list(processes)
    for each in found:
        found += [child for child in parents.get(each, []) if child not in found]
    return found


def _is_alive(process: int) -> bool:
    return any(each == process and state != "Z" for each, (state, _) in _processes())


def _processes() -> Iterator[tuple[int, tuple[str, int]]]:
    from pathlib import Path

    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent, *_ = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        yield int(stat.parent.name), (state, int(parent))


def _until(is_so: Callable[[], bool], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if is_so():
            return True
        time.sleep(0.02)
    return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
