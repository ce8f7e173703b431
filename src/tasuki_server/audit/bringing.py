# SPDX-License-Identifier: Apache-2.0
"""証人への提出 — the trails of all institutions of an installation, one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django.db import OperationalError

from tasuki_server.audit.checkpoints import (
    WitnessRefused,
    bring_to_witness,
    checkpoint_in,
    log_public,
    origin_of,
)
from tasuki_server.audit.witness_desk import WitnessAway
from tasuki_server.institutions.models import Institution

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from tasuki_server.audit.checkpoints import Desk


class Brought(NamedTuple):
    """提出の結果 — of one institution: how many events the witness has seen now, or why it did not sign."""

    institution: Institution
    size: int
    fault: str


def all_institutions() -> list[Institution]:
    """すべての医療機関 — of this installation, for commands that hold the owner's connection."""
    return list(Institution.objects.using("owner").order_by("code"))


def logs() -> Iterator[tuple[str, bytes]]:
    """ログの名前と公開鍵 — what a witness has to be told once."""
    for institution in all_institutions():
        yield origin_of(institution.id), log_public()


def bring_all(desk: Desk, at: int) -> Iterator[Brought]:
    """証人への提出 — a refusal of one trail, or a chain that is busy, does not keep the others from being seen.

    A witness that is away is away for all of them: it is asked once, and not for each until its time is over.
    """
    for institution in all_institutions():
        try:
            yield Brought(institution, *_brought(institution.id, desk, at))
        except WitnessAway as away:
            yield Brought(institution, 0, str(away))
            return


def bring_one(institution_id: UUID, desk: Desk, at: int) -> tuple[int, str]:
    """一つの医療機関の提出 — how many events the witness has seen now, or why it did not sign."""
    try:
        return _brought(institution_id, desk, at)
    except WitnessAway as away:
        return 0, str(away)


def _brought(institution_id: UUID, desk: Desk, at: int) -> tuple[int, str]:
    try:
        note = bring_to_witness(institution_id, desk, at)
    except WitnessRefused as error:
        return 0, str(error)
    except OperationalError as error:
        # An act holds the chain longer than is waited for; the next round finds it free.
        return 0, f"{type(error).__name__}: {error}".strip()[:200]
    return checkpoint_in(note).size, ""
