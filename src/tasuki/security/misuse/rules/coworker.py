# SPDX-License-Identifier: Apache-2.0
"""同僚・本人の閲覧 — a colleague's chart, or one's own, looked at outside care."""

from __future__ import annotations

from tasuki.security.misuse.act import Act, Mark
from tasuki.security.misuse.rule import RECORDS, Knobs, Rule, Severity, State, Suspicion, on_patient


def judge(act: Act, now: int, state: State, knobs: Knobs) -> Suspicion | None:
    """同僚・本人の判定 — on the day of their visit only when the clinic asks for that too; one's own always."""
    if Mark.SELF in act.marks:
        return on_patient(act, {"room": act.room, "whose": "self"})
    if Mark.COWORKER not in act.marks:
        return None
    if Mark.VISIT_TODAY in act.marks and not knobs["on_visit_days_too"]:
        return None
    return on_patient(act, {"room": act.room, "whose": "coworker"})


RULE = Rule("U08", RECORDS, {"on_visit_days_too": 0}, Severity.REVIEW, 1440, judge)
