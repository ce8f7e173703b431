# SPDX-License-Identifier: Apache-2.0
"""閲覧の記録 — at the end of a page: one event of reading, which names everyone the page showed.

Rooms note what they know best (``chart.read`` of a visit). Here the notes of one request become one event, and whoever
was loaded and not named is named, so that a room that notes nothing is in the trail all the same.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tasuki_server.institutions.work import PendingEvent

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from tasuki_server.institutions.work import Work

READING = frozenset({"read", "search", "print", "export"})
# What any page about a patient notes; an event that says more of the page goes before it.
_PLAIN = "patient.read"
# Covered by the act itself, when the act is about the same patient.
_COVERED = frozenset({"read", "search"})


def is_reading(event: PendingEvent) -> bool:
    """閲覧か — an event by which data were shown, printed or handed out, and nothing was changed."""
    return event.action.rpartition(".")[2] in READING


def settle_sights(work: Work, page: str, *, is_shown: bool) -> None:
    """閲覧の記録の整理 — of everything the request noted; ``page`` is its name, for a page that noted nothing.

    ``is_shown`` is False for an answer without content, such as a way to another page.
    """
    acts = [event for event in work.events if not is_reading(event)]
    reads = [event for event in work.events if is_reading(event)]
    about = _named(acts)
    reads = [event for event in reads if not _is_covered(event, about)]
    seen = set(work.seen or ()) - about if is_shown else set()
    work.events[:] = [*acts, *_one(reads, seen, page)]


def reads_of(work: Work, page: str) -> list[PendingEvent]:
    """拒否された操作で見せたもの — an act that was taken back may have shown a chart all the same."""
    reads = [event for event in work.events if is_reading(event)]
    return _one(reads, set(work.seen or ()), page)


def _one(reads: Sequence[PendingEvent], seen: set[UUID], page: str) -> list[PendingEvent]:
    if not reads:
        return [PendingEvent("page.read", page, "", None, {}).with_patients(seen)] if seen else []
    first = next((event for event in reads if event.action != _PLAIN), reads[0])
    also = sorted({event.action for event in reads} - {first.action, _PLAIN})
    detail = {key: value for event in reversed(reads) for key, value in event.detail.items()} | dict(
        first.detail
    )
    if also:
        detail["also"] = also
    whose = first.patient_id or next((event.patient_id for event in reads if event.patient_id), None)
    return [replace(first, patient_id=whose, detail=detail).with_patients(seen | _named(reads))]


def _named(events: Sequence[PendingEvent]) -> set[UUID]:
    named = {event.patient_id for event in events if event.patient_id is not None}
    return named.union(*(event.patients for event in events))


def _is_covered(event: PendingEvent, about: set[UUID]) -> bool:
    named = _named([event])
    return bool(named) and named <= about and event.action.rpartition(".")[2] in _COVERED
