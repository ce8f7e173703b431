# SPDX-License-Identifier: Apache-2.0
"""証人の窓口 — a witness reached over HTTP, and the process that serves one (C2SP tlog-witness ``add-checkpoint``).

The witness belongs on a machine the database host cannot write to: another clinic of the region, a separate small
computer. It keeps no data of patients: a log's name, a number and a hash.
"""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tasuki_server.audit.witness import LONGEST_REQUEST, Answer

if TYPE_CHECKING:
    from tasuki_server.audit.witness import Witness

PATH = "/add-checkpoint"
SECONDS = 10
_LONGEST_ANSWER = 64 * 1024


class WitnessAway(ConnectionError):
    """証人に届かない — the witness does not answer; the trail goes on, and its exposure grows."""


class DistantWitness:
    """離れた証人 — at an address, ``https://host:port`` or, on one machine, ``http://127.0.0.1:port``.

    Raises ``ValueError`` for an address of another form.
    """

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.path not in ("", "/"):
            raise ValueError(f"{address!r} is no address of a witness")
        self._is_secret = parts.scheme == "https"
        self._host = parts.hostname
        self._port = parts.port

    def add_checkpoint(self, request: str, at: int) -> Answer:
        """チェックポイントの受付 — the witness uses its own clock. Raises :class:`WitnessAway`."""
        return answered(f"{self._host}:{self._port}", lambda: self._ask(request.encode()))

    def _ask(self, body: bytes) -> tuple[int, bytes]:
        kind = http.client.HTTPSConnection if self._is_secret else http.client.HTTPConnection
        connection = kind(self._host, self._port, timeout=SECONDS)
        try:
            connection.request("POST", PATH, body)
            response = connection.getresponse()
            answer = response.read(_LONGEST_ANSWER)
            # Read by length, an answer that was cut short looks whole; what is left of its length tells.
            if response.length:
                raise http.client.IncompleteRead(answer, response.length)
            return response.status, answer
        finally:
            connection.close()


def answered(who: str, ask: Callable[[], tuple[int, bytes]]) -> Answer:
    """証人の返答 — of a request over any wire; raises :class:`WitnessAway` when none came that can be read."""
    try:
        status, body = ask()
        return Answer(HTTPStatus(status), body.decode())
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise WitnessAway(f"{who}: {error}") from error


def desk_of(witness: Witness, address: tuple[str, int]) -> ThreadingHTTPServer:
    """証人の窓口 — a server that is ready to serve; port 0 takes a free one."""

    class Desk(BaseHTTPRequestHandler):
        """One request of a log."""

        server_version, sys_version = "tasuki-witness", ""
        timeout = SECONDS

        def do_POST(self) -> None:
            """The one thing it does."""
            length = self.headers.get("Content-Length", "")
            if self.path != PATH:
                return self._answer(Answer(HTTPStatus.NOT_FOUND, "\n"))
            if not length.isdigit() or int(length) > LONGEST_REQUEST:
                return self._answer(Answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "the request is too long\n"))
            try:
                text = self.rfile.read(int(length)).decode()
            except ValueError:
                return self._answer(Answer(HTTPStatus.BAD_REQUEST, "the request is no text\n"))
            return self._answer(witness.add_checkpoint(text, int(time.time())))

        def _answer(self, answer: Answer) -> None:
            body = answer.text.encode()
            is_size = answer.status is HTTPStatus.CONFLICT
            self.send_response(answer.status)
            self.send_header("Content-Type", "text/x.tlog.size" if is_size else "text/plain; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing to standard error; the history of each log is the record."""

    return ThreadingHTTPServer(address, Desk)
