# SPDX-License-Identifier: Apache-2.0
"""処方箋の内容 — signed orders for drugs dispensed outside, as the sheets a patient takes to a pharmacy.

Cite: 保険医療機関及び保険医療養担当規則 第20条・第23条; 記載要領 第5 処方箋の記載上の注意事項
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import NamedTuple

from tasuki.calculation.copayment.share import is_elder, share_of
from tasuki.chart.coverage import Coverage, Insurance, InsuranceKind
from tasuki.chart.orders import Dispensing, Item, Order, OrderKind
from tasuki.chart.visit import Person
from tasuki.forms.from_statement import amount_text
from tasuki.forms.prescription import PrescribedDrug, Prescription, ProgrammeNumber, Rp
from tasuki.forms.prescription_copy import PrescriptionCopy
from tasuki.kernel.days import is_preschool
from tasuki.masters.book import DayBook
from tasuki.masters.rows import Drug
from tasuki_server.chart.models import Note
from tasuki_server.chart.values import coverage_value, placed_orders
from tasuki_server.documents.exchange import Exchange, Issue, exchanges_of
from tasuki_server.documents.parties import issuer_of, patient_party
from tasuki_server.documents.refusal import refusal
from tasuki_server.institutions.models import Institution
from tasuki_server.masters_source import current_book
from tasuki_server.orders.labels import COUNT_UNITS
from tasuki_server.orders.table import find_row
from tasuki_server.reception.models import Visit

_NARCOTIC = "1"
DRUG_KINDS = frozenset({OrderKind.INTERNAL, OrderKind.AS_NEEDED, OrderKind.EXTERNAL, OrderKind.INJECTION})
_CARDS = frozenset({InsuranceKind.EMPLOYEES, InsuranceKind.NATIONAL, InsuranceKind.LATE_ELDERLY})


def outside_orders(visit: Visit) -> tuple[Order, ...]:
    """院外処方のオーダ — the current versions of what was signed."""
    return tuple(
        order
        for order in placed_orders(visit)
        if order.dispensing is Dispensing.OUTSIDE and order.kind in DRUG_KINDS
    )


class PrescriptionSource(NamedTuple):
    """処方箋の元 — what paper, symbol and electronic prescription alike are made of; ``groups`` by the number of refills."""

    visit: Visit
    note: Note
    institution: Institution
    coverage: Coverage
    book: DayBook
    groups: tuple[tuple[int, tuple[Order, ...]], ...]

    @property
    def card(self) -> Insurance | None:
        """被保険者証 — of health insurance; None where none pays."""
        return _card(self.coverage)

    @property
    def remarks(self) -> tuple[str, ...]:
        """備考 — what a pharmacy needs to know of the share."""
        return _remarks(self.coverage, self.visit.patient.person(), self.visit.day)


def prescription_source(visit: Visit) -> PrescriptionSource:
    """処方箋の元 — raises ``BadInput`` when the chart is not signed or nothing is dispensed outside."""
    note = Note.objects.filter(record_id=visit.id).select_related("made_by").order_by("-version").first()
    if note is None or note.withdrawn:
        raise refusal("document.not_signed")
    orders = outside_orders(visit)
    if not orders:
        raise refusal("document.no_outside")
    try:
        book = current_book().at(visit.day)
    except LookupError as missing:
        raise refusal(
            "document.no_names", day=f"{visit.day:%Y-%m-%d}", code=orders[0].items[0].code, what="処方箋"
        ) from missing
    by_refill: dict[int, list[Order]] = {}
    for order in orders:
        by_refill.setdefault(order.refill_count if order.is_refill else 0, []).append(order)
    groups = tuple((refills, tuple(group)) for refills, group in sorted(by_refill.items()))
    return PrescriptionSource(visit, note, Institution.objects.get(), coverage_value(visit), book, groups)


def prescriptions(visit: Visit, number: str, day: date) -> tuple[Prescription, ...]:
    """処方箋の内容 — one sheet, or more where drugs with and without refills were ordered at one visit.

    The day of issue is the day of the visit: the four days a pharmacy counts begin there, not with the printing.
    Raises ``BadInput`` when the chart is not signed or nothing is dispensed outside, and when the prescription is an
    electronic one: a second one on paper would be dispensed twice.
    """
    source = prescription_source(visit)
    exchanges = exchanges_of(visit)
    issues = {exchanges.get(refills, Exchange()).issue for refills, _ in source.groups}
    if Issue.WAITING in issues:
        raise refusal("document.waiting")
    if Issue.HELD in issues:
        raise refusal("document.held")
    if Issue.ELECTRONIC in issues:
        raise refusal("document.electronic")
    remarks = (*source.remarks, *_print_remark(visit, day))
    return tuple(
        replace(
            _sheet(source, group, remarks=(*remarks, f"処方箋番号 {number}")),
            refill_count=refills or None,
            exchange_number=(exchange := exchanges.get(refills, Exchange())).number,
            qr_payloads=(exchange.symbol,) if exchange.symbol else (),
        )
        for refills, group in source.groups
    )


def prescription_copies(visit: Visit) -> tuple[PrescriptionCopy, ...]:
    """処方内容（控え）の内容 — of each prescription that has its 引換番号. Raises ``BadInput`` where one still waits for it."""
    source = prescription_source(visit)
    exchanges = exchanges_of(visit)
    found = [(refills, group, exchanges.get(refills, Exchange())) for refills, group in source.groups]
    if any(exchange.issue is Issue.WAITING for *_, exchange in found):
        raise refusal("document.waiting")
    numbered = [each for each in found if each[2].number]
    if not numbered:
        raise refusal("document.no_number")
    return tuple(_copy(_sheet(source, group), exchange, refills) for refills, group, exchange in numbered)


def _sheet(
    source: PrescriptionSource, group: tuple[Order, ...], remarks: tuple[str, ...] = ()
) -> Prescription:
    card, coverage = source.card, source.coverage
    return Prescription(
        issued_on=source.visit.day,
        issuer=issuer_of(source.institution),
        doctor_name=source.note.made_by.name,
        patient=patient_party(source.visit.patient),
        rps=tuple(_rp(order, source.book) for order in group),
        insurer_number=card.insurer_number.strip() if card else "",
        symbol=card.symbol if card else "",
        number=card.number if card else "",
        branch=card.branch if card else "",
        is_dependant=card.is_dependant if card and card.kind is not InsuranceKind.LATE_ELDERLY else None,
        programmes=tuple(
            ProgrammeNumber(each.payer_number, each.recipient_number) for each in coverage.programmes
        ),
        remarks=remarks,
    )


def _copy(sheet: Prescription, exchange: Exchange, refills: int) -> PrescriptionCopy:
    return PrescriptionCopy(
        issued_on=sheet.issued_on,
        issuer=sheet.issuer,
        doctor_name=sheet.doctor_name,
        patient=sheet.patient,
        rps=sheet.rps,
        exchange_number=exchange.number,
        insurer_number=sheet.insurer_number,
        symbol=sheet.symbol,
        number=sheet.number,
        branch=sheet.branch,
        is_electronic=exchange.issue is Issue.ELECTRONIC,
        refill_count=refills or None,
        replaces=exchange.replaces,
    )


def _print_remark(visit: Visit, day: date) -> tuple[str, ...]:
    return () if day == visit.day else (f"印刷日 {day:%Y-%m-%d}",)


def _card(coverage: Coverage) -> Insurance | None:
    insurance = coverage.insurance
    return insurance if insurance is not None and insurance.kind in _CARDS else None


def _remarks(coverage: Coverage, person: Person, day: date) -> tuple[str, ...]:
    """What a pharmacy needs to know of the share: 六歳 before school, and the benefit of the elderly."""
    card = _card(coverage)
    if card is None:
        return ()
    if is_preschool(person.born, day):
        return ("６歳",)
    if not is_elder(card, person.born, day):
        return ()
    share = share_of(card, person.born, day).percent
    return (f"高齢者{(100 - share) // 10}割",) if share is not None else ()


def _rp(order: Order, book: DayBook) -> Rp:
    return Rp(
        drugs=tuple(_drug(item, book) for item in order.items),
        usage="　".join(part for part in (order.usage, order.site) if part),
        quantity=f"{order.count}{COUNT_UNITS[order.kind]}",
        notes=tuple(text for _, text in order.comments if text),
    )


def _drug(item: Item, book: DayBook) -> PrescribedDrug:
    row = prescribed_row(item, book)
    return PrescribedDrug(
        name=printed_name(item, row),
        amount=amount_text(item.amount, row.unit_name),
        notes=(item.comment,) if item.comment else (),
    )


def prescribed_row(item: Item, book: DayBook) -> Drug:
    """処方薬の行 — of the master. Raises ``BadInput`` for what is no drug of it, and for narcotics."""
    row = find_row(book, item.code)
    if not isinstance(row, Drug):
        raise refusal("document.no_names", day=f"{book.day:%Y-%m-%d}", code=item.code, what="処方箋")
    if row.controlled == _NARCOTIC:
        raise refusal("document.narcotic", drug=row.name)
    return row


def printed_name(item: Item, row: Drug) -> str:
    """処方箋の薬品名 — the generic name where it was ordered so."""
    return row.generic_name if item.is_generic_name and row.generic_name else row.name
