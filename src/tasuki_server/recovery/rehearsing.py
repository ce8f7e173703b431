# SPDX-License-Identifier: Apache-2.0
"""復元の訓練の実施 — what the house holds now, what comes back, and the difference in seconds: RTO and RPO, measured and noted."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from tasuki_server.recovery.restoring import Restored


def rehearse(restore: Callable[[], Restored], until: datetime | None) -> Restored:
    """復元の訓練 — the house goes on meanwhile; the result is noted in it.

    RPO is the time between the last event of the house at the beginning, and the last event that came back. To a
    chosen second there is none.
    """
    from tasuki_server.cli.words import progress
    from tasuki_server.database.session import connected

    with connected(progress, with_owner=True):
        from tasuki_server.recovery.noting import note_rehearsal

        newest = _last_event()
    restored = restore()
    rpo = None
    if until is None and newest is not None:
        back = restored.last_event_at
        rpo = max((newest - back).total_seconds(), 0.0) if back is not None else None
    with connected(progress, with_owner=True):
        note_rehearsal(restored, until, rpo)
    return restored


def _last_event() -> datetime | None:
    from tasuki_server.recovery.proving import last_event_at

    return last_event_at()
