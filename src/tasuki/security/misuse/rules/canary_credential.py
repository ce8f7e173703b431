# SPDX-License-Identifier: Apache-2.0
"""おとりの利用者の使用 — a sign-in or token that nobody was ever given was tried."""

from __future__ import annotations

from tasuki.security.misuse.act import Act, Mark
from tasuki.security.misuse.rule import EVERY, Knobs, Rule, Severity, State, Suspicion


def judge(act: Act, now: int, state: State, knobs: Knobs) -> Suspicion | None:
    """おとりの利用者の判定 — any use, also one that failed."""
    if Mark.CANARY_CREDENTIAL not in act.marks:
        return None
    return Suspicion(act.account, {"address": act.address}, (act.number,))


RULE = Rule("U11", EVERY, {}, Severity.URGENT, 60, judge, is_immediate=True)
