# SPDX-License-Identifier: Apache-2.0
"""支払者別の会計 — every payer's part of one visit: its statement, its yen, and what the patient pays of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from fractions import Fraction
from math import floor
from typing import TYPE_CHECKING, NamedTuple

from tasuki.calculation.calculate import calculate
from tasuki.calculation.payers.sentences import payer_name
from tasuki.calculation.payers.split import PayerUnknown, payer_visits
from tasuki.calculation.payers.terms import PayerBasis, PayerSettings, PayerTerms, TermsUnknown, payer_yen
from tasuki.calculation.payers.work_accident import as_work_accident
from tasuki.calculation.statement import LineKind
from tasuki.chart.coverage import InsuranceKind
from tasuki.chart.visit import VisitKind
from tasuki.kernel.because import Because, Verdict, facts
from tasuki.kernel.finding import Finding, Severity, Where
from tasuki.masters.rows import WORK_ACCIDENT_CODES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tasuki.calculation.payers.split import PayerVisit
    from tasuki.calculation.statement import Statement, Unit
    from tasuki.chart.coverage import Coverage, Insurance
    from tasuki.chart.visit import History, Visit
    from tasuki.facility.institution import Institution
    from tasuki.masters.book import Book

YEN_PER_POINT = 10
_GOODS = frozenset({LineKind.DRUG, LineKind.MATERIAL})
# Of what is priced in yen: 初診, 再診, 指導 and 救急医療管理加算 are technique, certificates and papers are not.
_FEE_SECTIONS = frozenset({"11", "12", "13"})
_EMERGENCY = frozenset({"101800880", "101800890"})
_IN_TREATMENT = timedelta(days=31)
_CITE_FIRST = "医科点数表 通知 A000 (6)"
_BY_OTHER_TABLES = "CAL-0114"


class PayerAmount(NamedTuple):
    """支払者の金額 — what a payer is billed for a part, and how much of it the patient pays."""

    points_yen: int
    act_yen: int
    tax_yen: int
    patient_yen: int
    because: tuple[Because, ...]

    @property
    def total_yen(self) -> int:
        """請求額 — points, acts in yen and tax."""
        return self.points_yen + self.act_yen + self.tax_yen


@dataclass(frozen=True, slots=True)
class PayerPart:
    """支払者の会計 — one payer's part of a visit.

    ``points_yen`` are the points at the payer's price, ``act_yen`` the acts priced in yen (with the raise of
    the contract), ``tax_yen`` on top.
    ``patient_yen`` is None where the copayment of health insurance decides it.
    """

    payer: Insurance | None
    coverage: Coverage
    statement: Statement
    terms: PayerTerms | None
    points_yen: int
    act_yen: int
    tax_yen: int
    patient_yen: int | None
    because: tuple[Because, ...]
    findings: tuple[Finding, ...]

    @property
    def total_yen(self) -> int:
        """請求額 — points, acts in yen and tax."""
        return self.points_yen + self.act_yen + self.tax_yen

    @property
    def is_health(self) -> bool:
        """医療保険分か — the part the copayment and the receipt of health insurance speak of."""
        return self.payer is None or self.payer.is_health


@dataclass(frozen=True, slots=True)
class VisitAccount:
    """受診の会計 — the parts of one visit, its own payer first."""

    parts: tuple[PayerPart, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def health(self) -> PayerPart | None:
        """医療保険分 — None when no health insurer and no programme bears anything."""
        return next((part for part in self.parts if part.is_health), None)

    @property
    def others(self) -> tuple[PayerPart, ...]:
        """医療保険外の分 — 労災, 自賠責, 自費 and 健診."""
        return tuple(part for part in self.parts if not part.is_health)


def calculate_account(
    visit: Visit, institution: Institution, history: History, book: Book, settings: PayerSettings
) -> VisitAccount:
    """支払者別の会計 — each payer's orders by its own table and price; nothing is billed to two.

    Raises :class:`tasuki.masters.book.OutOfBook` when no loaded revision covers the day.

    Cite: 労災診療費算定基準; 自動車損害賠償保障法 第16条; 医科点数表 通知 A000 (6)
    """
    try:
        visits = payer_visits(visit, history)
    except PayerUnknown as unknown:
        where = Where(record=unknown.order_id, field="payer")
        finding = Finding("PAY-0001", Severity.BLOCK, where, "payers.unknown", {"payer": unknown.payer})
        return VisitAccount((), (finding,))
    parts = tuple(_part(one, institution, book, settings) for one in visits)
    return VisitAccount(parts, tuple(_visit_findings(parts, history)))


def _part(one: PayerVisit, institution: Institution, book: Book, settings: PayerSettings) -> PayerPart:
    statement = calculate(one.visit, institution, one.history, book)
    payer = one.payer
    if payer is None or payer.is_health:
        found = (*statement.findings, *_foreign_acts(one, is_work_accident=False))
        yen = statement.total_points * YEN_PER_POINT
        return PayerPart(payer, one.visit.coverage, statement, None, yen, 0, 0, None, (), found)
    findings = [each for each in statement.findings if each.code != _BY_OTHER_TABLES]
    statement = replace(statement, findings=tuple(findings))
    try:
        terms = settings.terms_of(payer, one.visit.day)
    except TermsUnknown as unknown:
        findings.append(terms_finding(payer, unknown))
        return PayerPart(payer, one.visit.coverage, statement, None, 0, 0, 0, 0, (), tuple(findings))
    is_work_accident = terms.basis is PayerBasis.WORK_ACCIDENT
    findings.extend(_foreign_acts(one, is_work_accident=is_work_accident))
    if is_work_accident:
        before = len(statement.findings)
        statement = as_work_accident(statement, book.at(one.visit.day), payer.kind)
        findings.extend(statement.findings[before:])
    act_yen = raised_yen([(unit.yen * unit.times, is_fee(unit)) for unit in statement.units], terms)
    amount = payer_amount(payer, terms, [_halves(unit) for unit in statement.units], act_yen)
    return PayerPart(
        payer, one.visit.coverage, statement, terms, amount.points_yen, amount.act_yen, amount.tax_yen, amount.patient_yen,
        amount.because, tuple(findings),
    )  # fmt: skip


def _halves(unit: Unit) -> tuple[int, int]:
    """Points of technique and of goods: a unit of drugs or materials alone is goods."""
    acts = [line for line in unit.lines if line.kind is not LineKind.COMMENT]
    is_goods = bool(acts) and all(line.kind in _GOODS for line in acts)
    return (0, unit.total_points) if is_goods else (unit.total_points, 0)


def is_fee(unit: Unit) -> bool:
    """円で定めた技術料か — 診察, 指導 and 救急医療管理加算; 療養の給付請求書取扱料 and certificates are none.

    Cite: 自動車損害賠償責任保険診療費算定基準（新基準）診療報酬明細書 ハ
    """
    return unit.section in _FEE_SECTIONS or any(line.code in _EMERGENCY for line in unit.lines)


def raised_yen(amounts: Sequence[tuple[int, bool]], terms: PayerTerms) -> int:
    """円で定めた項目の金額 — (yen, whether technique): technique is raised as its points are, the sum cut to yen.

    Cite: 自動車損害賠償責任保険診療費算定基準（新基準）診療報酬明細書 C（ハ×割増）

    >>> from decimal import Decimal
    >>> crash = PayerTerms(InsuranceKind.TRAFFIC_ACCIDENT, Decimal(12), technique_percent=120)
    >>> raised_yen([(3850, True), (2000, False)], crash)
    6620
    """
    fees = sum(yen for yen, is_technique in amounts if is_technique)
    rest = sum(yen for yen, is_technique in amounts if not is_technique)
    return floor(Fraction(fees * terms.technique_percent, 100)) + rest


def payer_amount(
    payer: Insurance, terms: PayerTerms, points: Sequence[tuple[int, int]], act_yen: int
) -> PayerAmount:
    """支払者の金額 — points (technique, goods) and acts in yen at a payer's price, with the tax, and who pays them.

    Cite: 労災診療費算定基準; 消費税法 第29条
    """
    points_yen = payer_yen(points, terms)
    tax_yen = floor(Fraction((points_yen + act_yen) * terms.tax.percent, 100))
    total = points_yen + act_yen + tax_yen
    patient = total if terms.is_patient_charged or payer.kind is InsuranceKind.PRIVATE else 0
    given = facts(
        payer=payer.kind.value, points=sum(one + other for one, other in points), price=terms.unit_price_yen,
        technique=terms.technique_percent, points_yen=points_yen, act_yen=act_yen,
        tax=terms.tax.percent, tax_yen=tax_yen, total=total,
    )  # fmt: skip
    amount = Because("payers/amount", Verdict.GRANTED, given, terms.cite)
    return PayerAmount(
        points_yen, act_yen, tax_yen, patient, (amount, _who_pays(payer, terms, patient))
    )  # fmt: skip


def _who_pays(payer: Insurance, terms: PayerTerms, patient_yen: int) -> Because:
    rule = "payers/patient-pays" if patient_yen else "payers/payer-pays"
    cite = "労働者災害補償保険法 第13条" if payer.kind is InsuranceKind.WORK_ACCIDENT else terms.cite
    return Because(rule, Verdict.GRANTED, facts(payer=payer.kind.value, patient=patient_yen), cite)


def terms_finding(payer: Insurance, unknown: TermsUnknown) -> Finding:
    """契約条件なしの指摘 — 自賠責 cannot be billed without; 自費 and 健診 are paid by the price list."""
    given = {
        "payer": payer_name(payer.kind),
        "contract": unknown.contract or "記載なし",
        "setting": unknown.setting,
    }
    where = Where(field="insurance.kind")
    if payer.kind is InsuranceKind.TRAFFIC_ACCIDENT:
        return Finding("PAY-0002", Severity.BLOCK, where, "payers.no_terms", given)
    # 自費 and 健診 are paid by the price list; their orders then are care that no one is asked points for.
    return Finding("PAY-0003", Severity.CONFIRM, where, "payers.by_price_list", given)


def _foreign_acts(one: PayerVisit, *, is_work_accident: bool) -> Iterator[Finding]:
    """労災の項目 under another payer."""
    if is_work_accident:
        return
    for order in one.visit.orders:
        for item in order.items:
            if item.code.startswith(WORK_ACCIDENT_CODES) and len(item.code) == 9:
                where = Where(record=order.id, field=item.code)
                yield Finding(
                    "PAY-0004", Severity.BLOCK, where, "payers.work_accident_act", {"code": item.code}
                )


def _visit_findings(parts: tuple[PayerPart, ...], history: History) -> Iterator[Finding]:
    """初診料 of health insurance while the person is treated here under another payer."""
    health = next((part for part in parts if part.is_health), None)
    if health is None or health.statement.kind is not VisitKind.FIRST:
        return
    day = health.statement.day
    since = day - _IN_TREATMENT
    other = next((line for line in reversed(history.lines) if line.payer and since <= line.day <= day), None)
    if other is not None:
        given = {"payer": payer_name(other.payer), "day": other.day.isoformat(), "cite": _CITE_FIRST}
        where = Where(field="kind")
        yield Finding("PAY-0005", Severity.CONFIRM, where, "payers.first_under_other", given)
