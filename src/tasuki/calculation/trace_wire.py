# SPDX-License-Identifier: Apache-2.0
"""算定結果の形 — the members of a statement's trace (``tasuki/statement/1``) and of a problem, as published."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from tasuki.calculation.statement import LineKind
from tasuki.chart.coverage import InsuranceKind
from tasuki.chart.visit import VisitKind
from tasuki.kernel.because import Verdict
from tasuki.kernel.finding import Severity


class BecauseTrace(Struct, frozen=True, kw_only=True):
    """算定理由 — the rule or table that spoke, from which facts, with its source; lines carry the sentence too."""

    rule: str
    verdict: Verdict
    facts: dict[str, Any]
    cite: str
    row: str
    sentence: str = ""


class LineTrace(Struct, frozen=True, kw_only=True):
    """明細 — one code with what became of it; ``potential_points`` what a line not billed would have brought."""

    code: str
    name: str
    record: LineKind
    amount: str | None
    points: int
    potential_points: int
    verdict: Verdict
    text: str
    because: tuple[BecauseTrace, ...]


class UnitTrace(Struct, frozen=True, kw_only=True):
    """点数・回数算定単位 — lines that share one point value and one 回数; ``section`` is 診療識別."""

    section: str
    group: str
    order: str
    points: int
    times: int
    total_points: int
    yen: int
    programmes: tuple[str, ...] | None
    site: str
    lines: tuple[LineTrace, ...]


class FindingTrace(Struct, frozen=True, kw_only=True):
    """指摘 — a public code, the member it is about (``field``, and as JSON pointer in a problem), a Japanese message."""

    code: str
    severity: Severity
    line: int
    record: str
    field: str
    facts: dict[str, Any]
    message: str
    pointer: str = ""


class ReasonText(Struct, frozen=True, kw_only=True):
    """金額の理由 — which rule gave a yen, with its source and Japanese sentence."""

    rule: str
    cite: str
    sentence: str


class PartTrace(Struct, frozen=True, kw_only=True):
    """支払者の分 — one payer's part of a visit: its statement, its yen, and who pays them.

    ``patient_yen`` and ``payer_yen`` are null for health insurance: the month decides its share (``copay``).
    """

    payer: str
    kind: InsuranceKind | None
    label: str
    is_health: bool
    statement: StatementTrace
    points_yen: int
    act_yen: int
    tax_yen: int
    total_yen: int
    patient_yen: int | None
    payer_yen: int | None
    because: tuple[ReasonText, ...]


class PriceTrace(Struct, frozen=True, kw_only=True):
    """料金 — an item of the price list as charged; ``tax_yen`` is contained in ``patient_yen``."""

    code: str
    name: str
    kind: InsuranceKind
    times: int
    patient_yen: int
    tax_yen: int
    billed_to: str
    billed_yen: int
    because: ReasonText


class AccountTrace(Struct, frozen=True, kw_only=True):
    """支払者別の会計 — every payer's part; ``outside_yen`` is what the patient pays outside health insurance."""

    parts: tuple[PartTrace, ...]
    charges: tuple[PriceTrace, ...]
    outside_yen: int


class StatementTrace(Struct, frozen=True, kw_only=True):
    """算定結果 — of one visit: granted units, denied lines with their winner, advised lines, findings.

    ``account`` stands where the visit named ``payers``; the statement itself then is that of health insurance,
    or of the first payer.
    """

    schema: Literal["tasuki/statement/1"]
    visit: str
    day: date
    revision: str
    department: str
    kind: VisitKind
    kind_sentence: str
    kind_because: tuple[BecauseTrace, ...]
    total_points: int
    units: tuple[UnitTrace, ...]
    denied: tuple[LineTrace, ...]
    advised: tuple[LineTrace, ...]
    findings: tuple[FindingTrace, ...]
    account: AccountTrace | None = None


class ReasonTrace(Struct, frozen=True, kw_only=True):
    """負担の理由 — as :class:`BecauseTrace`, of a yen."""

    rule_id: str
    verdict: Verdict
    facts: dict[str, Any]
    cite: str
    row: str
    sentence: str


class OutsidePartTrace(Struct, frozen=True, kw_only=True):
    """支払者の分 — what a payer other than health insurance bears of one visit of a month."""

    kind: InsuranceKind
    label: str
    points: int
    points_yen: int
    act_yen: int
    tax_yen: int
    total_yen: int
    patient_yen: int
    payer_yen: int
    because: tuple[ReasonText, ...]


class OutsideTrace(Struct, frozen=True, kw_only=True):
    """保険外の分 — of one visit of a month."""

    parts: tuple[OutsidePartTrace, ...]
    charges: tuple[PriceTrace, ...]
    patient_yen: int


class ChargeTrace(Struct, frozen=True, kw_only=True):
    """受診の負担 — what to collect at one visit (negative: to give back); ``parts`` per set of payers."""

    day: date
    id: str
    collect_yen: int
    share_percent: int | None
    parts: tuple[dict[str, Any], ...]
    ledger_lines: tuple[dict[str, Any], ...]
    because: tuple[ReasonTrace, ...]
    outside: OutsideTrace | None = None


class MonthTrace(Struct, frozen=True, kw_only=True):
    """負担の月 — every visit's charge, what the receipts will say, and what was collected."""

    version: Literal[1]
    month: str
    visits: tuple[ChargeTrace, ...]
    receipts: tuple[dict[str, Any], ...]
    collected_yen: int
    outside_yen: int = 0


class Problem(Struct, frozen=True, kw_only=True):
    """問題 — RFC 9457; ``type`` names the kind, ``findings`` every fault that could be collected."""

    type: Annotated[str, Meta(pattern="^urn:tasuki:problem:[a-z-]+$")]
    title: str
    status: int
    detail: str = ""
    findings: tuple[FindingTrace, ...] = ()
