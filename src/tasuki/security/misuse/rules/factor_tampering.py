# SPDX-License-Identifier: Apache-2.0
"""二要素の入替えに続く持出し — a factor was reset, a device nobody knew signed in, and data left."""

from __future__ import annotations

from tasuki.security.misuse.act import Act, ActKind
from tasuki.security.misuse.rule import Knobs, Rule, Severity, State, Suspicion


def judge(act: Act, now: int, state: State, knobs: Knobs) -> Suspicion | None:
    """二要素の入替えの判定 — the three steps in this order, within the window."""
    devices: dict[str, int] = state.setdefault("devices", {})
    steps: dict[str, list[int]] = state.setdefault("steps", {})
    if act.kind is ActKind.FACTOR_RESET:
        if act.target:
            steps[act.target] = [now, act.number]
        return None
    taken = steps.get(act.account)
    if taken is not None and now - taken[0] > knobs["hours"] * 3600:
        del steps[act.account]
        taken = None
    if act.kind is ActKind.SIGN_IN:
        if taken is not None and len(taken) == 2 and act.device and act.device not in devices:
            taken.append(act.number)
        if act.device:
            devices[act.device] = now
        return None
    if taken is None or len(taken) < 3:
        return None
    return Suspicion(act.account, {"hours": (now - taken[0]) // 3600}, (taken[1], taken[2], act.number))


RULE = Rule(
    "U14",
    frozenset({ActKind.FACTOR_RESET, ActKind.SIGN_IN, ActKind.EXPORT, ActKind.PRINT}),
    {"hours": 48},
    Severity.URGENT,
    1440,
    judge,
    is_immediate=True,
)
