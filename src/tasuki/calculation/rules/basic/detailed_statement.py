# SPDX-License-Identifier: Apache-2.0
"""明細書発行体制等加算 — at every revisit to a clinic that gives free detailed statements (A001 注11)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation import places
from tasuki.calculation.base_fee import REVISIT_FAMILY, standing_base
from tasuki.calculation.rule import Advice, Denial, rule, usual_proposal
from tasuki.facility.standards import FREE_STATEMENT, R8_DIGITAL
from tasuki.kernel.because import facts

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.calculation.rule import Outcome

DETAILED_STATEMENT = "112015770"
DIGITAL_AT_REVISIT = "112709570"
_NOT_BESIDE_DIGITAL = Denial(DETAILED_STATEMENT, DIGITAL_AT_REVISIT, facts(reason="digital_notified"))


@rule(
    "A001/detailed_statement",
    title="明細書発行体制等加算",
    cite="医科点数表 A001 注11",
    since=date(2024, 6, 1),
    until=date(2026, 5, 31),
    families=(REVISIT_FAMILY,),
    at=places.is_clinic,
)
def detailed_statement_r6(case: Case, draft: Draft) -> Outcome:
    """明細書発行体制等加算 — a point at each revisit, also for those who decline the paper."""
    return _propose(case, draft)


@rule(
    "A001/detailed_statement",
    title="明細書発行体制等加算",
    cite="医科点数表 A001 注11・注19; 通知 A000 (30), A001 (15)",
    since=date(2026, 6, 1),
    families=(REVISIT_FAMILY,),
    at=places.is_clinic,
)
def detailed_statement_r8(case: Case, draft: Draft) -> Outcome:
    """明細書発行体制等加算 — from 令和8年度 never at an institution that notified 電子的診療情報連携体制整備加算."""
    if case.premises.first_notified(R8_DIGITAL) is not None:
        return _NOT_BESIDE_DIGITAL
    return _propose(case, draft)


def _propose(case: Case, draft: Draft) -> Outcome:
    if not case.has_standard(FREE_STATEMENT):
        return Advice(DETAILED_STATEMENT, facts(missing=case.standard_names((FREE_STATEMENT,))))
    return usual_proposal(DETAILED_STATEMENT, standing_base(draft).code)
