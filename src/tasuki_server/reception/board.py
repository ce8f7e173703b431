# SPDX-License-Identifier: Apache-2.0
"""受付一覧の版 — a number a day that rises with every change the board shows."""

from __future__ import annotations

from datetime import date

from django.db.models import F

from tasuki_server.reception.models import Board


def raise_board(day: date) -> None:
    """受付一覧の版上げ — something the board of a day shows has changed."""
    if not Board.objects.filter(day=day).update(version=F("version") + 1):
        locked_board(day)


def board_version(day: date) -> int:
    """受付一覧の版 — 0 for a day nobody came."""
    found = Board.objects.filter(day=day).values_list("version", flat=True).first()
    return found or 0


def locked_board(day: date) -> Board:
    """受付一覧の行 — of a day, locked for this transaction."""
    Board.objects.get_or_create(day=day, defaults={"version": 0})
    return Board.objects.select_for_update().get(day=day)
