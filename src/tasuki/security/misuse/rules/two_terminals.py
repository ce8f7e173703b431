# SPDX-License-Identifier: Apache-2.0
"""二つの端末での同時利用 — one account acts to and fro between sessions, as two people do and one cannot."""

from __future__ import annotations

from tasuki.security.misuse.act import Act
from tasuki.security.misuse.rule import RECORDS, Knobs, Rule, Severity, State, Suspicion
from tasuki.security.misuse.windows import slide

WINDOW_SECONDS = 600


def judge(act: Act, now: int, state: State, knobs: Knobs) -> Suspicion | None:
    """同時利用の判定 — in the clinic people walk between terminals; between two addresses nobody walks in minutes."""
    if not act.account or not act.session:
        return None
    last = state.get(act.account)
    if last is None or last["session"] == act.session:
        turns = last["turns"] if last else []
        state[act.account] = {
            "session": act.session,
            "address": act.address,
            "at": now,
            "number": act.number,
            "turns": turns,
        }
        return None
    turns = last["turns"]
    slide(turns, now - WINDOW_SECONDS)
    if now - last["at"] < WINDOW_SECONDS:
        turns.append([now, last["number"], act.number, int(last["address"] != act.address)])
    state[act.account] = {
        "session": act.session,
        "address": act.address,
        "at": now,
        "number": act.number,
        "turns": turns,
    }
    away = sum(each[3] for each in turns)
    if len(turns) < knobs["turns"] and away < knobs["turns_between_addresses"]:
        return None
    evidence = tuple(number for each in turns for number in each[1:3])
    return Suspicion(act.account, {"turns": len(turns), "away": away}, evidence)


RULE = Rule(
    "U19",
    RECORDS,
    {"turns": 4, "turns_between_addresses": 2},
    Severity.NOTICE,
    720,
    judge,
    is_immediate=True,
)
