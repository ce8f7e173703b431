# SPDX-License-Identifier: Apache-2.0
"""情報通信機器を用いた診療の処方 — controlled drugs may not be prescribed before the patient was seen face to face."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation.base_fee import FIRST, OUTPATIENT, REVISIT, Manner
from tasuki.calculation.flags import Fact, Flag
from tasuki.calculation.psychotropics import CONTROLLED_NARCOTIC, CONTROLLED_PSYCHOTROPIC
from tasuki.calculation.rule import Advice, Stage, rule
from tasuki.kernel.because import facts

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft

FACE_TO_FACE = frozenset(
    code
    for table in (FIRST, REVISIT, OUTPATIENT)
    for (manner, _), code in table.items()
    if manner is Manner.FACE_TO_FACE
)
CONTROLLED = (CONTROLLED_NARCOTIC, CONTROLLED_PSYCHOTROPIC)


@rule(
    "A000/online_controlled_drugs",
    title="情報通信機器を用いた診療と麻薬・向精神薬",
    cite="医療法施行規則 第9条の6の13第3項; 疑義解釈その4 (令和8年4月21日) 医科 問16",
    since=date(2026, 6, 1),
    stage=Stage.CHECK,
    needs=(Flag.ONLINE, Fact.AT_HOME),
)
def online_controlled_drugs(case: Case, draft: Draft) -> Advice | None:
    """情報通信機器を用いた診療の処方 — shown when narcotics or psychotropics are prescribed to someone never seen here."""
    base = draft.base
    if base is None or draft.manner is not Manner.ONLINE:
        return None
    drug = next((each.row for each in case.prescribed if each.row.controlled in CONTROLLED), None)
    if drug is None or not FACE_TO_FACE.isdisjoint(case.history.by_code):
        return None
    return Advice(base.code, facts(drug=drug.name))
