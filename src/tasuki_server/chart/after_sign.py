# SPDX-License-Identifier: Apache-2.0
"""署名のあと — rooms that do something when a chart was signed; they register themselves when their app is ready."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tasuki_server.chart.models import Note
    from tasuki_server.reception.models import Visit

AfterSign = Callable[["Visit", "Note"], None]
_acts: list[AfterSign] = []


def call_after_sign(act: AfterSign) -> None:
    """署名のあとの仕事の登録 — called in the transaction of each signature; it must not fail and not wait."""
    if act not in _acts:
        _acts.append(act)


def after_sign(visit: Visit, note: Note) -> None:
    """署名のあとの仕事 — everything that was registered, in order."""
    for act in _acts:
        act(visit, note)
