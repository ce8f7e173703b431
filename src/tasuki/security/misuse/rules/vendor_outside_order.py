# SPDX-License-Identifier: Apache-2.0
"""作業指示の外の保守 — a maintenance account that acts without a work order, outside its scope, or takes data out."""

from __future__ import annotations

from tasuki.security.misuse.act import Act, ActKind, Mark
from tasuki.security.misuse.rule import EVERY, Knobs, Rule, Severity, State, Suspicion

MAINTENANCE = "maintenance"


def judge(act: Act, now: int, state: State, knobs: Knobs) -> Suspicion | None:
    """作業指示の外の判定 — the feeder leaves ``work_order`` empty outside the order's window.

    Cite: 医療情報システムの安全管理に関するガイドライン 第6.0版 システム運用編 7②、10④
    """
    if MAINTENANCE not in act.roles:
        return None
    if not act.work_order:
        why = "no_order"
    elif Mark.OUTSIDE_SCOPE in act.marks:
        why = "scope"
    elif act.kind is ActKind.EXPORT:
        why = "export"
    else:
        return None
    return Suspicion(f"{act.account}:{why}", {"why": why, "work_order": act.work_order}, (act.number,))


RULE = Rule("U12", EVERY, {}, Severity.URGENT, 60, judge, is_immediate=True)
