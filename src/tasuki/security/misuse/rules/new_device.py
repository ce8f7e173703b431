# SPDX-License-Identifier: Apache-2.0
"""初めての端末 — a sign-in from a device that neither the person nor anyone of the institution has used."""

from __future__ import annotations

from tasuki.security.misuse.act import Act, ActKind
from tasuki.security.misuse.rule import Knobs, Rule, Severity, State, Suspicion


def judge(act: Act, now: int, state: State, knobs: Knobs) -> Suspicion | None:
    """初めての端末の判定 — terminals of the clinic are shared: a colleague's terminal is not new."""
    if not act.device or not act.account:
        return None
    devices: dict[str, int] = state.setdefault("devices", {})
    began = state.setdefault("began", now)
    is_new = act.device not in devices
    devices[act.device] = now
    if not is_new or now - began < knobs["learning_days"] * 86_400:
        return None
    return Suspicion(f"{act.account}:{act.device}", {"devices": len(devices)}, (act.number,))


RULE = Rule(
    "U02", frozenset({ActKind.SIGN_IN}), {"learning_days": 7}, Severity.NOTICE, 1440, judge, is_immediate=True
)
