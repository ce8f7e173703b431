# SPDX-License-Identifier: Apache-2.0
"""同僚・本人の閲覧 — a colleague's chart, or one's own, looked at outside care."""

from __future__ import annotations

from tasuki.security.misuse.act import Act, Mark
from tasuki.security.misuse.rule import (
    RECORDS,
    Knobs,
    Rule,
    Severity,
    State,
    Suspicion,
    is_usual_work,
    on_patient,
)

_WHOSE = frozenset({Mark.SELF, Mark.COWORKER})


def judge(act: Act, now: int, state: State, knobs: Knobs) -> Suspicion | None:
    """同僚・本人の判定 — on the day of their visit, and as a receipt, only when the clinic asks for that too."""
    if not act.marks & _WHOSE or is_usual_work(act, knobs):
        return None
    return on_patient(act, {"room": act.room, "whose": "self" if Mark.SELF in act.marks else "coworker"})


RULE = Rule("U08", RECORDS, {"on_visit_days_too": 0, "receipts_too": 0}, Severity.REVIEW, 1440, judge)
