# SPDX-License-Identifier: Apache-2.0
"""共有の読込み — what every process of a generation needs is loaded once, before they part, and stays shared between them."""

from __future__ import annotations

import json
import os
import threading
from importlib import import_module
from typing import IO

from django.db import connections
from django.urls import get_resolver

from tasuki.kernel.finding import BadInput
from tasuki_server.database.django_settings import VARIABLES, point_django_at
from tasuki_server.steady_heap import keep_heap_still


def preload(module: str) -> None:
    """共有の読込み — the application, every view, the masters; nothing that a process must have for itself.

    Raises ``RuntimeError`` when something of that kind came with it: two processes would talk over one connection, or wait
    for a thread that stayed behind.
    """
    import_module(module)
    get_resolver().check()
    _load_masters()
    if threading.active_count() > 1:
        raise RuntimeError(
            f"threads before the processes part: {[each.name for each in threading.enumerate()]}"
        )
    if any(each.connection is not None for each in connections.all(initialized_only=True)):
        raise RuntimeError("a connection before the processes part")
    keep_heap_still()


def knows_places() -> bool:
    """接続先が分かっているか — every generation after the first is told when it is started."""
    return VARIABLES["default"] in os.environ


def take_places(told: IO[bytes]) -> bool:
    """接続先の受取り — waits for the roles' connections (one line of JSON); False when ``up`` went away without telling."""

    line = told.readline()
    if not line:
        return False
    os.environ.update(json.loads(line))
    point_django_at()
    return True


def _load_masters() -> None:
    from tasuki_server.exchange.checking import validator
    from tasuki_server.masters_source import current_book

    validator()
    try:
        current_book()
    except (BadInput, OSError):
        # Whoever needs the masters is told; the other pages are served.
        return
