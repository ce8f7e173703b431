# SPDX-License-Identifier: Apache-2.0
"""件ごとの点検 — 受付・事務点検 and the checks of content of `./tasuki claims check`, over ranges of the files in all processes.

The files beside the claims may be a year of them: the processes share what this one read, where the system allows it, and
elsewhere each reads them for itself. A range is some two thousand receipts.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from tasuki.claims.tables.office import Unit, unit_findings, units_of
from tasuki.kernel.workers import can_share, in_order
from tasuki_server.cli.claims_beside import Beside, is_starter
from tasuki_server.cli.words import progress

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator

    from tasuki.claims.columns.ranges import FilePlan
    from tasuki.claims.content import Content
    from tasuki.claims.tables.report import Told
    from tasuki.masters.book import Book


class Checking:
    """件ごとの点検 — what a process holds: the masters, the files beside the claims, and the institution it is at."""

    def __init__(self, book: Book, beside: Beside | None, *, is_office: bool) -> None:
        self._beside = beside
        # The starter does not hold every code: its lack of one is no error of a claim.
        self._judging = book if is_office or (beside is not None and not is_starter(book)) else None
        self._institution = ""
        self._content: Content | None = None
        self._ready: dict[str, Content] = {}

    def make_ready(self, institutions: Iterable[str]) -> None:
        """照らす相手の用意 — of all institutions at once, for processes that share it: looking through it would copy it."""
        if self._beside is not None:
            self._ready = {each: self._beside.content(each[3:]) for each in dict.fromkeys(institutions)}

    def unit(self, unit: Unit) -> tuple[Told, ...]:
        """一単位の点検 — the findings of a range or a file."""
        # The institution of a plan is prefecture, fee table and its code.
        institution = unit.plan.institution
        if institution in self._ready:
            self._content = self._ready[institution]
        elif self._beside is not None and (self._content is None or institution != self._institution):
            self._content = self._beside.content(institution[3:])
        self._institution = institution
        return unit_findings(unit, self._judging, self._content)


def receipt_findings(
    plans: Iterable[FilePlan],
    to_read: Container[str],
    args: argparse.Namespace,
    beside: Beside | None,
    workers: int,
) -> Iterator[Told]:
    """件ごとの点検 — the findings of all files in order; each is told the same whatever the number of processes.

    Without ``--office`` and ``--content`` (``beside``) what the reader says of the files ``to_read``.
    """
    from tasuki_server.masters_source import current_book

    is_checked = args.office or beside is not None
    units = [
        unit
        for plan in plans
        if not plan.is_past
        for unit in units_of(plan, is_checked=is_checked, is_reported=plan.path in to_read)
    ]
    if workers <= 1 or len(units) <= 1 or not is_checked:
        checking = Checking(current_book(), beside, is_office=args.office)
        answers: Iterator[tuple[Told, ...]] = map(checking.unit, units)
    else:
        count = min(workers, len(units))
        if beside is not None and can_share():
            checking = Checking(current_book(), beside, is_office=args.office)
            checking.make_ready(unit.plan.institution for unit in units)
            answers = in_order(_unit, units, count, _hold, (checking,), is_shared=True)
        else:
            answers = in_order(_unit, units, count, _open, (args,))
    for done, found in enumerate(answers, 1):
        if is_checked:
            progress(f"[{done}/{len(units)}] 件ごとの点検", f"[{done}/{len(units)}] receipt by receipt")
        yield from found


_held: list[Checking] = []


def _open(args: argparse.Namespace) -> None:
    from tasuki_server.masters_source import current_book

    book = current_book()
    beside = Beside(args, book, is_told=False) if args.content else None
    _hold(Checking(book, beside, is_office=args.office))


def _hold(checking: Checking) -> None:
    _held[:] = [checking]


def _unit(unit: Unit) -> tuple[Told, ...]:
    return _held[0].unit(unit)
