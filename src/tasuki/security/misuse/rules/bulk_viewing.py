# SPDX-License-Identifier: Apache-2.0
"""大量閲覧 — far more patients in ten minutes, or in a day, than this person ever needs."""

from __future__ import annotations

from tasuki.security.misuse.act import Act, ActKind, day_of
from tasuki.security.misuse.rule import Knobs, Rule, Severity, State, Suspicion
from tasuki.security.misuse.windows import Baseline, slide

WINDOW_SECONDS = 600


def judge(act: Act, now: int, state: State, knobs: Knobs) -> Suspicion | None:
    """大量閲覧の判定 — charts and receipts are counted apart: at the month's end hundreds of receipts are normal."""
    if not act.actor or not act.patient:
        return None
    key, day = f"{act.actor}:{act.room}", day_of(now)
    own = state.setdefault(key, {"recent": [], "day": 0, "patients": {}})
    if own["day"] != day:
        own.update(day=day, patients={})
    recent: list[list[int | str]] = own["recent"]
    slide(recent, now - WINDOW_SECONDS)
    recent.append([now, act.patient, act.number])
    own["patients"].setdefault(act.patient, act.number)
    quick, whole = Baseline(state, f"{key}:10"), Baseline(state, f"{key}:day")
    quick.turn(day)
    whole.turn(day)
    in_window = len({each[1] for each in recent}) if len(recent) > quick.own["top"] else 0
    in_day = len(own["patients"])
    quick_limit = quick.limit(knobs["per_10_minutes"], knobs["times_usual"])
    day_limit = whole.limit(knobs["per_day"], knobs["times_usual"])
    is_quick, is_long = quick.see(in_window, quick_limit), whole.see(in_day, day_limit)
    if is_quick:
        facts = {"patients": in_window, "minutes": 10, "limit": quick_limit}
        return Suspicion(key, facts, tuple(int(each[2]) for each in recent))
    if is_long:
        facts = {"patients": in_day, "minutes": 1440, "limit": day_limit}
        return Suspicion(key, facts, tuple(own["patients"].values())[-100:])
    return None


RULE = Rule(
    "U04",
    frozenset({ActKind.VIEW, ActKind.API}),
    {"per_10_minutes": 30, "per_day": 100, "times_usual": 3},
    Severity.URGENT,
    720,
    judge,
    is_immediate=True,
)
