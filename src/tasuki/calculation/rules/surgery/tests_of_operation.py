# SPDX-License-Identifier: Apache-2.0
"""手術に伴う画像診断・検査 — operations whose notes take imaging and tests into their points."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation.flags import Flag
from tasuki.calculation.rule import Advice, Denial, Stage, rule
from tasuki.calculation.rules.standing_acts import each_act, first_act, is_member
from tasuki.kernel.because import facts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.calculation.rule import Outcome

# 「手術に伴う画像診断及び検査の費用は算定しない」: the section → the number of its note, 0 for 通知 K617-6.
CONTAINING = {
    "K141-3": 1, "K142-4": 2, "K178": 1, "K178-2": 1, "K178-3": 1, "K254": 1, "K508-4": 1, "K546": 1,
    "K547": 1, "K548": 1, "K549": 1, "K550": 1, "K550-2": 1, "K595": 3, "K595-2": 1, "K599-5": 1,
    "K609-2": 1, "K609-3": 1, "K612": 1, "K613": 1, "K614": 1, "K615": 1, "K615-2": 1, "K616": 1,
    "K616-3": 1, "K616-4": 1, "K616-5": 1, "K616-6": 1, "K616-7": 1, "K617-4": 1, "K617-5": 1, "K617-6": 0,
    "K682-3": 1, "K689": 1, "K689-2": 1, "K771": 1, "K775": 1, "K800-3": 3, "K821-3": 1, "K823-3": 1,
}  # fmt: skip
# 「挿入に伴う（挿入時に行う）画像診断及び検査の費用は算定しない（所定点数に含まれる）」.
INSERTIONS = {
    "G005-2": 1,
    "G005-3": 1,
    "G005-4": 1,
    "K496-5": 1,
    "K637-2": 1,
    "K682": 1,
    "K682-2": 1,
    "K691-2": 1,
}
ULTRASOUND = frozenset(("D215", "D215-2"))
_FIRST_BODY_TEST, _LAST_BODY_TEST = 200, 325


@rule(
    "K000/tests_of_operation",
    title="手術に伴う画像診断・検査",
    cite="医科点数表 K254, K546〜K550-2, K616〜K617-5, K823-3 等の注; 通知 K617-4(1), K617-6",
    since=date(2024, 6, 1),
    stage=Stage.CONDITION,
    sections=CONTAINING,
)
def tests_of_operation(case: Case, draft: Draft) -> tuple[Outcome, ...] | None:
    """手術に伴う画像診断・検査 — imaging and ultrasound of the visit fall; another test of the body is shown.

    What has nothing to do with the operation is recorded by a flag.
    """
    return _with_act(case, draft, CONTAINING)


@rule(
    "G005/tests_of_insertion",
    title="カテーテル等の挿入に伴う画像診断・検査",
    cite="医科点数表 G005-2〜G005-4 注1, K496-5, K637-2, K682, K682-2, K691-2 注",
    since=date(2024, 6, 1),
    stage=Stage.CONDITION,
    sections=INSERTIONS,
)
def tests_of_insertion(case: Case, draft: Draft) -> tuple[Outcome, ...] | None:
    """挿入に伴う画像診断・検査 — as with an operation, for catheters and drains that are put in."""
    return _with_act(case, draft, INSERTIONS)


def _with_act(case: Case, draft: Draft, containing: Mapping[str, int]) -> tuple[Outcome, ...] | None:
    main = first_act(draft, lambda act: is_member(act, containing))
    if main is None or case.has_flag(Flag.UNRELATED_TO_OPERATION):
        return None
    outcomes: list[Outcome] = []
    for row, unit in each_act(draft):
        if row.is_addition:
            continue
        if row.chapter == "E" or row.section in ULTRASOUND:
            outcomes.append(Denial(row.code, main.code, group=unit.group))
        elif row.chapter == "D" and _FIRST_BODY_TEST <= _number(row.section) <= _LAST_BODY_TEST:
            outcomes.append(Advice(row.code, facts(lost_to=main.code)))
    return tuple(outcomes) or None


def _number(section: str) -> int:
    return int(section[1:4]) if section[1:4].isdecimal() else 0
