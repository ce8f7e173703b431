# SPDX-License-Identifier: Apache-2.0
"""処方内容の組立 — signed orders as the value that the symbol on paper and the electronic prescription are made of.

Cite: JAHIS 院外処方箋２次元シンボル記録条件規約 Ver.1.10; 電子処方箋管理サービス 記録条件仕様（処方編）
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from types import MappingProxyType

from tasuki.calculation.copayment.share import ShareUnknown, is_elder, share_of
from tasuki.chart.coverage import Coverage, Insurance, InsuranceKind
from tasuki.chart.orders import BrandReason, Item, Order, OrderKind, ResidualAction
from tasuki.chart.visit import Person, Sex
from tasuki.kernel.days import is_preschool
from tasuki.masters.book import DayBook
from tasuki.masters.rows import Drug
from tasuki.prescriptions.contents import (
    CodeKind,
    DosageForm,
    DrugContents,
    DrugNote,
    IssuingDoctor,
    IssuingHospital,
    PrescribedCover,
    PrescribedPatient,
    PrescribedProgramme,
    PrescriptionContents,
    RpContents,
    UsageNote,
)
from tasuki_server.institutions.models import Institution, Staff
from tasuki_server.orders.prescribing import leftover_text
from tasuki_server.orders.table import find_row
from tasuki_server.orders.usages import standard_code
from tasuki_server.patients.models import Patient

FORMS: Mapping[OrderKind, DosageForm] = MappingProxyType(
    {
        OrderKind.INTERNAL: DosageForm.INTERNAL,
        OrderKind.AS_NEEDED: DosageForm.AS_NEEDED,
        OrderKind.EXTERNAL: DosageForm.EXTERNAL,
        OrderKind.INJECTION: DosageForm.INJECTION,
    }
)
# 保険種別 of record 21.
_KINDS: Mapping[InsuranceKind, str] = MappingProxyType(
    {
        InsuranceKind.EMPLOYEES: "1",
        InsuranceKind.PUBLIC_ONLY: "1",
        InsuranceKind.NATIONAL: "2",
        InsuranceKind.WORK_ACCIDENT: "3",
        InsuranceKind.TRAFFIC_ACCIDENT: "4",
        InsuranceKind.PRIVATE: "6",
        InsuranceKind.LATE_ELDERLY: "7",
    }
)
_CARDS = frozenset({InsuranceKind.EMPLOYEES, InsuranceKind.NATIONAL, InsuranceKind.LATE_ELDERLY})
_SITE = "6"  # 用法補足区分 部位
# 残薬確認対応フラグ of record 62, 薬品補足区分 of record 281.
_RESIDUAL = MappingProxyType({ResidualAction.INQUIRE: "1", ResidualAction.INFORM: "2"})
_BRAND_NOTES: Mapping[BrandReason, tuple[DrugNote, str]] = MappingProxyType(
    {
        BrandReason.NEED: (DrugNote.NO_GENERIC, "後発品変更不可"),
        BrandReason.WISH: (DrugNote.BRAND_WISHED, "先発医薬品患者希望"),
    }
)


def contents_of(
    patient: Patient,
    doctor: Staff,
    coverage: Coverage,
    orders: Iterable[Order],
    book: DayBook,
    exchange_number: str = "",
    split_nth: int = 0,
) -> PrescriptionContents:
    """処方内容 — of orders issued together on ``book.day``; their refills are one number, and they are split alike.

    ``split_nth`` is the part that is issued of a split prescription; 0 is all of it.

    Raises ``LookupError`` for a drug that the book does not have.
    """
    group = tuple(orders)
    institution = Institution.objects.get()
    return PrescriptionContents(
        IssuingHospital(
            institution.code,
            institution.prefecture,
            institution.name,
            address=institution.address,
            telephone=institution.telephone,
        ),
        IssuingDoctor(doctor.name, doctor.kana),
        PrescribedPatient(patient.name, patient.kana, Sex(patient.sex), patient.born, str(patient.number)),
        _cover(coverage, patient.person(), book.day),
        book.day,
        tuple(_rp(order, book, coverage, split_nth) for order in group),
        programmes=tuple(
            PrescribedProgramme(each.payer_number, each.recipient_number) for each in coverage.programmes
        ),
        refill_count=max((order.refill_count for order in group if order.is_refill), default=0),
        residual_action=next((_RESIDUAL[o.residual_action] for o in group if o.residual_action), ""),
        remarks=leftover_remarks(group),
        exchange_number=exchange_number,
        split_count=max(len(order.split_counts) for order in group) if split_nth else 0,
        split_nth=split_nth,
    )


def leftover_remarks(orders: Iterable[Order]) -> tuple[str, ...]:
    """残薬調整の備考 — of which RP the days were made fewer by what is left, and why."""
    return tuple(
        f"Rp{place} {leftover_text(order)}" for place, order in enumerate(orders, 1) if order.leftover_count
    )


def _cover(coverage: Coverage, person: Person, day: date) -> PrescribedCover:
    insurance = coverage.insurance or (coverage.others[0] if coverage.others else None)
    if insurance is None:
        return PrescribedCover(kind="1" if coverage.programmes else "6")
    kind = _KINDS.get(insurance.kind, "6")
    if insurance.kind not in _CARDS:
        return PrescribedCover(kind=kind)
    share = _share(insurance, person, day)
    return PrescribedCover(
        kind,
        insurance.insurer_number.strip(),
        insurance.symbol,
        insurance.number,
        insurance.branch,
        insurance.is_dependant and insurance.kind is not InsuranceKind.LATE_ELDERLY,
        share,
        _share_class(insurance, person, day, share),
    )


def _share(insurance: Insurance, person: Person, day: date) -> int | None:
    try:
        return share_of(insurance, person.born, day).percent
    except ShareUnknown:
        return None


def _share_class(insurance: Insurance, person: Person, day: date, share: int | None) -> str:
    """一部負担金区分 — 3 before school, for the elderly 2 (7割), 5 (8割 of 後期) or 1; empty for the rest and where not known."""
    if is_preschool(person.born, day):
        return "3"
    if share is None or not is_elder(insurance, person.born, day):
        return ""
    if share == 30:
        return "2"
    return "5" if share == 20 and insurance.kind is InsuranceKind.LATE_ELDERLY else "1"


def _rp(order: Order, book: DayBook, coverage: Coverage, split_nth: int) -> RpContents:
    site = (UsageNote(order.site, _SITE),) if order.site else ()
    return RpContents(
        FORMS[order.kind],
        order.count,
        order.usage,
        tuple(_drug(item, book) for item in order.items),
        standard_code(order.usage),
        (*site, *(UsageNote(text) for _, text in order.comments if text)),
        None
        if order.programme_ids is None
        else tuple(
            place for place, each in enumerate(coverage.programmes, 1) if each.key in order.programme_ids
        ),
        order.split_counts[split_nth - 1] if split_nth else None,
    )


def _drug(item: Item, book: DayBook) -> DrugContents:
    row = find_row(book, item.code)
    if not isinstance(row, Drug):
        raise LookupError(item.code)
    is_generic = item.is_generic_name and bool(row.generic_name)
    return DrugContents(
        row.generic_name if is_generic else row.name,
        item.amount,
        row.unit_name,
        CodeKind.GENERIC if is_generic else CodeKind.CLAIM,
        row.generic_code if is_generic else row.code,
        (
            *((_BRAND_NOTES[item.brand],) if item.brand and not is_generic else ()),
            *(((None, item.comment),) if item.comment else ()),
        ),
    )
