# SPDX-License-Identifier: Apache-2.0
"""主たる麻酔 — several anaesthesias for one purpose are the main one (第11部麻酔 通則4)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation.rule import Advice, Denial, Stage, rule
from tasuki.calculation.rules.standing_acts import done, ranked
from tasuki.kernel.because import facts

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.calculation.rule import Outcome

ANAESTHESIA = frozenset(("L000", "L001", "L001-2", "L002", "L004", "L005", "L006", "L007", "L008"))
BLOCKS = frozenset(("L100", "L101"))
CLOSED_CIRCUIT = "L008"
# 硬膜外麻酔併施加算 by the place of the epidural, which L008 takes in place of L002.
BESIDE_CLOSED_CIRCUIT = {"150232610": "150247470", "150232710": "150247570", "150232810": "150247670"}


@rule(
    "L000/one_anaesthesia",
    title="同一の目的の麻酔",
    cite="医科点数表 第11部麻酔 通則4, L008 注4; 通知 第11部 5",
    since=date(2024, 6, 1),
    stage=Stage.CONDITION,
    sections=ANAESTHESIA,
)
def one_anaesthesia(_case: Case, draft: Draft) -> tuple[Outcome, ...] | None:
    """主たる麻酔 — the anaesthesia of most points stands; a nerve block beside it is shown to a human.

    With 閉鎖循環式全身麻酔 an epidural becomes its addition, which is advised.
    """
    found = ranked(done(draft, ANAESTHESIA))
    if not found:
        return None
    main = found[0].row
    outcomes: list[Outcome] = []
    for each in found[1:]:
        outcomes.append(Denial(each.row.code, main.code, facts(), group=each.unit.group))
        beside = BESIDE_CLOSED_CIRCUIT.get(each.row.code)
        if beside and main.section == CLOSED_CIRCUIT and beside not in draft.codes():
            outcomes.append(Advice(beside, facts(name=each.row.name, reason="epidural")))
    outcomes.extend(Advice(each.row.code, facts(lost_to=main.code)) for each in done(draft, BLOCKS))
    return tuple(outcomes) or None
