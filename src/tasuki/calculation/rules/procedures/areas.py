# SPDX-License-Identifier: Apache-2.0
"""処置面積 — the areas of one disease are added up (J000, J053, J119の湿布処置)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from tasuki.calculation.flags import Flag
from tasuki.calculation.rule import Advice, Denial, Proposal, Stage, rule
from tasuki.calculation.rules.standing_acts import Done, done, ranked
from tasuki.kernel.because import facts

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.calculation.rule import Outcome

WOUNDS = frozenset(("J000", "J053"))
_UPTO = (Decimal(100), Decimal(500), Decimal(3000), Decimal(6000))
# The code of each class of area; below 100 cm2 an ointment belongs to the visit fee.
CLASSES = {
    "J000": ("140000610", "140000710", "140000810", "140000910", "140001010"),
    "J053": ("", "140011610", "140011710", "140011810", "140011910"),
}


@rule(
    "J000/one_disease",
    title="同一疾病の処置面積の合算",
    cite="通知 J000(1)・(2)・(6)",
    since=date(2024, 6, 1),
    stage=Stage.CONDITION,
    sections=WOUNDS,
)
def one_disease(case: Case, draft: Draft) -> tuple[Outcome, ...] | None:
    """処置面積の合算 — sites of one disease are one area, billed once by the class of their sum.

    The areas are the amounts of the orders, in cm2. That the sites are of one disease is a flag; without it or
    without the areas a human is asked.
    """
    found = ranked(done(draft, WOUNDS))
    sites = {each.unit.site for each in found}
    if len(found) < 2 or len(sites) < 2 or "" in sites:
        return None
    areas = [_area(each) for each in found]
    known = [area for area in areas if area is not None]
    total = sum(known, Decimal(0))
    if not case.has_flag(Flag.WOUNDS_OF_ONE_DISEASE) or len(known) < len(found):
        summed = total if len(known) == len(found) else None
        return tuple(Advice(each.row.code, facts(total=summed)) for each in found[1:])
    main = found[0]
    section = min(each.row.section for each in found)
    code = CLASSES[section][sum(1 for upto in _UPTO if total >= upto)]
    outcomes: list[Outcome] = [
        Denial(each.row.code, code, facts(total=total), group=each.unit.group) for each in found[1:]
    ]
    if code != main.row.code:
        outcomes.append(
            Proposal(code, facts(total=total), onto_group=main.unit.group, replaces=main.row.code)
        )
    return tuple(outcomes)


def _area(each: Done) -> Decimal | None:
    return next((line.amount for line in each.unit.lines if line.code == each.row.code), None)
