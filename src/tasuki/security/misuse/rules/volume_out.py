# SPDX-License-Identifier: Apache-2.0
"""持出しの量 — far more printed or exported in a day than this person usually does."""

from __future__ import annotations

from tasuki.security.misuse.act import Act, ActKind, day_of
from tasuki.security.misuse.rule import Knobs, Rule, Severity, State, Suspicion
from tasuki.security.misuse.windows import Baseline


def judge(act: Act, now: int, state: State, knobs: Knobs) -> Suspicion | None:
    """持出しの量の判定 — prints and exports of one kind of record, pages or patients as the act tells."""
    if not act.actor:
        return None
    key, day = f"{act.actor}:{act.kind}:{act.room}", day_of(now)
    base = Baseline(state, key)
    base.turn(day)
    today = state.setdefault(f"{key}:today", {"day": 0, "sum": 0, "numbers": []})
    if today["day"] != day:
        today.update(day=day, sum=0, numbers=[])
    today["sum"] += max(act.amount, 1)
    today["numbers"] = [*today["numbers"][-49:], act.number]
    limit = base.limit(knobs["per_day"], knobs["times_usual"])
    if not base.see(today["sum"], limit):
        return None
    return Suspicion(key, {"count": today["sum"], "limit": limit}, tuple(today["numbers"]))


RULE = Rule(
    "U16",
    frozenset({ActKind.PRINT, ActKind.EXPORT}),
    {"per_day": 100, "times_usual": 3},
    Severity.URGENT,
    720,
    judge,
    is_immediate=True,
)
