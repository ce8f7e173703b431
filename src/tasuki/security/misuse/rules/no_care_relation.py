# SPDX-License-Identifier: Apache-2.0
"""診療関係のない閲覧 — a chart of someone with no visit, booking, order or referral near the day."""

from __future__ import annotations

from tasuki.security.misuse.act import Act, ActKind, Mark, day_of
from tasuki.security.misuse.rule import Knobs, Rule, Severity, State, Suspicion

# 受付・医事の仕事は、受診のない患者も開く。
_DESK = frozenset({"reception", "clerk"})
_LINKED = frozenset({Mark.IN_CARE, Mark.VISIT_TODAY, Mark.RELATION_UNKNOWN, Mark.SELF})
_OTHER_PURPOSES = frozenset({"HPAYMT", "ETREAT", "PATRQT", "HSYSADMIN"})


def judge(act: Act, now: int, state: State, knobs: Knobs) -> Suspicion | None:
    """診療関係の判定 — desks are left out, and so is opening in an emergency, which is reviewed each time.

    One case a person and day, with every chart in its evidence: someone who opens fifty strangers is one worry.
    """
    if not act.patient or not act.actor or act.marks & _LINKED or act.purpose in _OTHER_PURPOSES:
        return None
    if _DESK.intersection(act.roles):
        return None
    return Suspicion(f"{act.actor}:{day_of(now)}", {"room": act.room}, (act.number,))


RULE = Rule("U06", frozenset({ActKind.VIEW, ActKind.PRINT}), {}, Severity.REVIEW, 1440, judge)
