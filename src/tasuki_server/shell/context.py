# SPDX-License-Identifier: Apache-2.0
"""画面の共通値 — what the frame of every page shows."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from tasuki.security.permissions import Permission
from tasuki_server import __version__
from tasuki_server.accounts.step_up import seconds_proved
from tasuki_server.shell.menu import GROUP_KEYS, MENU


def shell(request: HttpRequest) -> dict[str, Any]:
    """共通値 — the member of staff, the institution and the menu they may use."""
    staff = getattr(request, "staff", None)
    held = staff.permissions() if staff is not None and staff.is_active else frozenset[Permission]()
    rooms = _rooms(held)
    # The day's takings lie below the desk's address: the longest that fits is where one is.
    covering = [room["url"] for room in rooms if _covers(room["url"], request.path)]
    beside = [room["url"] for room in rooms if _first(room["url"]) == _first(request.path)]
    here = max(covering, key=len) if covering else next(iter(beside), "")
    for room in rooms:
        room["is_here"] = room["url"] == here
    return {
        "staff": staff,
        "institution": getattr(request, "institution", None),
        "menu": _top_line(rooms),
        "group_menu": next(
            (_of_group(rooms, each["group"]) for each in rooms if each["is_here"] and each["group"]), []
        ),
        "rooms": rooms,
        "may": {permission.name: permission in held for permission in Permission},
        "tasuki_version": __version__,
        "proved_seconds": seconds_proved(request) if staff is not None else 0,
    }


def _rooms(held: frozenset[Permission]) -> list[dict[str, Any]]:
    """入れる部屋 — in the order of the menu."""
    rooms: list[dict[str, Any]] = []
    for entry in MENU:
        if entry.permission not in held:
            continue
        try:
            url = reverse(entry.view_name)
        except NoReverseMatch:
            continue
        rooms.append({"url": url, "label": entry.label, "key": entry.key, "group": entry.group})
    return rooms


def _top_line(rooms: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """一段目 — rooms of a group stand behind one entry; a group of one room is that room."""
    line: list[dict[str, Any]] = []
    for room in rooms:
        group = _of_group(rooms, room["group"])
        if len(group) < 2:
            line.append(room)
        elif room is group[0]:
            is_here = any(each["is_here"] for each in group)
            label, key = room["group"], GROUP_KEYS[room["group"]]
            line.append({"url": room["url"], "label": label, "key": key, "is_here": is_here})
    return line


def _of_group(rooms: list[dict[str, Any]], group: str) -> list[dict[str, Any]]:
    """組の部屋 — none for a room that stands alone."""
    found = [room for room in rooms if group and room["group"] == group]
    return found if len(found) > 1 else []


def _first(path: str) -> str:
    """最初の部分 — a page beside a room's own belongs to that room still."""
    return path.split("/")[1]


def _covers(url: str, path: str) -> bool:
    return url == path if url == "/" else path.startswith(url)
