# SPDX-License-Identifier: Apache-2.0
"""要注意カルテの閲覧 — a chart under special guard or a sealed one, by anyone."""

from __future__ import annotations

from tasuki.security.misuse.act import Act, Mark, day_of
from tasuki.security.misuse.rule import RECORDS, Knobs, Rule, Severity, State, Suspicion


def judge(act: Act, now: int, state: State, knobs: Knobs) -> Suspicion | None:
    """要注意カルテの判定 — one notice a patient and day, which names everyone who looked."""
    is_sealed = Mark.SEALED in act.marks
    if not is_sealed and Mark.VIP not in act.marks:
        return None
    if act.room == "claims" and not knobs["receipts_too"]:
        return None
    return Suspicion(
        f"{act.patient}:{day_of(now)}", {"guard": "sealed" if is_sealed else "vip"}, (act.number,)
    )


RULE = Rule("U09", RECORDS, {"receipts_too": 0}, Severity.NOTICE, 1440, judge, is_immediate=True)
