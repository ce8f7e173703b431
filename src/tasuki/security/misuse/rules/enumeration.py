# SPDX-License-Identifier: Apache-2.0
"""総当たり — chart numbers one after the other, or address after address that is refused or missing."""

from __future__ import annotations

from tasuki.security.misuse.act import Act, ActKind
from tasuki.security.misuse.rule import Knobs, Rule, Severity, State, Suspicion
from tasuki.security.misuse.windows import slide

WINDOW_SECONDS = 300
NEAR = 3


def judge(act: Act, now: int, state: State, knobs: Knobs) -> Suspicion | None:
    """総当たりの判定 — a run of near numbers, or a count of misses, in five minutes."""
    who = act.account or act.actor
    if not who:
        return None
    own = state.setdefault(who, {"run": [], "misses": []})
    if act.kind is ActKind.REFUSED:
        own["misses"].append([now, act.number])
        slide(own["misses"], now - WINDOW_SECONDS)
        if len(own["misses"]) < knobs["misses"]:
            return None
        return Suspicion(who, {"misses": len(own["misses"])}, tuple(each[1] for each in own["misses"]))
    if not act.patient_number:
        return None
    run: list[list[int]] = own["run"]
    step = act.patient_number - run[-1][2] if run else 0
    if run and step == 0:
        return None
    is_same_way = len(run) < 2 or (step > 0) == (run[-1][2] > run[-2][2])
    if run and (abs(step) > NEAR or not is_same_way):
        own["run"] = run = []
    run.append([now, act.number, act.patient_number])
    slide(run, now - WINDOW_SECONDS)
    if len(run) < knobs["sequential"]:
        return None
    return Suspicion(who, {"sequential": len(run)}, tuple(each[1] for each in run))


RULE = Rule(
    "U05",
    frozenset({ActKind.VIEW, ActKind.API, ActKind.REFUSED}),
    {"sequential": 15, "misses": 20},
    Severity.URGENT,
    60,
    judge,
    is_immediate=True,
)
