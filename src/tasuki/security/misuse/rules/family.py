# SPDX-License-Identifier: Apache-2.0
"""家族・同じ住所の閲覧 — someone of one's own household, looked at outside their care."""

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


def judge(act: Act, now: int, state: State, knobs: Knobs) -> Suspicion | None:
    """家族の判定 — on the day of their visit, and as a receipt, only when the clinic asks for that too."""
    if Mark.FAMILY not in act.marks or is_usual_work(act, knobs):
        return None
    return on_patient(act, {"room": act.room})


RULE = Rule("U07", RECORDS, {"on_visit_days_too": 0, "receipts_too": 0}, Severity.REVIEW, 1440, judge)
