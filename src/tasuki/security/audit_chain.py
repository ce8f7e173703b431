# SPDX-License-Identifier: Apache-2.0
"""監査証跡の連鎖 — each event's link covers the one before, so a change, a gap or a swap shows."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

FIRST_LINK = "0" * 64


class Event(NamedTuple):
    """監査記録 — what is chained; every part is text but the number and the detail."""

    institution: str
    number: int
    at: str
    actor: str
    staff: str
    action: str
    subject: str
    subject_id: str
    patient: str
    detail: Mapping[str, object]
    address: str = ""
    session: str = ""
    purpose: str = ""


class Break(NamedTuple):
    """連鎖の破れ — the event at which the chain stops being true, and how."""

    number: int
    kind: str


_OLDEST_PARTS = 10


def canonical(event: Event) -> bytes:
    """正規形 — one spelling of an event, the same on every machine.

    An event without address, session and purpose is spelt as the first trails spelt it, so that they still hold;
    no two events share a spelling, because the number of parts tells them apart.
    """
    parts = list(event) if any(event[_OLDEST_PARTS:]) else list(event[:_OLDEST_PARTS])
    return json.dumps(parts, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def patients_digest(patients: Iterable[str]) -> str:
    """患者の一覧の要約 — of everyone a list showed, in any order; the event that is chained carries it.

    >>> patients_digest(["b", "a"]) == patients_digest(["a", "b"]) != patients_digest(["a"])
    True
    """
    return hashlib.sha256("\n".join(sorted(patients)).encode()).hexdigest()


def link_of(previous: str, event: Event) -> str:
    """連鎖値 — SHA-256 over the previous link and the event.

    >>> first = Event("i", 1, "2026-06-01T00:00:00", "a", "", "chart.read", "", "", "", {})
    >>> link_of(FIRST_LINK, first) == link_of(FIRST_LINK, first._replace(actor="b"))
    False
    """
    return hashlib.sha256(previous.encode() + b"\n" + canonical(event)).hexdigest()


def seal_of(key: bytes, link: str) -> str:
    """封印 — an HMAC of the link, which nobody can renew who lacks the key."""
    return hmac.new(key, link.encode(), hashlib.sha256).hexdigest()


def check_chain(rows: Iterable[tuple[Event, str, str]], key: bytes) -> Iterator[Break]:
    """連鎖の検証 — breaks in order: ``gap`` in the numbers, ``link`` that does not follow, ``seal`` that is not ours."""
    previous, expected = FIRST_LINK, 1
    for event, link, seal in rows:
        if event.number != expected:
            yield Break(event.number, "gap")
        if link_of(previous, event) != link:
            yield Break(event.number, "link")
        if not hmac.compare_digest(seal_of(key, link), seal):
            yield Break(event.number, "seal")
        previous, expected = link, event.number + 1
