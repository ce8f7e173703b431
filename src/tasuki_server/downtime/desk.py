# SPDX-License-Identifier: Apache-2.0
"""閲覧の窓口 — answers one browser on this machine, from an opened copy; it takes no record in and ends by itself.

Not a server in the sense of the guideline: it listens on the loopback address only, holds one institution's read-only
copy and no master data, calculates and stores nothing of care, and lives as long as somebody reads (``decisions/0802``).
"""

from __future__ import annotations

import hmac
import secrets
import threading
import time
from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tasuki.security.downtime_seal import CannotOpen
from tasuki_server.downtime.files import NoCopy, read_cover
from tasuki_server.downtime.looks import Look
from tasuki_server.downtime.viewing import LogRefused, Sitting, sit_down

COOKIE = "tasuki_viewer"
IDLE_SECONDS = 15 * 60
# Codes have 100 bits; the pause is for whoever writes a program.
PAUSE_AFTER_FAULT = 1.0
_LONGEST_FORM = 4096
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class Desk(ThreadingHTTPServer):
    """閲覧の窓口 — on a free port of 127.0.0.1; only who has the address with its token is answered."""

    daemon_threads = True

    def __init__(
        self, folder: Path, clock: Callable[[], datetime], log_folder: Path | None = None, port: int = 0
    ) -> None:
        super().__init__(("127.0.0.1", port), _Answer)
        self.folder = folder
        self.clock = clock
        self.log_folder = log_folder
        self.token = secrets.token_urlsafe(24)
        self.look = Look()
        self.sitting: Sitting | None = None
        self.touched = time.monotonic()
        self.lock = threading.Lock()

    @property
    def address(self) -> str:
        """アドレス — with the token, for the browser of whoever started it."""
        return f"http://127.0.0.1:{self.server_port}/?t={self.token}"

    def end_when_idle(self, seconds: float = IDLE_SECONDS) -> None:
        """使われなければ終える — the keys go with the process."""

        def watch() -> None:
            while time.monotonic() - self.touched < seconds:
                time.sleep(min(1.0, seconds))
            self.shutdown()

        threading.Thread(target=watch, daemon=True).start()


class _Answer(BaseHTTPRequestHandler):
    """One request."""

    server: Desk
    server_version, sys_version = "tasuki", ""

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing on the terminal: what counts is in the view log."""

    def do_GET(self) -> None:
        """A page."""
        self._guarded(self._get)

    def do_POST(self) -> None:
        """A form."""
        self._guarded(self._post)

    def _guarded(self, answer: Callable[[], None]) -> None:
        self.server.touched = time.monotonic()
        if self.headers.get("Host", "") not in {
            f"{name}:{self.server.server_port}" for name in ("127.0.0.1", "localhost")
        }:
            return self._send(HTTPStatus.MISDIRECTED_REQUEST, self.server.look.stranger())
        parts = urlsplit(self.path)
        given = parse_qs(parts.query).get("t", [""])[0]
        if parts.path == "/" and given and hmac.compare_digest(given.encode(), self.server.token.encode()):
            return self._go("/", f"{COOKIE}={self.server.token}; HttpOnly; SameSite=Strict; Path=/")
        if parts.path == "/viewer.css":
            return self._send(HTTPStatus.OK, self.server.look.style(), "text/css; charset=utf-8")
        cookies = SimpleCookie(self.headers.get("Cookie", ""))
        own = cookies[COOKIE].value if COOKIE in cookies else ""
        if not hmac.compare_digest(own.encode(), self.server.token.encode()):
            return self._send(HTTPStatus.FORBIDDEN, self.server.look.stranger())
        try:
            with self.server.lock:
                answer()
        except LogRefused:
            self._send(HTTPStatus.SERVICE_UNAVAILABLE, self.server.look.fault("log"))
        except (NoCopy, CannotOpen):
            self._send(HTTPStatus.CONFLICT, self.server.look.fault("copy"))
        return None

    def _get(self) -> None:
        path, sitting, look = urlsplit(self.path).path, self.server.sitting, self.server.look
        if sitting is None:
            if path != "/":
                return self._go("/")
            return self._send(HTTPStatus.OK, look.opening(read_cover(self.server.folder)))
        if path == "/":
            return self._send(HTTPStatus.OK, look.search(sitting, None, ""))
        if path == "/plan":
            return self._send(HTTPStatus.OK, look.plan(sitting))
        if path.startswith("/chart/"):
            return self._chart(sitting, path.removeprefix("/chart/"))
        return self._send(HTTPStatus.NOT_FOUND, look.fault("nowhere"))

    def _chart(self, sitting: Sitting, patient: str) -> None:
        try:
            chart = sitting.chart(patient)
        except KeyError:
            return self._send(HTTPStatus.NOT_FOUND, self.server.look.fault("nowhere"))
        except CannotOpen as refused:
            why = "sealed" if str(refused) == "sealed" else "altered"
            return self._send(HTTPStatus.FORBIDDEN, self.server.look.fault(why))
        return self._send(HTTPStatus.OK, self.server.look.chart(sitting, chart))

    def _post(self) -> None:
        length = int(self.headers.get("Content-Length", "0") or 0)
        fields = parse_qs(self.rfile.read(min(length, _LONGEST_FORM)).decode("utf-8", "replace"))
        said = {name: values[0] for name, values in fields.items()}
        path, sitting, look = urlsplit(self.path).path, self.server.sitting, self.server.look
        if path == "/open":
            return self._open(said.get("staff", ""), said.get("code", ""))
        if sitting is None:
            return self._go("/")
        if path == "/search":
            text = said.get("q", "")[:100]
            return self._send(HTTPStatus.OK, look.search(sitting, sitting.search(text), text))
        if path == "/close":
            self.server.sitting = None
            return self._go("/")
        return self._send(HTTPStatus.NOT_FOUND, look.fault("nowhere"))

    def _open(self, staff: str, code: str) -> None:
        server = self.server
        try:
            server.sitting = sit_down(server.folder, staff, code, server.clock, server.log_folder)
        except CannotOpen as refused:
            time.sleep(PAUSE_AFTER_FAULT)
            why = "card" if str(refused) == "card" else "copy"
            cover = read_cover(server.folder)
            return self._send(HTTPStatus.FORBIDDEN, server.look.opening(cover, why))
        return self._go("/")

    def _go(self, where: str, cookie: str = "") -> None:
        self.send_response(HTTPStatus.SEE_OTHER)
        self.send_header("Location", where)
        if cookie:
            self.send_header("Set-Cookie", cookie)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _send(self, status: HTTPStatus, text: str, kind: str = "text/html; charset=utf-8") -> None:
        content = text.encode()
        self.send_response(status)
        for name, value in _HEADERS.items():
            self.send_header(name, value)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
