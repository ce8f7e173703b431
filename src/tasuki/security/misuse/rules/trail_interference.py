# SPDX-License-Identifier: Apache-2.0
"""記録への干渉 — a gap in the trail, a clock that went back, a late checkpoint, a watch that was stopped."""

from __future__ import annotations

from tasuki.security.misuse.act import Act, ActKind
from tasuki.security.misuse.rule import EVERY, Knobs, Rule, Severity, State, Suspicion


def judge(act: Act, now: int, state: State, knobs: Knobs) -> Suspicion | None:
    """記録への干渉の判定 — what the feeder reports, and what the numbers and times of the events themselves show."""
    last = state.get("last")
    state["last"] = [act.number, max(now, last[1]) if last else now]
    if act.kind is ActKind.TRAIL_FAULT:
        return Suspicion(act.fault, {"fault": act.fault}, (act.number,))
    if last is None:
        return None
    if act.number != last[0] + 1:
        return Suspicion("gap", {"fault": "gap", "after": last[0]}, (last[0], act.number))
    if last[1] - now > knobs["back_seconds"]:
        return Suspicion("clock", {"fault": "clock", "seconds": last[1] - now}, (last[0], act.number))
    return None


RULE = Rule("U15", EVERY, {"back_seconds": 300}, Severity.URGENT, 60, judge, is_immediate=True)
