# SPDX-License-Identifier: Apache-2.0
"""構造化ログ — one JSON object a line: kinds, places, names of addresses and numbers, and nothing that a person typed.

A path may hold a patient's number, a query a name, an argument of a foreign library anything: none of them is written.
Of our own loggers (``tasuki``) the text is written, because it is reviewed; of others the template without its values.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
import time
from collections.abc import Callable
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from tasuki_server.operations.metrics import PAGE_SECONDS, PAGES, method_of, status_class
from tasuki_server.shell.log_lines import SafeLine

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponseBase

OWN = "tasuki"
HEADER = "X-Request-ID"
_FROM_PROXY = re.compile(r"[0-9a-f]{16,32}")
_request_id: ContextVar[str] = ContextVar("tasuki_request_id", default="")
access = logging.getLogger("tasuki.access")


def current_request_id() -> str:
    """要求の番号 — of the request that is answered now, else empty."""
    return _request_id.get()


class RequestLog:
    """要求の記録 — outermost: gives each page a number, counts it by the name of its address, writes one line."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """要求の処理 — see the class."""
        number = request_number(request.headers.get(HEADER, ""))
        token = _request_id.set(number)
        begun = time.perf_counter()
        try:
            response = self.get_response(request)
            seconds = time.perf_counter() - begun
            self._tell(request, response.status_code, seconds)
        finally:
            _request_id.reset(token)
        response.headers[HEADER] = number
        return response

    def _tell(self, request: HttpRequest, status: int, seconds: float) -> None:
        match = request.resolver_match
        route = (match.view_name if match else "") or "none"
        method = method_of(request.method or "")
        PAGES.labels(route, method, status_class(status)).inc()
        PAGE_SECONDS.labels(route).inc(seconds)
        if access.isEnabledFor(logging.INFO):
            session = getattr(request, "sign_in_session", None)
            access.info(
                "page",
                extra={
                    "route": route,
                    "method": method,
                    "status": status,
                    "ms": int(seconds * 1000),
                    "session": str(session.public_id) if session is not None else "",
                },
            )


def request_number(given: str) -> str:
    """要求の番号 — sixteen hexadecimal digits, or those that a trusted proxy gave.

    A client could put a name there, so that a number is believed only behind our proxy and only as digits.
    """
    if given and _is_behind_proxy() and _FROM_PROXY.fullmatch(given):
        return given
    return secrets.token_hex(8)


def _is_behind_proxy() -> bool:
    from tasuki_server.settings_table import flag

    return flag("TASUKI_BEHIND_PROXY")


class JsonLine(logging.Formatter):
    """JSONの記録行 — see the module."""

    EXTRA = ("route", "method", "status", "ms", "session")

    def format(self, record: logging.LogRecord) -> str:
        """行 — of one record."""
        line: dict[str, Any] = {
            "at": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
            + f".{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "text": text_of(record),
        }
        number = current_request_id()
        if number:
            line["request"] = number
        for name in self.EXTRA:
            if hasattr(record, name):
                line[name] = getattr(record, name)
        if record.exc_info and record.exc_info[0] is not None:
            line["fault"] = SafeLine().formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def text_of(record: logging.LogRecord) -> str:
    """記録の文 — ours as it is; a foreign one without its values, and where it has none to leave out, its place only."""
    if record.name == OWN or record.name.startswith(f"{OWN}."):
        return record.getMessage()
    if record.args:
        return str(record.msg)
    return f"{record.filename}:{record.lineno}"
