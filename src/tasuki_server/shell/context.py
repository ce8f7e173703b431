# SPDX-License-Identifier: Apache-2.0
"""画面の共通値 — what the frame of every page shows."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from tasuki.security.permissions import Permission
from tasuki_server import __version__
from tasuki_server.accounts.step_up import seconds_proved
from tasuki_server.shell.menu import MENU


def shell(request: HttpRequest) -> dict[str, Any]:
    """共通値 — the member of staff, the institution and the menu they may use."""
    staff = getattr(request, "staff", None)
    held = staff.permissions() if staff is not None and staff.is_active else frozenset[Permission]()
    menu: list[dict[str, Any]] = []
    for entry in MENU:
        if entry.permission not in held:
            continue
        try:
            url = reverse(entry.view_name)
        except NoReverseMatch:
            continue
        menu.append({"url": url, "label": entry.label, "key": entry.key})
    # The day's takings lie below the desk's address: the longest that fits is where one is.
    here = max((entry["url"] for entry in menu if _covers(entry["url"], request.path)), key=len, default="")
    for entry in menu:
        entry["is_here"] = entry["url"] == here
    return {
        "staff": staff,
        "institution": getattr(request, "institution", None),
        "menu": menu,
        "may": {permission.name: permission in held for permission in Permission},
        "tasuki_version": __version__,
        "proved_seconds": seconds_proved(request) if staff is not None else 0,
    }


def _covers(url: str, path: str) -> bool:
    return url == path if url == "/" else path.startswith(url)
