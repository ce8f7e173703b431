# SPDX-License-Identifier: Apache-2.0
"""閲覧の控え — whose rows are loaded while a page is made, so that the trail names them without a room's doing.

Every row that carries a patient tells it as it is loaded. A room only speaks where that is not the truth: rows that
are compared or summed and not shown (:func:`unseen`), and patients who are shown without a row (:func:`saw`).
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tasuki_server.institutions.work import current_work, has_work

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from uuid import UUID


def saw(patients: Iterable[UUID]) -> None:
    """閲覧の控え — of patients whose data a page shows without their rows, as in a file that was made before."""
    if has_work():
        seen = current_work().seen
        if seen is not None:
            seen.update(patients)


@contextmanager
def unseen() -> Iterator[None]:
    """見せない読込み — rows loaded inside are worked with and not shown."""
    work = current_work() if has_work() else None
    if work is None:
        yield
        return
    kept, work.seen = work.seen, None
    try:
        yield
    finally:
        work.seen = kept
