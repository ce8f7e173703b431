# SPDX-License-Identifier: Apache-2.0
"""時間外の利用 — at an hour that is neither in the roster nor usual for this person."""

from __future__ import annotations

from tasuki.security.misuse.act import Act, Mark, day_of, hour_of
from tasuki.security.misuse.rule import RECORDS, Knobs, Rule, Severity, State, Suspicion


def judge(act: Act, now: int, state: State, knobs: Knobs) -> Suspicion | None:
    """時間外の判定 — usual is the share of one's own days on which this hour saw an act of theirs."""
    if not act.actor:
        return None
    own = state.setdefault(
        act.actor, {"day": 0, "days": 0, "seen": 0, "first": day_of(now), "hours": [0] * 24}
    )
    day, hour = day_of(now), hour_of(now)
    if own["day"] != day:
        for each in range(24):
            own["hours"][each] += own["seen"] >> each & 1
        own.update(day=day, days=own["days"] + bool(own["day"]), seen=0)
    # Hours that raised alerts teach too: who begins to work late is told of a few times, not for ever.
    own["seen"] |= 1 << hour
    days = own["days"]
    # Who hardly ever opens a record has few days to learn from, and nothing to look for at night.
    is_new = days < knobs["learning_days"] and day - own["first"] < 2 * knobs["learning_days"]
    if Mark.ON_DUTY in act.marks or is_new:
        return None
    share = own["hours"][hour] * 100 // max(days, 1)
    if share >= knobs["usual_percent"]:
        return None
    return Suspicion(f"{act.actor}:{day}", {"hour": hour, "days": days, "share": share}, (act.number,))


RULE = Rule("U03", RECORDS, {"usual_percent": 5, "learning_days": 20}, Severity.REVIEW, 1440, judge)
