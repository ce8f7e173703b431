# SPDX-License-Identifier: Apache-2.0
"""手術の対象疾患 — operations whose note names the disease they are paid for."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from tasuki.calculation.diseases import is_charted
from tasuki.calculation.rule import Advice, Stage, rule
from tasuki.kernel.because import facts

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft


class Named(NamedTuple):
    """対象疾患 — as the note names it, and its ICD-10 blocks."""

    words: str
    icd10: tuple[str, ...]


NAMED = {
    "K026-2": Named("変形性股関節症", ("M16",)),
    "K509-2": Named("成人の肺胞蛋白症", ("J840",)),
    "K800-3": Named("間質性膀胱炎", ("N301",)),
}


@rule(
    "K000/named_disease",
    title="手術の対象疾患",
    cite="医科点数表 K026-2 注, K509-2 注, K800-3 注1",
    since=date(2024, 6, 1),
    stage=Stage.CHECK,
    sections=tuple(NAMED),
)
def named_disease(case: Case, draft: Draft) -> tuple[Advice, ...] | None:
    """手術の対象疾患 — where the disease of the note is not charted, the operation is shown with the disease it is for."""
    advice = [
        Advice(act.code, facts(disease=NAMED[act.section].words))
        for act in draft.acts()
        if act.section in NAMED and not act.is_addition and not is_charted(case, NAMED[act.section].icd10)
    ]
    return tuple(advice) or None
