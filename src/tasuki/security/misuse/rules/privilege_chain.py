# SPDX-License-Identifier: Apache-2.0
"""権限の変更に続く持出し — rights were changed, and soon whoever changed or gained them took data out."""

from __future__ import annotations

from tasuki.security.misuse.act import Act, ActKind, Mark
from tasuki.security.misuse.rule import Knobs, Rule, Severity, State, Suspicion

_SENSITIVE = frozenset({ActKind.EXPORT, ActKind.FACTOR_RESET})


def judge(act: Act, now: int, state: State, knobs: Knobs) -> Suspicion | None:
    """権限の連鎖の判定 — by the account that changed, or by the one that was changed."""
    if act.kind is ActKind.RIGHT_CHANGE:
        for account in {act.account, act.target} - {""}:
            state[account] = [now, act.number]
        return None
    if act.kind not in _SENSITIVE and Mark.SEALED not in act.marks:
        return None
    changed = state.get(act.account)
    if changed is None or now - changed[0] > knobs["hours"] * 3600:
        return None
    facts: dict[str, int | str] = {"minutes": (now - changed[0]) // 60, "then": act.kind.value}
    return Suspicion(act.account, facts, (changed[1], act.number))


RULE = Rule(
    "U13",
    frozenset({ActKind.RIGHT_CHANGE, ActKind.EXPORT, ActKind.FACTOR_RESET, ActKind.VIEW}),
    {"hours": 24},
    Severity.URGENT,
    1440,
    judge,
    is_immediate=True,
)
