# SPDX-License-Identifier: Apache-2.0
"""負担事案の支払者 — what payers other than health insurance bear of the visits of a month, and what the patient pays."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, NamedTuple

from msgspec import Meta, Struct

from tasuki.calculation.payers.account import payer_amount, raised_yen, terms_finding
from tasuki.calculation.payers.payers_wire import ChargeWire, charge_findings, priced
from tasuki.calculation.payers.price_list import price_lines
from tasuki.calculation.payers.terms import TermsUnknown
from tasuki.chart.coverage import Insurance, InsuranceKind
from tasuki.kernel.finding import Finding, Severity, Where
from tasuki.kernel.messages import register

if TYPE_CHECKING:
    from datetime import date

    from tasuki.calculation.payers.account import PayerAmount
    from tasuki.calculation.payers.price_list import PricedLine
    from tasuki.calculation.payers.terms import PayerSettings

PartPoints = Annotated[int, Meta(ge=0, le=99_999_999)]

register(
    {
        "payers.part_of_health": "医療保険の点数は points に書きます。ここに書くのは労災・自賠責・自費・健診の分です。",
        "payers.part_without_price": "{payer}の1点の金額がありません。contracts に契約の金額を入れるか、charges に料金を書いてください。推測では計算しません。",
    }
)


class PartWire(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """支払者の分 — points of technique, points of drugs and materials, and 診察・指導・救急 priced in yen.

    ``act_yen`` is raised by the contract as the technique is; what is not (文書料) stands in ``charges``.
    """

    kind: InsuranceKind
    insurer_number: str = ""
    symbol: str = ""
    points: PartPoints = 0
    goods_points: PartPoints = 0
    act_yen: PartPoints = 0


class OutsideWire(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """保険外の分 — parts of other payers in a visit, and items of the price list."""

    parts: Annotated[tuple[PartWire, ...], Meta(max_length=8)] = ()
    charges: Annotated[tuple[ChargeWire, ...], Meta(max_length=200)] = ()


class OutsidePart(NamedTuple):
    """支払者の分の計算 — who, how many points, and the amount."""

    payer: Insurance
    points: int
    amount: PayerAmount


class VisitOutside(NamedTuple):
    """受診の保険外の分 — priced parts and charges of one visit."""

    parts: tuple[OutsidePart, ...] = ()
    charges: tuple[PricedLine, ...] = ()

    @property
    def patient_yen(self) -> int:
        """患者の支払 — of every part and charge."""
        parts = sum(part.amount.patient_yen for part in self.parts)
        return parts + sum(line.patient_yen for line in self.charges)


def price_outside(
    wire: OutsideWire, day: date, settings: PayerSettings, path: str
) -> tuple[VisitOutside, tuple[Finding, ...]]:
    """保険外の分の計算 — of one visit, or every reason why it cannot be priced."""
    findings = list(charge_findings(wire.charges, f"{path}.charges"))
    parts: list[OutsidePart] = []
    for index, one in enumerate(wire.parts):
        try:
            parts.append(_part(one, day, settings))
        except TermsUnknown as unknown:
            findings.append(_no_price(one, unknown, f"{path}.parts[{index}].kind"))
        except ValueError:
            where = Where(field=f"{path}.parts[{index}].kind")
            findings.append(Finding("PAY-0421", Severity.BLOCK, where, "payers.part_of_health", {}))
    if findings:
        return VisitOutside(), tuple(findings)
    return VisitOutside(tuple(parts), price_lines(priced(wire.charges))), ()


def _part(one: PartWire, day: date, settings: PayerSettings) -> OutsidePart:
    payer = _payer(one)
    if payer.is_health:
        raise ValueError(one.kind)
    terms = settings.terms_of(payer, day)
    act_yen = raised_yen(((one.act_yen, True),), terms)
    amount = payer_amount(payer, terms, ((one.points, 0), (0, one.goods_points)), act_yen)
    return OutsidePart(payer, one.points + one.goods_points, amount)


def _payer(one: PartWire) -> Insurance:
    return Insurance(one.kind, one.insurer_number, one.symbol)


def _no_price(one: PartWire, unknown: TermsUnknown, path: str) -> Finding:
    """Here nothing falls back on a price list: the file says itself what has a price of its own."""
    found = terms_finding(_payer(one), unknown)
    return replace(
        found,
        code="PAY-0422",
        severity=Severity.BLOCK,
        where=Where(field=path),
        message_key="payers.part_without_price",
    )
