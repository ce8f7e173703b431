# SPDX-License-Identifier: Apache-2.0
"""同意撤回後の閲覧 — seen through the regional network although the patient has withdrawn their consent."""

from __future__ import annotations

from tasuki.security.misuse.act import Act, ActKind, Mark
from tasuki.security.misuse.rule import RECORDS, Knobs, Rule, Severity, State, Suspicion


def judge(act: Act, now: int, state: State, knobs: Knobs) -> Suspicion | None:
    """同意撤回後の判定 — the withdrawal is an act of the stream like every other."""
    withdrawn: dict[str, int] = state.setdefault("withdrawn", {})
    if act.kind is ActKind.CONSENT_WITHDRAWN:
        withdrawn[act.patient] = act.number
        return None
    if Mark.THROUGH_NETWORK not in act.marks or act.patient not in withdrawn:
        return None
    return Suspicion(f"{act.actor}:{act.patient}", {"room": act.room}, (withdrawn[act.patient], act.number))


RULE = Rule("U21", RECORDS | {ActKind.CONSENT_WITHDRAWN}, {}, Severity.URGENT, 60, judge, is_immediate=True)
