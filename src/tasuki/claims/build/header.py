# SPDX-License-Identifier: Apache-2.0
"""レセプト共通・負担者の作成 — RE, HO, KO, SN, JD and MF of one receipt."""

from __future__ import annotations

from typing import TYPE_CHECKING

import jaconv

from tasuki.calculation.copayment.share import elder_from
from tasuki.chart.coverage import Insurance, InsuranceKind
from tasuki.chart.visit import Sex
from tasuki.claims.characters import is_wide
from tasuki.claims.codes import CONFIRMED_AT_COUNTER, INSURER_BEARER, KOKUHOREN, SHIHARAI_KIKIN
from tasuki.claims.receipt_type import Group, Holder, ReceiptType
from tasuki.kernel.days import is_preschool
from tasuki.kernel.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from tasuki.calculation.copayment.receipt_month import ProgrammeMonth, ReceiptMonth
    from tasuki.chart.coverage import PublicProgramme
    from tasuki.claims.build.composing import Composing
    from tasuki.claims.build.month import PatientMonth
    from tasuki.claims.build.payer_sets import Payers, PlacedUnit

_KOKUHO = frozenset({InsuranceKind.NATIONAL, InsuranceKind.LATE_ELDERLY})
_CLAIMED_HERE = frozenset(
    {
        InsuranceKind.EMPLOYEES,
        InsuranceKind.NATIONAL,
        InsuranceKind.LATE_ELDERLY,
        InsuranceKind.PUBLIC_ONLY,
    }
)
_RETIRED = "67"
_LONG_MARKS = str.maketrans({"―": "ー", "－": "ー", "‐": "ー", "−": "ー"})


def insurer_of(receipt: ReceiptMonth) -> Insurance | None:
    """レセプトの保険者 — None for a receipt of programmes alone."""
    return receipt.coverage.insurance if receipt.is_insured else None


def payer_of(receipt: ReceiptMonth) -> str | None:
    """請求先 — 支払基金 for 社保 and programmes alone, 国保連 for 国保 and 後期; None for what is not claimed so.

    Cite: 療養の給付及び公費負担医療に関する費用の請求に関する命令 第1条
    """
    insurance = receipt.coverage.insurance
    if insurance is not None and insurance.kind not in _CLAIMED_HERE:
        return None
    insurer = insurer_of(receipt)
    return KOKUHOREN if insurer is not None and insurer.kind in _KOKUHO else SHIHARAI_KIKIN


def type_of(patient: PatientMonth, receipt: ReceiptMonth, payers: Payers) -> ReceiptType:
    """レセプト種別 — by insurance, age, share and relation.

    Cite: 記録条件仕様（医科用） 別表5
    """
    insurer = insurer_of(receipt)
    count = len(payers.programmes)
    if insurer is None:
        return ReceiptType("1", Group.PUBLIC_ONLY, count, Holder.SELF, False)
    group = Group.INSURED
    if insurer.kind is InsuranceKind.LATE_ELDERLY:
        group = Group.LATE_ELDERLY
    elif insurer.insurer_number.strip().startswith(_RETIRED) and len(insurer.insurer_number.strip()) == 8:
        group = Group.RETIRED
    return ReceiptType("1", group, count, _holder(patient, receipt, insurer, group), False)


def _holder(patient: PatientMonth, receipt: ReceiptMonth, insurer: Insurance, group: Group) -> Holder:
    born, first = patient.person.born, patient.month.day(1)
    if group is Group.LATE_ELDERLY or (group is Group.INSURED and first >= elder_from(born)):
        return Holder.ELDER_ACTIVE if receipt.share_percent == 30 else Holder.ELDER
    if is_preschool(born, max(first, born)):
        return Holder.PRESCHOOL
    return Holder.FAMILY if insurer.is_dependant else Holder.SELF


def add_header(
    composing: Composing,
    patient: PatientMonth,
    receipt: ReceiptMonth,
    payers: Payers,
    departments: tuple[str, ...],
    bed_count: int | None,
) -> None:
    """レセプト共通 — RE. The receipt number is given when the file is put together."""
    marks = sorted({*receipt.marks, *patient.marks})
    if len(marks) > 5:
        composing.report("UKE-B-02", Severity.BLOCK, "RE", "12", count=len(marks))
    composing.add(
        "RE",
        {
            "receipt_number": 1,
            "receipt_type": type_of(patient, receipt, payers).code,
            "service_month": patient.month.text,
            "patient_name": _spaced(patient.name),
            "sex": "1" if patient.person.sex is Sex.MALE else "2",
            "born_on": f"{patient.person.born:%Y%m%d}",
            "benefit_percent": receipt.benefit_percent,
            "share_class": receipt.burden_class,
            "special_notes": "".join(marks),
            "bed_count": bed_count,
            "chart_number": patient.chart_number,
            "search_number": patient.search_number,
            "claim_note": patient.claim_note,
            **{f"department_{n}": code for n, code in enumerate(departments[:3], 1)},
            "patient_kana": _kana(composing, patient.kana),
            "patient_conditions": "".join(patient.conditions),
        },
    )


def _spaced(name: str) -> str:
    # One blank stands between family and given name, whatever the record has.
    return "　".join(name.split())


def _kana(composing: Composing, kana: str) -> str:
    text = jaconv.hira2kata(jaconv.h2z("".join(kana.split()), kana=True)).translate(_LONG_MARKS)
    if not text:
        return ""
    if not is_wide(text) or any(not ("ァ" <= c <= "ヶ" or c == "ー") for c in text):
        composing.report("UKE-B-03", Severity.ADVICE, "RE", "37", text=kana)
        return ""
    return text


def add_payers(
    composing: Composing, receipt: ReceiptMonth, payers: Payers, cards: Mapping[str, PublicProgramme]
) -> None:
    """保険者・公費 — HO with amounts only where they must stand, KO in the order of the law."""
    insurer = insurer_of(receipt)
    if insurer is not None:
        reduction = insurer.share_reduction
        composing.add(
            "HO",
            {
                "insurer_number": insurer.insurer_number.strip().rjust(8),
                "symbol": insurer.symbol,
                "number": insurer.number,
                "visit_days": receipt.day_count,
                "total_points": receipt.points,
                "certificate_number": reduction.certificate_number if reduction else "",
                "share_yen": receipt.amount_yen,
                "reduction_kind": reduction.kind.value if reduction else "",
                "reduction_percent": reduction.percent if reduction else None,
                "reduction_yen": reduction.yen if reduction else None,
            },
        )
    months = {one.programme: one for one in receipt.programmes}
    for key in payers.programmes:
        _add_programme(composing, months[key], cards.get(key))


def _add_programme(composing: Composing, month: ProgrammeMonth, card: PublicProgramme | None) -> None:
    if card is None:
        composing.report("UKE-B-04", Severity.BLOCK, "KO", "2", programme=month.programme)
        return
    recipient = card.recipient_number
    composing.add(
        "KO",
        {
            "payer_number": card.payer_number,
            "recipient_number": recipient.zfill(7) if recipient else "",
            "visit_days": month.day_count,
            "total_points": month.points,
            "share_yen": month.amount_yen,
            "outpatient_share_yen": month.benefit_share_yen,
        },
    )


def add_eligibility(
    composing: Composing, receipt: ReceiptMonth, payers: Payers, units: tuple[PlacedUnit, ...]
) -> None:
    """資格確認・受診日等・窓口負担額 — SN with the branch number, JD per payer, MF.

    Cite: 記録条件仕様（医科用） 資格確認レコード, 受診日等レコード, 窓口負担額レコード
    """
    insurer = insurer_of(receipt)
    if insurer is not None:
        is_late = insurer.kind is InsuranceKind.LATE_ELDERLY
        composing.add(
            "SN",
            {
                "bearer_kind": INSURER_BEARER,
                "confirmation": CONFIRMED_AT_COUNTER,
                "branch": "" if is_late or not insurer.branch else insurer.branch.zfill(2),
            },
        )
        composing.add("JD", _days(INSURER_BEARER, units))
    for nth, key in enumerate(payers.programmes, 2):
        mine = tuple(placed for placed in units if key in placed.programmes)
        composing.add("JD", _days(str(nth), mine))
    if insurer is not None:
        composing.add("MF", {"counter_kind": receipt.counter_kind})


def _days(bearer: str, units: tuple[PlacedUnit, ...]) -> dict[str, str | int]:
    days: dict[date, str] = {}
    for placed in units:
        kind = "1" if placed.billed.is_counted_day else "2"
        days[placed.billed.visit.day] = min(days.get(placed.billed.visit.day, "2"), kind)
    return {"bearer_kind": bearer, **{f"day_{day.day}": kind for day, kind in sorted(days.items())}}
