# SPDX-License-Identifier: Apache-2.0
"""ありえない移動 — one account at two places between which nobody travels so fast, or at two sites at once."""

from __future__ import annotations

from tasuki.security.misuse.act import Act, ActKind
from tasuki.security.misuse.prefecture_places import kilometres
from tasuki.security.misuse.rule import Knobs, Rule, Severity, State, Suspicion


def judge(act: Act, now: int, state: State, knobs: Knobs) -> Suspicion | None:
    """ありえない移動の判定 — against the account's last sign-in whose place was known."""
    if not act.place or not act.account:
        return None
    last = state.get(act.account)
    state[act.account] = [now, act.place, act.number, act.session]
    if last is None or last[1] == act.place:
        return None
    seconds = max(now - last[0], 1)
    distance = kilometres(last[1], act.place)
    speed = distance * 3600 // seconds
    is_at_once = not distance and seconds < knobs["at_once_minutes"] * 60 and last[3] != act.session
    if speed <= knobs["km_per_hour"] and not is_at_once:
        return None
    facts = {"from": last[1], "to": act.place, "km": distance, "minutes": seconds // 60}
    return Suspicion(act.account, facts, (last[2], act.number))


RULE = Rule(
    "U01",
    frozenset({ActKind.SIGN_IN}),
    {"km_per_hour": 500, "at_once_minutes": 5},
    Severity.URGENT,
    720,
    judge,
    is_immediate=True,
)
