# SPDX-License-Identifier: Apache-2.0
"""処方箋の内容 — signed orders for drugs dispensed outside, as the sheets a patient takes to a pharmacy.

Cite: 保険医療機関及び保険医療養担当規則 第20条・第23条; 記載要領 第5 処方箋の記載上の注意事項
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from tasuki.calculation.copayment.share import is_elder, share_of
from tasuki.chart.coverage import Coverage, Insurance, InsuranceKind
from tasuki.chart.orders import BrandReason, Dispensing, Item, Order, OrderKind
from tasuki.chart.visit import Person
from tasuki.forms.from_statement import amount_text
from tasuki.forms.prescription import PrescribedDrug, Prescription, ProgrammeNumber, Rp, SplitPart
from tasuki.forms.prescription_copy import PrescriptionCopy
from tasuki.kernel.days import is_preschool
from tasuki.kernel.finding import BadInput
from tasuki.kernel.messages import sentence
from tasuki.masters.book import DayBook
from tasuki.masters.rows import Drug
from tasuki.prescriptions.contents import PrescriptionContents, PrescriptionKey
from tasuki.prescriptions.record_making import symbol_data
from tasuki_server.chart.models import Note
from tasuki_server.chart.values import coverage_value, placed_orders
from tasuki_server.documents.contents import contents_of, leftover_remarks
from tasuki_server.documents.exchange_numbers import RegisteredPrescription, registered_prescriptions
from tasuki_server.documents.parties import issuer_of, patient_party
from tasuki_server.documents.refusal import refusal
from tasuki_server.institutions.models import Institution, Staff
from tasuki_server.masters_source import current_book
from tasuki_server.orders.labels import COUNT_UNITS
from tasuki_server.orders.table import find_row
from tasuki_server.reception.models import Visit

_NARCOTIC = "1"
_DRUGS = frozenset({OrderKind.INTERNAL, OrderKind.AS_NEEDED, OrderKind.EXTERNAL, OrderKind.INJECTION})
_CARDS = frozenset({InsuranceKind.EMPLOYEES, InsuranceKind.NATIONAL, InsuranceKind.LATE_ELDERLY})


def outside_orders(visit: Visit) -> tuple[Order, ...]:
    """院外処方のオーダ — the current versions of what was signed."""
    return tuple(
        order
        for order in placed_orders(visit)
        if order.dispensing is Dispensing.OUTSIDE and order.kind in _DRUGS
    )


class SignedOrders(NamedTuple):
    """署名済みの院外処方 — who signed, by what book, and the orders of each prescription; every part of a split one has them all."""

    doctor: Staff
    book: DayBook
    coverage: Coverage
    groups: tuple[tuple[PrescriptionKey, tuple[Order, ...]], ...]


def signed_orders(visit: Visit) -> SignedOrders:
    """署名済みの院外処方 — what a prescription of this visit is made of.

    Raises ``BadInput`` when the chart is not signed or nothing is dispensed outside.
    """
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
    by_key: dict[PrescriptionKey, list[Order]] = {}
    for order in orders:
        for key in _keys(order):
            by_key.setdefault(key, []).append(order)
    groups = tuple((key, tuple(group)) for key, group in sorted(by_key.items()))
    return SignedOrders(note.made_by, book, coverage_value(visit), groups)


def _keys(order: Order) -> tuple[PrescriptionKey, ...]:
    if order.split_counts:
        parts = len(order.split_counts)
        return tuple(PrescriptionKey(0, parts, nth) for nth in range(1, parts + 1))
    return (PrescriptionKey(order.refill_count if order.is_refill else 0),)


def prescription_contents(visit: Visit) -> dict[PrescriptionKey, PrescriptionContents]:
    """登録する処方内容 — each prescription by what sets it apart: its refills, its part of a split one.

    Raises ``BadInput`` as the paper does: for what is not signed, not in the book, or a narcotic.
    """
    signed = signed_orders(visit)
    made = {}
    for key, group in signed.groups:
        for order in group:
            _rp(order, signed.book, key)
        made[key] = contents_of(
            visit.patient, signed.doctor, signed.coverage, group, signed.book, split_nth=key.split_nth
        )
    return made


def prescriptions(visit: Visit, number: str, day: date) -> tuple[Prescription, ...]:
    """処方箋の内容 — one sheet, or more where drugs with and without refills were ordered at one visit, or in parts.

    The day of issue is the day of the visit: the four days a pharmacy counts begin there, not with the printing.
    Raises ``BadInput`` when there is nothing to issue, and when it was registered as an electronic prescription: two
    prescriptions of one matter would be dispensed twice.
    """
    signed = signed_orders(visit)
    registered = _registered(visit)
    if any(each.is_electronic for each in registered.values()):
        raise refusal("document.is_electronic")
    coverage = signed.coverage
    card = _card(coverage)
    remarks = (*_remarks(coverage, visit.patient.person(), visit.day), *_print_remark(visit, day))
    institution = Institution.objects.get()
    made = []
    for key, group in signed.groups:
        rps = tuple(_rp(order, signed.book, key) for order in group)
        exchange_number = registered[key].exchange_number if key in registered else ""
        contents = contents_of(
            visit.patient, signed.doctor, coverage, group, signed.book, exchange_number, key.split_nth
        )
        payloads, without = _symbol(contents)
        made.append(
            Prescription(
                issued_on=visit.day,
                issuer=issuer_of(institution),
                doctor_name=signed.doctor.name,
                patient=patient_party(visit.patient),
                rps=rps,
                insurer_number=card.insurer_number.strip() if card else "",
                symbol=card.symbol if card else "",
                number=card.number if card else "",
                branch=card.branch if card else "",
                is_dependant=card.is_dependant
                if card and card.kind is not InsuranceKind.LATE_ELDERLY
                else None,
                programmes=tuple(
                    ProgrammeNumber(each.payer_number, each.recipient_number) for each in coverage.programmes
                ),
                refill_count=key.refill_count or None,
                split=SplitPart(key.split_count, key.split_nth, institution.telephone)
                if key.split_count
                else None,
                residual_action=next((o.residual_action for o in group if o.residual_action), None),
                remarks=(*remarks, *contents.remarks, *without, f"処方箋番号 {number}"),
                exchange_number=exchange_number,
                qr_payloads=payloads,
            )
        )
    return tuple(made)


def prescription_copies(visit: Visit) -> tuple[PrescriptionCopy, ...]:
    """処方内容（控え）の内容 — one of each registered prescription of the visit.

    Raises ``BadInput`` when none is registered: a copy without its number is of no use.
    """
    signed = signed_orders(visit)
    registered = _registered(visit)
    card = _card(signed.coverage)
    made = tuple(
        PrescriptionCopy(
            issued_on=visit.day,
            issuer=issuer_of(Institution.objects.get()),
            doctor_name=signed.doctor.name,
            patient=patient_party(visit.patient),
            rps=tuple(_rp(order, signed.book, key) for order in group),
            exchange_number=registered[key].exchange_number,
            insurer_number=card.insurer_number.strip() if card else "",
            symbol=card.symbol if card else "",
            number=card.number if card else "",
            branch=card.branch if card else "",
            is_electronic=registered[key].is_electronic,
            refill_count=key.refill_count or None,
            split=SplitPart(key.split_count, key.split_nth) if key.split_count else None,
            remarks=leftover_remarks(group),
            replaces=registered[key].replaces,
        )
        for key, group in signed.groups
        if key in registered
    )
    if not made:
        raise refusal("document.not_registered")
    return made


def _registered(visit: Visit) -> dict[PrescriptionKey, RegisteredPrescription]:
    """Raises ``BadInput`` where one may not be handed over now."""
    found = registered_prescriptions(visit)
    for each in found.values():
        if each.refusal:
            raise refusal(each.refusal)
    return found


def _symbol(contents: PrescriptionContents) -> tuple[tuple[bytes, ...], tuple[str, ...]]:
    """The paper counts without its symbol: what cannot be recorded in it is no reason not to hand it over, but is said."""
    try:
        return (symbol_data(contents),), ()
    except BadInput as refused:
        first = refused.findings[0]
        return (), (f"２次元シンボルなし（{sentence(first)}）",)


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


def _rp(order: Order, book: DayBook, key: PrescriptionKey) -> Rp:
    unit = COUNT_UNITS[order.kind]
    quantity = f"{order.count}{unit}"
    if key.split_nth:
        quantity = f"{order.split_counts[key.split_nth - 1]}{unit}（全{quantity}）"
    return Rp(
        drugs=tuple(_drug(item, book) for item in order.items),
        usage="　".join(part for part in (order.usage, order.site) if part),
        quantity=quantity,
        notes=tuple(text for _, text in order.comments if text),
    )


def _drug(item: Item, book: DayBook) -> PrescribedDrug:
    row = find_row(book, item.code)
    if not isinstance(row, Drug):
        raise refusal("document.no_names", day=f"{book.day:%Y-%m-%d}", code=item.code, what="処方箋")
    if row.controlled == _NARCOTIC:
        raise refusal("document.narcotic", drug=row.name)
    is_generic = item.is_generic_name and bool(row.generic_name)
    name = row.generic_name if is_generic else row.name
    return PrescribedDrug(
        name=name,
        amount=amount_text(item.amount, row.unit_name),
        substitution_barred=item.brand is BrandReason.NEED and not is_generic,
        patient_wish=item.brand is BrandReason.WISH and not is_generic,
        notes=(item.comment,) if item.comment else (),
    )
