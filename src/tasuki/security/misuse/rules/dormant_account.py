# SPDX-License-Identifier: Apache-2.0
"""休眠利用者の復帰 — an account that nobody used for a long time signs in."""

from __future__ import annotations

from tasuki.security.misuse.act import Act, ActKind
from tasuki.security.misuse.rule import Knobs, Rule, Severity, State, Suspicion


def judge(act: Act, now: int, state: State, knobs: Knobs) -> Suspicion | None:
    """休眠の判定 — against the account's last sign-in."""
    last = state.get(act.account)
    state[act.account] = now
    if not act.account or last is None or now - last <= knobs["days"] * 86_400:
        return None
    return Suspicion(act.account, {"days": (now - last) // 86_400}, (act.number,))


RULE = Rule(
    "U18", frozenset({ActKind.SIGN_IN}), {"days": 60}, Severity.NOTICE, 1440, judge, is_immediate=True
)
