# SPDX-License-Identifier: Apache-2.0
"""認可の判断表 — what is expected, read from reviewed files that know nothing of decide() or of the views.

``authz_routes.tsv`` names every address, the permissions it asks and whether it concerns one patient;
``authz_roles.tsv`` who has which permission; ``authz_conditions.tsv`` what a situation does to it. An address that is
not in the file fails the drill: whoever adds one writes its row and has it reviewed.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import NamedTuple

OPEN, ASKED, CLOSED = "open", "asked", "closed"


class Entry(NamedTuple):
    """判断表の行 — of one address."""

    route: str
    permissions: tuple[str, ...]
    is_of_a_patient: bool


@cache
def entries() -> dict[str, Entry]:
    """アドレスの表 — by the name of the address."""
    rows = (line for line in _lines("authz_routes.tsv"))
    return {route: Entry(route, tuple(needed.split()), whose == "patient") for route, needed, whose in rows}


@cache
def holders() -> dict[str, frozenset[str]]:
    """権限を持つ役割 — by permission."""
    return {permission: frozenset(roles.split()) for permission, roles in _lines("authz_roles.tsv")}


@cache
def conditions() -> dict[tuple[str, str], str]:
    """状況の効果 — by situation and permission; what is not named stays open."""
    return {
        (situation, permission): effect
        for situation, permissions, effect in _lines("authz_conditions.tsv")
        for permission in permissions.split()
    }


def expected(entry: Entry, role: str, situation: str) -> str:
    """期待する答え — open, asked for a reason, or closed."""
    if not entry.permissions or any(role not in holders()[each] for each in entry.permissions):
        return CLOSED
    if not entry.is_of_a_patient:
        return OPEN
    effects = {conditions().get((situation, each), OPEN) for each in entry.permissions}
    return CLOSED if CLOSED in effects else ASKED if ASKED in effects else OPEN


def _lines(name: str) -> list[list[str]]:
    text = files("tasuki_server.drills").joinpath(name).read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]
