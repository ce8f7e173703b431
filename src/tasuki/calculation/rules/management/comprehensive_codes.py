# SPDX-License-Identifier: Apache-2.0
"""包括的な管理料 — the fees that contain the other management of a visit or month."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft

LIFESTYLE_FEES = frozenset(("113041710", "113041810", "113041910", "113707110", "113707210"))
# 小児科外来診療料, 小児かかりつけ診療料１・２: 処方箋あり 初診・再診, なし 初診・再診.
PAEDIATRIC_OUTPATIENT = ("113003510", "113003610", "113003710", "113003810")
PAEDIATRIC_HOME_DOCTOR = (
    ("113037210", "113037310", "113037410", "113037510"),
    ("113037610", "113037710", "113037810", "113037910"),
)
PAEDIATRIC_FEES = frozenset((*PAEDIATRIC_OUTPATIENT, *PAEDIATRIC_HOME_DOCTOR[0], *PAEDIATRIC_HOME_DOCTOR[1]))
# 地域包括診療料１・２, 認知症地域包括診療料１・２ (令和6年度).
COMMUNITY_CARE_FEES = frozenset(("113024810", "113015810", "113025710", "113018410"))
MONTHLY = LIFESTYLE_FEES | COMMUNITY_CARE_FEES


def is_comprehensive(case: Case, draft: Draft) -> bool:
    """包括的な管理料の有無 — whether such a fee stands today or was billed this month, so nothing is proposed beside it."""
    standing = draft.codes()
    if not standing.isdisjoint(MONTHLY) or not standing.isdisjoint(PAEDIATRIC_FEES):
        return True
    return case.billed_this_month(MONTHLY) is not None
