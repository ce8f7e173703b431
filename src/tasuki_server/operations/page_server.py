# SPDX-License-Identifier: Apache-2.0
"""画面のサーバ — granian on a listening socket that ``up`` holds, so that processes and generations can share it.

granian opens a socket of its own for each worker (SO_REUSEPORT); what waits in it is reset when the worker ends. Here
every process of every generation accepts from one queue: an old one stops accepting, and what waits is taken by the new one.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
from typing import Any

from granian._granian import SocketHolder
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server.mp import MPServer, WorkerProcess

from tasuki_server.operations.line import PLACE, process_count

MODULE = "tasuki_server.asgi"
TARGET = f"{MODULE}:application"
BACKLOG = 256
# Kept connections of people who read and think count too: twice the five hundred of the drill of load. The rest waits in
# the backlog, not in a queue without end.
CONNECTIONS = 1024
# A page is made in seconds, a claim file in a minute: an old generation may finish what it began.
LONGEST_ANSWER_SECONDS = 60


class PageServer(MPServer):
    """画面のサーバ — its processes on a socket that was opened by its parent; one that is ended from outside is made again."""

    def __init__(self, listening: int, processes: int = 1) -> None:
        super().__init__(
            TARGET,
            interface=Interfaces.ASGI,
            workers=processes,
            backlog=BACKLOG,
            backpressure=CONNECTIONS,
            log_level=LogLevels.error,
            workers_kill_timeout=LONGEST_ANSWER_SECONDS,
            respawn_failed_workers=processes > 1,
        )
        self._listening = listening

    def _init_shared_socket(self) -> None:
        """The socket as granian keeps one for a Unix path: one holder that workers inherit."""
        self._ssp = None
        self._sso = socket.socket(fileno=os.dup(self._listening))
        self._sso.set_inheritable(True)
        self._sfd = self._sso.fileno()
        self._shd = SocketHolder(self._sfd, False, BACKLOG)

    def _spawn_worker(self, idx: int, target: Any, callback_loader: Any) -> WorkerProcess:
        """Each process learns from its environment which line to ``up`` is its own.

        One whose parent was killed would go on accepting, and keep the port from the next ``up``: it ends too.
        """
        from tasuki_server.database.embedded import ends_with_parent

        os.environ[PLACE] = str(idx)
        ask = ends_with_parent(signal.SIGKILL)

        def begin(*given: Any) -> None:
            assert ask is not None
            ask()
            target(*given)

        wanted = target if ask is None else begin
        made: WorkerProcess = super()._spawn_worker(idx, wanted, callback_loader)
        return made


def main() -> None:
    """実行 — the number of the socket is the only argument.

    Loading takes seconds, and so does a database that comes back from a sudden end: the first generation loads beside it, and
    is told by standard input where the database is.
    """
    from tasuki_server.operations.preloading import knows_places, preload, take_places
    from tasuki_server.operations.siblings import meeting_place

    processes = process_count()
    server = PageServer(int(sys.argv[1]), processes)
    with meeting_place(processes):
        preload(MODULE)
        if knows_places() or take_places(sys.stdin.buffer):
            server.serve()


if __name__ == "__main__":
    main()
