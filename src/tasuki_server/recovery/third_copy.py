# SPDX-License-Identifier: Apache-2.0
"""三つ目の控え — a keeper on another machine that takes new objects and gives them back, and can do nothing else for anyone who asks.

There is no request that removes, changes or renames. What a house has, its token, its signing key, its whole machine, is
enough to add an object under a name that is free, signed by that house; nothing there can be lost by it. Old bases go only
by the keeper's own command, by the time *it* received them, and never the newest.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import shutil
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import urlsplit

from tasuki_server.cli.words import Stop
from tasuki_server.recovery.offline_key import BrokenObject
from tasuki_server.recovery.repository import NAME, Repository
from tasuki_server.recovery.sealed_stream import check_signature

if TYPE_CHECKING:
    from pathlib import Path

OBJECTS = "/objects/"
SECONDS = 60
LONGEST = 1 << 40
# Room that stays free whatever is sent: a flood must not keep the keeper from running.
LEAST_FREE_BYTES = 1 << 30
_PART = 1 << 20
SHORTEST_TOKEN = 32
# A house sends every day: after so long its keeper's clock is wrong, or nothing comes and what is old is all there is.
MOST_SILENT_DAYS = 31


class Refused(Exception):
    """受け取りの拒否 — why an object was not taken."""

    def __init__(self, status: HTTPStatus, why: str) -> None:
        self.status = status
        self.why = why
        super().__init__(f"{int(status)} {why}")


class ThirdCopy:
    """三つ目の控え — a folder of the keeper's own, the token it asks for, and the house whose objects it takes."""

    def __init__(self, repository: Repository, token: str, signer: bytes) -> None:
        if len(token) < SHORTEST_TOKEN:
            raise Stop(
                f"合言葉は{SHORTEST_TOKEN}文字以上にしてください。",
                f"The token needs {SHORTEST_TOKEN} characters.",
            )
        self.repository = repository
        self.signer = signer
        self._token = hashlib.sha256(token.encode()).digest()

    def knows(self, given: str) -> bool:
        """合言葉か — compared in a time that tells nothing."""
        word, _, token = given.partition(" ")
        return word == "Bearer" and hmac.compare_digest(hashlib.sha256(token.encode()).digest(), self._token)

    def take(self, name: str, stream: BinaryIO, length: int) -> HTTPStatus:
        """受け取り — under a free name, whole, and signed by the house. Raises :class:`Refused`."""
        if not NAME.fullmatch(name) or ".." in name:
            raise Refused(HTTPStatus.NOT_FOUND, "no object has such a name")
        if length > LONGEST or shutil.disk_usage(self.repository.folder).free - length < LEAST_FREE_BYTES:
            raise Refused(HTTPStatus.INSUFFICIENT_STORAGE, "there is no room for it")
        if self.repository.has(name):
            raise Refused(HTTPStatus.CONFLICT, "the name is taken")

        def write(out: BinaryIO) -> None:
            left = length
            while left:
                part = stream.read(min(_PART, left))
                if not part:
                    raise Refused(HTTPStatus.BAD_REQUEST, "the object is not whole")
                out.write(part)
                left -= len(part)
            out.flush()
            with open(out.name, "rb") as whole:  # noqa: PTH123 - the unfinished file has no path of ours
                check_signature(name, whole, self.signer)

        try:
            self.repository.put(name, write)
        except FileExistsError as error:
            raise Refused(HTTPStatus.CONFLICT, "the name is taken") from error
        except BrokenObject as error:
            raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "the house did not sign it") from error
        return HTTPStatus.CREATED


def desk_of(copy: ThirdCopy, address: tuple[str, int]) -> ThreadingHTTPServer:
    """三つ目の控えの窓口 — a server that is ready to serve; port 0 takes a free one."""

    class Desk(BaseHTTPRequestHandler):
        """PUT a new object, GET one, GET the list. Any other method is not known here."""

        server_version, sys_version = "tasuki-third-copy", ""
        protocol_version = "HTTP/1.0"
        timeout = SECONDS

        def do_PUT(self) -> None:
            """A new object."""
            length = self.headers.get("Content-Length", "")
            try:
                self._entered()
                if "Transfer-Encoding" in self.headers or not length.isdigit() or len(length) > 15:
                    raise Refused(HTTPStatus.LENGTH_REQUIRED, "its length must be told")
                self._answer(copy.take(self._name(), self.rfile, int(length)), b"")
            except Refused as reason:
                self._answer(reason.status, reason.why.encode() + b"\n")
            except (OSError, Stop):
                self._answer(HTTPStatus.INTERNAL_SERVER_ERROR, b"")

        def do_GET(self) -> None:
            """An object, or the list of names with their sizes."""
            try:
                self._entered()
                if self.path == OBJECTS.rstrip("/"):
                    lines = [f"{name} {copy.repository.size(name)}\n" for name in copy.repository.names()]
                    self._answer(HTTPStatus.OK, "".join(lines).encode())
                    return
                name = self._name()
                if not NAME.fullmatch(name) or not copy.repository.has(name):
                    raise Refused(HTTPStatus.NOT_FOUND, "there is no such object")
                with copy.repository.open(name) as stream:
                    self.send_response(HTTPStatus.OK)
                    self.send_header("Content-Length", str(copy.repository.size(name)))
                    self.end_headers()
                    shutil.copyfileobj(stream, self.wfile, _PART)
            except Refused as reason:
                self._answer(reason.status, reason.why.encode() + b"\n")

        def _entered(self) -> None:
            if not copy.knows(self.headers.get("Authorization", "")):
                raise Refused(HTTPStatus.UNAUTHORIZED, "the token is not known")

        def _name(self) -> str:
            if not self.path.startswith(OBJECTS):
                raise Refused(HTTPStatus.NOT_FOUND, "there is nothing here")
            return self.path.removeprefix(OBJECTS)

        def _answer(self, status: HTTPStatus, body: bytes) -> None:
            self.close_connection = True
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing to standard error."""

    return ThreadingHTTPServer(address, Desk)


class DistantCopy:
    """離れた控え — the keeper at an address, ``https://host:port`` or, on one machine, ``http://127.0.0.1:port``.

    Raises ``ValueError`` for an address of another form.
    """

    def __init__(self, address: str, token: str) -> None:
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.path not in ("", "/"):
            raise ValueError(f"{address!r} is no address of a keeper")
        self._kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._host, self._port = parts.hostname, parts.port
        self._headers = {"Authorization": f"Bearer {token}"}

    def names(self) -> dict[str, int]:
        """一覧 — what is there, and its sizes. Raises ``ConnectionError``."""
        status, body = self._asked("GET", OBJECTS.rstrip("/"))
        if status != HTTPStatus.OK:
            raise ConnectionError(f"{self._host}: {status}")
        return {
            name: int(size) for name, _, size in (line.partition(" ") for line in body.decode().splitlines())
        }

    def send_new(self, repository: Repository) -> list[str]:
        """送り出し — what is not there yet, manifests last; answers what was sent.

        One object that the keeper will not have, because its bytes turned or another has its name, keeps back only the
        manifest of its base: all else goes, and then it is told. Raises ``ConnectionError``.
        """
        there = self.names()
        # A manifest is what makes a base one: it goes when everything it tells of is there.
        names = sorted(repository.names(), key=lambda name: (name.endswith("/manifest"), name))
        sent, refused = [], {}
        for name in names:
            folder = name.rpartition("/")[0]
            if name in there or (name.endswith("/manifest") and folder in refused):
                continue
            with repository.open(name) as stream:
                status, _ = self._asked("PUT", OBJECTS + name, stream, repository.size(name))
            if status == HTTPStatus.CREATED:
                sent.append(name)
            elif status in (HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY):
                refused[folder] = f"{name}: {status}"
            else:
                raise ConnectionError(f"{self._host}: {name}: {status}")
        if refused:
            raise ConnectionError(f"{self._host}: {'; '.join(refused.values())}")
        return sent

    def fetch_all(self, repository: Repository) -> int:
        """引き取り — everything into an empty repository; answers how many. Raises ``ConnectionError``."""
        count = 0
        for name in self.names():
            connection = self._kind(self._host, self._port, timeout=SECONDS)
            try:
                connection.request("GET", OBJECTS + name, headers=self._headers)
                answer = connection.getresponse()
                if answer.status != HTTPStatus.OK:
                    raise ConnectionError(f"{self._host}: {name}: {answer.status}")
                repository.put(name, lambda out, answer=answer: shutil.copyfileobj(answer, out, _PART))  # type: ignore[misc]
                count += 1
            finally:
                connection.close()
        return count

    def _asked(
        self, method: str, path: str, body: BinaryIO | None = None, length: int = 0
    ) -> tuple[int, bytes]:
        connection = self._kind(self._host, self._port, timeout=SECONDS)
        headers = {**self._headers, **({"Content-Length": str(length)} if body is not None else {})}
        try:
            with suppress(BrokenPipeError, ConnectionResetError):
                # A keeper that refuses does so before it has read everything: its answer is what counts.
                connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (TimeoutError, http.client.HTTPException, OSError) as error:
            raise ConnectionError(f"{self._host}: {error}") from error
        finally:
            connection.close()


def prune(folder: Path, keep_days: int, now: float, *, is_clock_sure: bool = False) -> list[str]:
    """古い控えの整理 — by the keeper's own hand: bases received more than ``keep_days`` ago, never the newest received.

    What a manifest says of its own time counts for nothing: a house that was taken over could date fakes into the future.
    Raises :class:`Stop` when the clock stands before what was received last, or so long after it that it may be wrong or
    nothing comes any more, unless whoever asks is sure of it.
    """
    repository = Repository(folder)
    received = {name: repository.place(name).stat().st_mtime for name in repository.names()}
    if received and now < max(received.values()) - 60:
        raise Stop("時計が戻っています。何も消しません。", "The clock went back; nothing is removed.")
    silent_days = int((now - max(received.values())) / 86400) if received else 0
    if silent_days > MOST_SILENT_DAYS and not is_clock_sure:
        raise Stop(
            f"最後に控えを預かってから{silent_days}日たっています。この機械の時計と、控えが届いているかを確かめてください。何も消しません。時計が正しく、それでも消すときは --clock-is-right を付けてください。",
            f"Nothing was received for {silent_days} days: look at this machine's clock and at the house. Nothing is removed; with --clock-is-right it is.",
        )
    repository.tidy(now)
    limit = now - keep_days * 86400
    marks = {name: at for name, at in received.items() if name.endswith("/manifest")}
    if not marks:
        return []
    newest = max(marks, key=marks.__getitem__)
    old = {name.rsplit("/", 1)[0] for name, at in marks.items() if at < limit and name != newest}
    kept_since = min(at for name, at in marks.items() if name.rsplit("/", 1)[0] not in old)
    gone = [
        name
        for name, at in received.items()
        if name.rsplit("/", 1)[0] in old or (name.startswith("log/") and at < min(limit, kept_since - 86400))
    ]
    for name in sorted(gone, key=lambda each: (not each.endswith("/manifest"), each)):
        repository.place(name).unlink()
    return sorted(gone)
