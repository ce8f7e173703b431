# SPDX-License-Identifier: Apache-2.0
"""支払者の形 — how a file says who beside its own insurer pays of a visit, at which price, and what has its own price."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

from msgspec import Meta, Struct

from tasuki.calculation.payers.price_list import PriceItem
from tasuki.calculation.payers.terms import PayerBasis, PayerSettings, PayerTerms, TaxClass
from tasuki.chart.coverage import HEALTH_KINDS, InsuranceKind
from tasuki.kernel.finding import Finding, Severity, Where
from tasuki.kernel.messages import register
from tasuki.kernel.validity import Validity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_PRICED = (InsuranceKind.PRIVATE, InsuranceKind.CHECKUP)
HIGHEST_PRICE = Decimal("9999.99")
ChargedYen = Annotated[int, Meta(ge=0, le=9_999_999)]
Counted = Annotated[int, Meta(ge=1, le=999)]
PointPrice = Annotated[Decimal, Meta(description="1点の金額（円、小数2桁まで）。JSONの数または文字列")]

register(
    {
        "payers.file.price": "1点の金額 {price} は使えません。0より大きく{most}以下、小数2桁までで入力してください。",
        "payers.file.price_of_health": "健康保険の1点は10円です。契約に書くのは労災・自賠責・自費・健診の支払者だけです。",
        "payers.file.period": "終わり {until} が始まり {since} より前です。",
        "payers.file.share": "患者負担 {patient}円が料金 {yen}円を超えています。",
        "payers.file.billed_to": "料金 {yen}円のうち患者負担は{patient}円です。残りの請求先 billed_to を入力してください。",
        "payers.file.charge_kind": "料金の種別は private（自費）か checkup（健診）です。",
    }
)


class ContractWire(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """契約 — what one payer, or every payer of a kind, pays for a point; nothing is guessed where none is written."""

    kind: InsuranceKind
    unit_price_yen: PointPrice
    contract: str = ""
    basis: PayerBasis = PayerBasis.HEALTH
    technique_percent: Annotated[int, Meta(ge=1, le=999)] = 100
    tax: TaxClass = TaxClass.EXEMPT
    is_patient_charged: bool = False
    since: date | None = None
    until: date | None = None


class ChargeWire(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """料金 — one item of the institution's own price list; ``yen`` of one, tax included."""

    name: Annotated[str, Meta(min_length=1, max_length=60)]
    yen: ChargedYen
    tax: TaxClass = TaxClass.STANDARD
    kind: InsuranceKind = InsuranceKind.PRIVATE
    code: Annotated[str, Meta(max_length=60)] = ""
    times: Counted = 1
    patient_yen: ChargedYen | None = None
    billed_to: Annotated[str, Meta(max_length=60)] = ""


def settings_of(contracts: Sequence[ContractWire]) -> PayerSettings:
    """支払者の設定 — from contracts found sound."""
    return PayerSettings(terms=tuple(_terms(each) for each in contracts))


def priced(charges: Sequence[ChargeWire]) -> tuple[tuple[PriceItem, int], ...]:
    """料金表の項目と回数 — from charges found sound."""
    return tuple(
        (
            PriceItem(one.code, one.name, one.yen, one.tax, one.kind, one.patient_yen, one.billed_to),
            one.times,
        )
        for one in charges
    )


def contract_findings(contracts: Sequence[ContractWire], path: str) -> Iterator[Finding]:
    """契約の指摘 — prices that are none, and periods that run backwards."""
    for index, one in enumerate(contracts):
        place = f"{path}[{index}]"
        price = one.unit_price_yen
        if not (
            price.is_finite() and 0 < price <= HIGHEST_PRICE and price == price.quantize(Decimal("0.01"))
        ):
            yield _finding("PAY-0411", "price", f"{place}.unit_price_yen", price=price, most=HIGHEST_PRICE)
        if one.kind in HEALTH_KINDS:
            yield _finding("PAY-0412", "price_of_health", f"{place}.kind")
        if one.until is not None and one.until < (one.since or date.min):
            yield _finding("PAY-0413", "period", f"{place}.until", since=one.since, until=one.until)


def charge_findings(charges: Sequence[ChargeWire], path: str) -> Iterator[Finding]:
    """料金の指摘 — a share over the price, and a rest no one is asked for."""
    for index, one in enumerate(charges):
        place = f"{path}[{index}]"
        if one.kind not in _PRICED:
            yield _finding("PAY-0416", "charge_kind", f"{place}.kind")
        if one.patient_yen is None:
            continue
        given = {"patient": one.patient_yen, "yen": one.yen}
        if one.patient_yen > one.yen:
            yield _finding("PAY-0414", "share", f"{place}.patient_yen", **given)
        elif one.patient_yen < one.yen and not one.billed_to:
            yield _finding("PAY-0415", "billed_to", f"{place}.billed_to", **given)


def _terms(one: ContractWire) -> PayerTerms:
    is_open = one.since is None and one.until is None
    return PayerTerms(
        one.kind,
        one.unit_price_yen,
        one.contract,
        one.basis,
        one.technique_percent,
        one.tax,
        one.is_patient_charged,
        None if is_open else Validity(one.since or date.min, one.until),
    )


def _finding(code: str, key: str, path: str, /, **given: object) -> Finding:
    return Finding(code, Severity.BLOCK, Where(field=path), f"payers.file.{key}", given)
