# SPDX-License-Identifier: Apache-2.0
"""請求月 — what a month's receipts are made from, and what comes out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from tasuki.calculation.copayment.receipt_month import MonthResult
from tasuki.calculation.copayment.settings import CopaymentSettings
from tasuki.calculation.statement import Statement
from tasuki.chart.visit import Diagnosis, Person, Visit
from tasuki.claims.item_values import Month
from tasuki.claims.receipt import Receipt
from tasuki.facility.institution import Institution
from tasuki.kernel.finding import Finding

if TYPE_CHECKING:
    from tasuki.claims.points import FileTotals


class BilledVisit(NamedTuple):
    """会計済みの受診 — a visit with the statement that was settled; ``is_counted_day`` is 診療実日数."""

    visit: Visit
    statement: Statement
    is_counted_day: bool = True


class Narrative(NamedTuple):
    """症状詳記 — one paragraph; ``kind`` is of 別表23, "" when it goes on from the one before."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class PatientMonth:
    """患者の請求月 — one person's month at the institution.

    ``name`` is the spelling for the claim: a name with characters outside JIS X 0208 needs another one
    than the record's. ``marks`` are 特記事項 that only a human knows (10 第三者 …), ``conditions`` 患者の状態
    (001 妊婦), ``search_number`` and ``history`` belong to a receipt that was returned.
    """

    person: Person
    name: str
    month: Month
    visits: tuple[BilledVisit, ...]
    diagnoses: tuple[Diagnosis, ...]
    copayment: MonthResult
    kana: str = ""
    chart_number: str = ""
    marks: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    narratives: tuple[Narrative, ...] = ()
    claim_note: str = ""
    search_number: str = ""
    history: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class MonthInput:
    """請求月の入力 — the institution, the month of the claim (請求年月), and every patient billed."""

    institution: Institution
    claim_month: Month
    patients: tuple[PatientMonth, ...]
    settings: CopaymentSettings = field(default_factory=CopaymentSettings)


@dataclass(frozen=True, slots=True)
class BuiltReceipt:
    """作成レセプト — a receipt with what was found; ``is_left_out`` when a BLOCK keeps it from the file.

    ``patient_id`` and ``key`` (of :class:`ReceiptMonth`) say whose and which; ``payer`` is 審査支払機関.
    ``number`` is レセプト番号 in its file, 0 when left out.
    """

    patient_id: str
    key: str
    payer: str
    receipt: Receipt
    findings: tuple[Finding, ...]
    is_left_out: bool
    number: int = 0


@dataclass(frozen=True, slots=True)
class BuiltFile:
    """請求ファイル — the bytes for one payer organisation, with its totals (総件数, 総合計点数)."""

    payer: str
    name: str
    data: bytes
    receipt_count: int
    totals: FileTotals


@dataclass(frozen=True, slots=True)
class BuiltMonth:
    """作成結果 — the files, every receipt (left out or not), and what concerns no receipt."""

    files: tuple[BuiltFile, ...]
    receipts: tuple[BuiltReceipt, ...]
    findings: tuple[Finding, ...]
