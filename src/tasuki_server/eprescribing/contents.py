# SPDX-License-Identifier: Apache-2.0
"""処方内容の作成 — the signed orders of a visit as the values that symbol and electronic document are recorded from.

The source is that of the paper form (``documents.prescription``), so that what is printed and what is sent cannot differ.
"""

from __future__ import annotations

from typing import Any

import msgspec

from tasuki.calculation.copayment.share import share_of
from tasuki.chart.coverage import InsuranceKind
from tasuki.chart.orders import Item, Order, OrderKind
from tasuki.claims.codes import DEPARTMENTS
from tasuki.masters.book import DayBook
from tasuki.prescriptions.contents import (
    CodeKind,
    DosageForm,
    DrugContents,
    IssuingDoctor,
    IssuingHospital,
    PrescribedCover,
    PrescribedPatient,
    PrescribedProgramme,
    PrescriptionContents,
    RpContents,
    UsageNote,
)
from tasuki_server.documents.parties import patient_party
from tasuki_server.documents.prescription import PrescriptionSource, prescribed_row, printed_name
from tasuki_server.eprescribing.usage import usage_code_of

_FORMS = {
    OrderKind.INTERNAL: DosageForm.INTERNAL,
    OrderKind.AS_NEEDED: DosageForm.AS_NEEDED,
    OrderKind.EXTERNAL: DosageForm.EXTERNAL,
    OrderKind.INJECTION: DosageForm.INJECTION,
}
# レコード21 保険種別
_KINDS = {
    InsuranceKind.EMPLOYEES: "1",
    InsuranceKind.NATIONAL: "2",
    InsuranceKind.LATE_ELDERLY: "7",
}
_SITE = "6"  # 用法補足区分 部位


def contents_of(source: PrescriptionSource) -> dict[int, PrescriptionContents]:
    """処方内容 — of each prescription of a visit, by the number of refills. Raises ``BadInput`` for what is no drug."""
    visit, institution = source.visit, source.institution
    patient = patient_party(visit.patient)
    doctor = source.note.made_by
    return {
        refills: PrescriptionContents(
            hospital=IssuingHospital(
                code=institution.code,
                prefecture=institution.prefecture,
                name=institution.name,
                address=institution.address,
                telephone=institution.telephone,
                department=DEPARTMENTS.get(visit.department, ""),
            ),
            doctor=IssuingDoctor(doctor.name, doctor.kana),
            patient=PrescribedPatient(
                patient.name, patient.kana, patient.sex, patient.born, str(visit.patient.number)
            ),
            cover=_cover(source),
            issued_on=visit.day,
            rps=tuple(_rp(order, source.book) for order in orders),
            programmes=tuple(
                PrescribedProgramme(each.payer_number, each.recipient_number)
                for each in source.coverage.programmes
            ),
            refill_count=refills,
            remarks=source.remarks,
        )
        for refills, orders in source.groups
    }


def kept_contents(contents: PrescriptionContents) -> dict[str, Any]:
    """処方内容の控え — as JSON members, losing nothing."""
    kept: dict[str, Any] = msgspec.to_builtins(contents, builtin_types=())
    return msgspec.json.decode(msgspec.json.encode(kept))  # type: ignore[no-any-return]


def read_contents(kept: dict[str, Any]) -> PrescriptionContents:
    """処方内容の読取 — what was kept."""
    return msgspec.convert(kept, PrescriptionContents, strict=False)


def is_same_prescription(kept: dict[str, Any], contents: PrescriptionContents) -> bool:
    """同じ処方か — whoever of the doctors signed last does not make another prescription of the same drugs."""
    other = kept_contents(contents)
    return {**kept, "doctor": None} == {**other, "doctor": None}


def _cover(source: PrescriptionSource) -> PrescribedCover:
    card = source.card
    if card is None:
        return PrescribedCover()
    try:
        share = share_of(card, source.visit.patient.born, source.visit.day).percent
    except LookupError:
        share = None
    return PrescribedCover(
        kind=_KINDS.get(card.kind, ""),
        insurer_number=card.insurer_number.strip(),
        symbol=card.symbol,
        number=card.number,
        branch=card.branch,
        is_dependant=card.is_dependant,
        share_percent=share,
    )


def _rp(order: Order, book: DayBook) -> RpContents:
    notes = [UsageNote(text) for _, text in order.comments if text]
    if order.site:
        notes.insert(0, UsageNote(order.site, _SITE))
    return RpContents(
        form=_FORMS[order.kind],
        quantity=order.count,
        usage=order.usage,
        drugs=tuple(_drug(item, book) for item in order.items),
        usage_code=usage_code_of(order.usage),
        notes=tuple(notes),
    )


def _drug(item: Item, book: DayBook) -> DrugContents:
    row = prescribed_row(item, book)
    is_generic = bool(item.is_generic_name and row.generic_name)
    assert item.amount is not None, "an order without an amount is not signed"
    return DrugContents(
        name=printed_name(item, row),
        amount=item.amount,
        unit=row.unit_name,
        code_kind=CodeKind.GENERIC if is_generic else CodeKind.CLAIM,
        code=row.generic_code if is_generic else row.code,
        notes=((None, item.comment),) if item.comment else (),
    )
