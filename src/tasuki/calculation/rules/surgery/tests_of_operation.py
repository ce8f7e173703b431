# SPDX-License-Identifier: Apache-2.0
"""手術に伴う画像診断・検査 — operations whose notes take imaging and tests into their points."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation.flags import Flag
from tasuki.calculation.rule import Advice, Denial, Stage, rule
from tasuki.kernel.because import facts

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.calculation.rule import Outcome

# 「手術に伴う画像診断及び検査の費用は算定しない」, and 通知 K617-6.
CONTAINING = frozenset((
    "K141-3", "K142-4", "K178", "K178-2", "K178-3", "K254", "K508-4", "K595", "K595-2", "K599-5", "K609-2",
    "K609-3", "K613", "K615", "K615-2", "K616", "K616-3", "K616-4", "K616-5", "K616-6", "K616-7", "K617-4",
    "K617-5", "K617-6", "K682-3", "K689", "K689-2", "K771", "K775", "K800-3", "K821-3", "K823-3",
))  # fmt: skip
ULTRASOUND = frozenset(("D215", "D215-2"))
_FIRST_BODY_TEST, _LAST_BODY_TEST = 200, 325


@rule(
    "K000/tests_of_operation",
    title="手術に伴う画像診断・検査",
    cite="医科点数表 K254, K616〜K617-5, K823-3 等の注; 通知 K617-4(1), K617-6",
    since=date(2024, 6, 1),
    stage=Stage.CONDITION,
    sections=CONTAINING,
)
def tests_of_operation(case: Case, draft: Draft) -> tuple[Outcome, ...] | None:
    """手術に伴う画像診断・検査 — imaging and ultrasound of the visit fall; another test of the body is shown.

    What has nothing to do with the operation is recorded by a flag.
    """
    operation = next((act for act in draft.acts() if act.section in CONTAINING and not act.is_addition), None)
    if operation is None or case.has_flag(Flag.UNRELATED_TO_OPERATION):
        return None
    outcomes: list[Outcome] = []
    for unit in draft.units:
        for line in unit.lines:
            chapter, section = getattr(line.row, "chapter", ""), getattr(line.row, "section", "")
            if getattr(line.row, "is_addition", True):
                continue
            if chapter == "E" or section in ULTRASOUND:
                outcomes.append(Denial(line.code, operation.code, group=unit.group))
            elif chapter == "D" and _FIRST_BODY_TEST <= _number(section) <= _LAST_BODY_TEST:
                outcomes.append(Advice(line.code, facts(lost_to=operation.code)))
    return tuple(outcomes) or None


def _number(section: str) -> int:
    return int(section[1:4]) if section[1:4].isdecimal() else 0
