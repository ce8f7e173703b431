# SPDX-License-Identifier: Apache-2.0
"""パスワードの総当たり — many accounts fail from one source in a few minutes."""

from __future__ import annotations

from tasuki.security.misuse.act import Act, ActKind
from tasuki.security.misuse.rule import Knobs, Rule, Severity, State, Suspicion
from tasuki.security.misuse.windows import slide

WINDOW_SECONDS = 600


def judge(act: Act, now: int, state: State, knobs: Knobs) -> Suspicion | None:
    """パスワードの総当たりの判定 — different accounts from one address; without addresses, of the whole institution."""
    recent: list[list[int | str]] = state.setdefault("recent", {}).setdefault(act.address, [])
    recent.append([now, act.account, act.number])
    slide(recent, now - WINDOW_SECONDS)
    for address in [
        each for each, kept in state["recent"].items() if not kept or kept[-1][0] < now - WINDOW_SECONDS
    ]:
        del state["recent"][address]
    accounts = {each[1] for each in recent}
    if len(accounts) < knobs["accounts"]:
        return None
    facts: dict[str, int | str] = {"accounts": len(accounts), "address": act.address}
    return Suspicion(f"from {act.address}", facts, tuple(int(each[2]) for each in recent))


RULE = Rule(
    "U17",
    frozenset({ActKind.SIGN_IN_FAILED}),
    {"accounts": 10},
    Severity.URGENT,
    60,
    judge,
    is_immediate=True,
)
