# SPDX-License-Identifier: Apache-2.0
"""領収証 — what a patient is given for what was paid, by part of the fee table.

Cite: 保険医療機関及び保険医療養担当規則 第5条の2; 平成18年3月6日 保発第0306005号 別紙様式1; 令和6年3月5日 保発0305第11号
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from tasuki.forms.fee_part import FeePart
from tasuki.forms.parties import Issuer, PatientParty
from tasuki.forms.wording import era_parts, grouped, share_text
from tasuki.kernel.finding import Finding, Severity, Where


class ChargeKind(StrEnum):
    """保険外負担の区分 — how a charge outside insurance is shown."""

    ELECTIVE = "elective"  # 評価療養・選定療養
    OTHER = "other"  # その他


@dataclass(frozen=True, slots=True)
class UninsuredCharge:
    """保険外負担 — one charge outside insurance, its amount with tax included.

    ``tax_percent`` is 0 for what bears no consumption tax.
    """

    name: str
    amount_yen: int
    kind: ChargeKind = ChargeKind.OTHER
    tax_percent: int = 10


@dataclass(frozen=True, slots=True)
class ReceiptSlip:
    """領収証 — one payment.

    ``copayment_yen`` is the patient's share of insured care after every programme and limit;
    ``previous_unpaid_yen`` what was owed before (negative: paid ahead), ``received_yen`` what was
    taken in now. ``points`` leaves out parts with nothing.
    """

    number: str
    issued_on: date
    service_on: date
    issuer: Issuer
    patient: PatientParty
    insurance_label: str  # 費用区分: 社保, 国保, 後期, 公費, 自費, 労災 …
    share_percent: int | None
    points: dict[FeePart, int]
    total_points: int
    copayment_yen: int
    received_yen: int
    service_until: date | None = None
    department: str = ""
    is_dependant: bool | None = None
    programme_labels: tuple[str, ...] = ()
    charges: tuple[UninsuredCharge, ...] = ()
    previous_unpaid_yen: int = 0
    yen_per_point: int = 10
    is_reissue: bool = False
    reissued_on: date | None = None
    notes: tuple[str, ...] = ()

    @property
    def uninsured_yen(self) -> int:
        """保険外負担計 — the sum of the charges outside insurance."""
        return sum(charge.amount_yen for charge in self.charges)

    @property
    def due_yen(self) -> int:
        """今回請求額 — share and charges of this visit."""
        return self.copayment_yen + self.uninsured_yen

    @property
    def unpaid_yen(self) -> int:
        """差引未収額 — what stays owed after this payment."""
        return self.previous_unpaid_yen + self.due_yen - self.received_yen


def check(slip: ReceiptSlip) -> list[Finding]:
    """領収証の点検 — a receipt whose parts do not add up to its total is not printed."""
    computed = sum(slip.points.values())
    if computed == slip.total_points:
        return []
    return [
        Finding(
            "FORM002",
            Severity.BLOCK,
            Where(record="receipt_slip", field="total_points"),
            "form.sum",
            {"what": "合計点数", "computed": computed, "stated": slip.total_points},
        )
    ]


def tax_included_yen(amount_yen: int, percent: int) -> int:
    """内消費税額 — the tax inside an amount, a part of a yen dropped.

    Cite: 消費税法 第57条の4第1項第5号; 消費税法施行令 第70条の10 (端数処理は適格請求書につき税率ごとに1回)

    >>> tax_included_yen(3300, 10), tax_included_yen(1000, 10)
    (300, 90)
    """
    return amount_yen * percent // (100 + percent)


def layout(slip: ReceiptSlip) -> dict[str, Any]:
    """領収証の印字内容 — everything the template draws, as text."""
    rates = sorted({charge.tax_percent for charge in slip.charges}, reverse=True)
    by_rate = {
        rate: sum(charge.amount_yen for charge in slip.charges if charge.tax_percent == rate)
        for rate in rates
    }
    return {
        "number": slip.number,
        "issued_on": era_parts(slip.issued_on)._asdict(),
        "service_on": era_parts(slip.service_on)._asdict(),
        "service_until": era_parts(slip.service_until)._asdict(),
        "reissued_on": era_parts(slip.reissued_on)._asdict(),
        "is_reissue": slip.is_reissue,
        "issuer": _issuer(slip.issuer),
        "patient": {"id": slip.patient.id, "name": slip.patient.name, "kana": slip.patient.kana},
        "department": slip.department,
        "insurance": slip.insurance_label,
        "share": share_text(slip.share_percent),
        "is_dependant": slip.is_dependant,
        "programmes": list(slip.programme_labels),
        "points": {part.value: grouped(slip.points[part]) if part in slip.points else "" for part in FeePart},
        "total_points": grouped(slip.total_points),
        "insured_total": grouped(slip.total_points * slip.yen_per_point),
        "copayment": grouped(slip.copayment_yen),
        "elective": [_charge(c) for c in slip.charges if c.kind is ChargeKind.ELECTIVE],
        "other": [_charge(c) for c in slip.charges if c.kind is ChargeKind.OTHER],
        "uninsured_total": grouped(slip.uninsured_yen),
        "due": grouped(slip.due_yen),
        "previous_unpaid": grouped(slip.previous_unpaid_yen),
        "received": grouped(slip.received_yen),
        "unpaid": grouped(slip.unpaid_yen),
        "taxes": [
            {
                "rate": str(rate),
                "amount": grouped(by_rate[rate]),
                "tax": grouped(tax_included_yen(by_rate[rate], rate)),
            }
            for rate in rates
        ],
        "notes": list(slip.notes),
    }


def _issuer(issuer: Issuer) -> dict[str, str]:
    return {
        "name": issuer.name,
        "address": issuer.address,
        "postal_code": issuer.postal_code,
        "telephone": issuer.telephone,
        "invoice_number": issuer.invoice_number,
    }


def _charge(charge: UninsuredCharge) -> dict[str, Any]:
    return {
        "name": charge.name,
        "amount": grouped(charge.amount_yen),
        "is_taxed": charge.tax_percent > 0,
    }
