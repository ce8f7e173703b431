# SPDX-License-Identifier: Apache-2.0
"""緊急閲覧の使い過ぎ — opened in an emergency more often in a month than this person ever does."""

from __future__ import annotations

from tasuki.security.misuse.act import Act, ActKind
from tasuki.security.misuse.rule import Knobs, Rule, Severity, State, Suspicion
from tasuki.security.misuse.windows import keep, percentile


def judge(act: Act, now: int, state: State, knobs: Knobs) -> Suspicion | None:
    """緊急閲覧の判定 — above a floor and one's own 95th percentile of months."""
    if not act.actor:
        return None
    month = act.at.year * 12 + act.at.month
    own = state.setdefault(act.actor, {"month": month, "numbers": [], "past": []})
    limit = max(knobs["per_month"], percentile(own["past"], 95))
    if own["month"] != month:
        # A month that raised an alert teaches nothing.
        if len(own["numbers"]) <= limit:
            keep(own["past"], len(own["numbers"]))
        own.update(month=month, numbers=[])
    own["numbers"].append(act.number)
    if len(own["numbers"]) <= limit:
        return None
    return Suspicion(
        f"{act.actor}:{month}", {"count": len(own["numbers"]), "limit": limit}, tuple(own["numbers"])
    )


RULE = Rule("U20", frozenset({ActKind.BREAK_GLASS}), {"per_month": 3}, Severity.REVIEW, 10_080, judge)
