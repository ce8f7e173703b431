# SPDX-License-Identifier: Apache-2.0
"""内視鏡を用いた手術 — the endoscopy of an endoscopic operation is part of it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation.rule import Denial, Stage, rule
from tasuki.kernel.because import facts

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.calculation.rule import Outcome

_UPPER = frozenset(("D306", "D308", "D310"))
_LOWER = frozenset(("D311", "D311-2", "D312", "D312-2", "D313"))
_BILIARY = frozenset(("D308", "D314"))
_AIRWAY = frozenset(("D302", "D302-2"))
_URINARY = frozenset(("D317", "D317-2", "D318", "D319"))
_UTERUS = frozenset(("D320", "D321"))
# Endoscopic operations → the endoscopies of the same organ.
ENDOSCOPIES = {
    **dict.fromkeys(("K653", "K653-2", "K653-3", "K654"), _UPPER),
    **dict.fromkeys(("K721", "K721-3", "K721-4", "K722"), _LOWER),
    **dict.fromkeys(("K685", "K686", "K687", "K688"), _BILIARY),
    **dict.fromkeys(("K508", "K510"), _AIRWAY),
    **dict.fromkeys(("K783", "K783-2", "K800-2", "K821", "K841-2"), _URINARY),
    **dict.fromkeys(("K872-3", "K873"), _UTERUS),
}


@rule(
    "K000/endoscopy_of_operation",
    title="内視鏡を用いた手術と同時の内視鏡検査",
    cite="通知 第10部 4",
    since=date(2024, 6, 1),
    stage=Stage.CONDITION,
    sections=ENDOSCOPIES,
)
def endoscopy_of_operation(_case: Case, draft: Draft) -> tuple[Outcome, ...] | None:
    """内視鏡を用いた手術 — the endoscopy of the same organ on that visit falls."""
    found: dict[str, str] = {}
    for act in draft.acts():
        for section in ENDOSCOPIES.get(act.section, ()):
            if not act.is_addition:
                found.setdefault(section, act.code)
    outcomes = [
        Denial(act.code, found[act.section], facts())
        for act in draft.acts()
        if act.section in found and not act.is_addition
    ]
    return tuple(outcomes) or None
