# SPDX-License-Identifier: Apache-2.0
"""選定療養の明細 — the special charge of each long-listed brand dispensed at the patient's wish, from the orders of a visit."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from tasuki.calculation.copayment.elective import (
    ELECTIVE_PARTS,
    ElectiveCharge,
    ElectiveDrug,
    elective_charge,
)
from tasuki.chart.orders import Dispensing, OrderKind
from tasuki.kernel.finding import Finding, Severity, Where
from tasuki.kernel.messages import register
from tasuki.masters.book import EndedCode, UnknownCode, once_a_book

if TYPE_CHECKING:
    from datetime import date

    from tasuki.chart.coverage import Coverage
    from tasuki.chart.orders import Item, Order
    from tasuki.chart.visit import Visit
    from tasuki.masters.book import Book, DayBook
    from tasuki.masters.rows import Drug

# 選定療養区分: 2 is the twin that is entered when the patient wishes the brand.
WISHED = "2"
_WELFARE = frozenset({"12", "25"})
_CODES = {
    "welfare": "PAY-0301", "no_pair": "PAY-0302", "old_price": "PAY-0303", "stale_price": "PAY-0304",
}  # fmt: skip
CHARGED_KINDS = frozenset({OrderKind.INTERNAL, OrderKind.AS_NEEDED, OrderKind.EXTERNAL})

register(
    {
        "payers.elective.welfare": "{name}は長期収載品の選定療養です。生活保護・中国残留邦人等の患者は選べません。後発品にするか、医療上の必要があれば通常のコードにしてください。",
        "payers.elective.no_pair": "{name}の通常のコードがマスターにありません。特別の料金を計算できません。",
        "payers.elective.stale_price": "{name}の選定療養の薬価は{priced}のもので、{ordinary}の薬価はその後に変わりました。特別の料金と保険の薬価を計算できません。改定後の医薬品マスターを取り込んでください。",
        "payers.elective.old_price": "{name}の選定療養の薬価は{priced}のものです。{since}から患者負担は価格差の1/{divisor}です。改定後の医薬品マスターを取り込んでください。",
    }
)


class ElectiveLine(NamedTuple):
    """選定療養の明細 — one brand of one order with its special charge and tax."""

    order_id: str
    code: str
    name: str
    charge: ElectiveCharge


def elective_lines(visit: Visit, book: DayBook) -> tuple[tuple[ElectiveLine, ...], tuple[Finding, ...]]:
    """選定療養の明細 — of drugs dispensed here; those of an outside prescription are charged by the pharmacy.

    The twin of a brand carries the price of the insured part, so the special part is what the ordinary code
    costs more. Of a twin priced before the share of the difference or the price of the ordinary code changed
    nothing is computed.

    Cite: 健康保険法 第63条第2項第5号; 保険外併用療養費に係る療養の基準等（長期収載品）
    """
    lines: list[ElectiveLine] = []
    findings: list[Finding] = []
    is_on_welfare = is_without_choice(visit.coverage)
    for order in visit.orders:
        if order.kind not in CHARGED_KINDS or order.dispensing is Dispensing.OUTSIDE:
            continue
        for item in order.items:
            drug = _drug(book, item.code)
            if drug is None or drug.elective_kind != WISHED:
                continue
            fault = _fault(drug, book, is_on_welfare=is_on_welfare)
            if fault is not None:
                key, given = fault
                where = Where(record=order.id, field=item.code)
                code = _CODES[key]
                findings.append(Finding(code, Severity.BLOCK, where, f"payers.elective.{key}", given))
                continue
            lines.append(ElectiveLine(order.id, drug.code, drug.name, _charge(order, item, drug, book)))
    return tuple(lines), tuple(findings)


def brand_twin(book: DayBook, code: str) -> Drug | None:
    """選定療養のコード — the twin of an ordinary code that is entered when the patient wishes the brand; None without one."""
    known = _twins(book.book).get(code, ())
    return next(
        (drug for each in known if (drug := _drug(book, each)) and drug.elective_kind == WISHED), None
    )


def elective_estimate(order: Order, item: Item, book: DayBook) -> ElectiveCharge | None:
    """特別の料金の目安 — of a brand if the patient wishes it, by its ordinary code or its twin, wherever it is dispensed.

    None for what is no 長期収載品, has no amount yet, or is priced for another share or another price.
    """
    drug = _drug(book, item.code)
    if drug is not None and drug.elective_kind != WISHED:
        drug = brand_twin(book, item.code)
    if drug is None or item.amount is None or _fault(drug, book, is_on_welfare=False) is not None:
        return None
    return _charge(order, item, drug, book)


def is_without_choice(coverage: Coverage) -> bool:
    """選定療養を選べない患者 — 生活保護 and 中国残留邦人等: the special charge cannot be theirs."""
    return any(card.law_code in _WELFARE for card in coverage.programmes)


@once_a_book
def _twins(book: Book) -> dict[str, tuple[str, ...]]:
    found: dict[str, set[str]] = {}
    for code, rows in book.drugs.items():
        for row in rows:
            if row.elective_kind == WISHED and row.elective_pair:
                found.setdefault(row.elective_pair, set()).add(code)
    return {pair: tuple(sorted(codes)) for pair, codes in found.items()}


def _fault(drug: Drug, book: DayBook, *, is_on_welfare: bool) -> tuple[str, dict[str, object]] | None:
    if is_on_welfare:
        return "welfare", {"name": drug.name}
    ordinary = _drug(book, drug.elective_pair)
    if ordinary is None:
        return "no_pair", {"name": drug.name}
    part = next((one for one in ELECTIVE_PARTS if book.day in one.validity), None)
    priced = _priced_on(drug)
    if part is not None and priced < part.validity.since:
        return "old_price", {
            "name": drug.name, "priced": priced.isoformat(),
            "since": part.validity.since.isoformat(), "divisor": part.divisor,
        }  # fmt: skip
    if ordinary.price < drug.price or _has_changed_since(ordinary, priced, book):
        return "stale_price", {
            "name": drug.name, "priced": priced.isoformat(), "ordinary": ordinary.name,
        }  # fmt: skip
    return None


def _has_changed_since(ordinary: Drug, priced: date, book: DayBook) -> bool:
    """Whether the brand had another price on the day its twin was priced: the twin holds a part of that one."""
    return any(
        priced in row.validity and row.price != ordinary.price for row in book.book.drugs[ordinary.code]
    )


def _priced_on(drug: Drug) -> date:
    return max(drug.validity.since, drug.price_on or drug.validity.since)


def _charge(order: Order, item: Item, drug: Drug, book: DayBook) -> ElectiveCharge:
    ordinary = book.drug(drug.elective_pair)
    each = ElectiveDrug(
        brand_price=ordinary.price,
        quantity_per_day=item.amount if item.amount is not None else Decimal(1),
        days=order.count,
        special_price=ordinary.price - drug.price,
    )
    return elective_charge(each, book.day)


def _drug(book: DayBook, code: str) -> Drug | None:
    try:
        return book.drug(code)
    except (UnknownCode, EndedCode):
        return None
