# SPDX-License-Identifier: Apache-2.0
"""おとりカルテの閲覧 — a made-up patient that no normal work reaches was opened."""

from __future__ import annotations

from tasuki.security.misuse.act import Act, Mark
from tasuki.security.misuse.rule import EVERY, Knobs, Rule, Severity, State, Suspicion, on_patient


def judge(act: Act, now: int, state: State, knobs: Knobs) -> Suspicion | None:
    """おとりカルテの判定 — any act."""
    return on_patient(act, {"room": act.room}) if Mark.CANARY in act.marks else None


RULE = Rule("U10", EVERY, {}, Severity.URGENT, 60, judge, is_immediate=True)
