# SPDX-License-Identifier: Apache-2.0
"""登録された情報の読取り — from FHIR resources to the rows a person reads; what a resource does not say stays empty."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from tasuki.sharing.build.parts import day_of
from tasuki.sharing.lab_items import item_of
from tasuki_server.portal.data import Registered

_LOW, _HIGH = frozenset({"L", "LL"}), frozenset({"H", "HH"})
# 取り消された・誤りの登録: never shown as a fact.
_VOID = frozenset({"entered-in-error", "cancelled"})


class LabRow(NamedTuple):
    """検査結果 — ``mark`` is H or L outside the reference range, A for what is otherwise marked abnormal."""

    key: str
    item: str
    name: str
    value: str
    number: Decimal | None
    unit: str
    low: Decimal | None
    high: Decimal | None
    mark: str
    on: date | None
    institution: str
    group: str

    @property
    def is_infection(self) -> bool:
        """感染症か — of the five infections."""
        return bool(self.group)


class DrugRow(NamedTuple):
    """薬 — one drug of a prescription, a dispensing or a receipt."""

    name: str
    amount: str
    usage: str
    on: date | None
    institution: str
    source: str


class ConditionRow(NamedTuple):
    """傷病名 — with its course; told ones only."""

    name: str
    since: date | None
    until: date | None
    is_over: bool
    is_suspected: bool
    institution: str


class AllergyRow(NamedTuple):
    """アレルギー — the substance, what it did, and how grave it is said to be."""

    name: str
    category: str
    criticality: str
    reactions: str
    noted: date | None
    institution: str


def lab_rows(given: Iterable[Registered]) -> list[LabRow]:
    """検査結果の読取り — the newest first; panels give their parts."""
    rows = [_lab(each) for each in given if each.resource.get("status") not in _VOID]
    return sorted((each for each in rows if each.value), key=lambda row: row.on or date.min, reverse=True)


def condition_rows(given: Iterable[Registered]) -> list[ConditionRow]:
    """傷病名の読取り — those that go on first."""
    rows = []
    for each in given:
        resource = each.resource
        states = {*_codes(resource.get("clinicalStatus")), *_codes(resource.get("verificationStatus"))}
        if states & {"entered-in-error", "refuted"}:
            continue
        until = day_of(resource.get("abatementDateTime"))
        is_over = until is not None or bool(states & {"resolved", "inactive", "remission"})
        is_suspected = bool(states & {"unconfirmed", "provisional", "differential"})
        since = day_of(resource.get("onsetDateTime") or resource.get("recordedDate"))
        rows.append(
            ConditionRow(text_of(resource.get("code")), since, until, is_over, is_suspected, each.institution)
        )
    return sorted(rows, key=lambda row: (row.is_over, -(row.since or date.min).toordinal()))


def allergy_rows(given: Iterable[Registered]) -> list[AllergyRow]:
    """アレルギーの読取り — the gravest first."""
    rows = []
    for each in given:
        resource = each.resource
        if set(_codes(resource.get("verificationStatus"))) & {"entered-in-error", "refuted"}:
            continue
        signs = [
            text_of(sign) or ""
            for reaction in resource.get("reaction") or ()
            for sign in reaction.get("manifestation") or ()
        ]
        category = (resource.get("category") or [""])[0]
        noted = day_of(resource.get("onsetDateTime") or resource.get("recordedDate"))
        rows.append(
            AllergyRow(
                text_of(resource.get("code")),
                category,
                resource.get("criticality") or "",
                "、".join(filter(None, signs)),
                noted,
                each.institution,
            )
        )
    return sorted(rows, key=lambda row: (row.criticality != "high", row.name))


def drug_rows(given: Iterable[Registered]) -> list[DrugRow]:
    """処方の読取り — of MedicationRequest."""
    rows = []
    for each in given:
        resource = each.resource
        if resource.get("status") in _VOID:
            continue
        dosage = (resource.get("dosageInstruction") or [{}])[0]
        quantity = ((dosage.get("doseAndRate") or [{}])[0]).get("doseQuantity") or {}
        amount = f"{quantity.get('value', '')}{quantity.get('unit', '')}"
        usage = dosage.get("text") or text_of((dosage.get("timing") or {}).get("code"))
        name = text_of(resource.get("medicationCodeableConcept"))
        rows.append(
            DrugRow(name, amount, usage, day_of(resource.get("authoredOn")), each.institution, "prescribed")
        )
    return rows


def text_of(concept: Any) -> str:
    """コードの表記 — the text, else the first name a coding gives."""
    if not isinstance(concept, Mapping):
        return ""
    found = concept.get("text") or next(
        (each["display"] for each in concept.get("coding") or () if each.get("display")), ""
    )
    return str(found)


def _lab(each: Registered) -> LabRow:
    resource = each.resource
    codings = (resource.get("code") or {}).get("coding") or ()
    item = next((found for coding in codings if (found := item_of(str(coding.get("code", ""))))), None)
    value, number, unit = _value(resource)
    bounds = (resource.get("referenceRange") or [{}])[0]
    low, high = _number(bounds.get("low")), _number(bounds.get("high"))
    name = text_of(resource.get("code"))
    key = item.list if item is not None else name
    return LabRow(
        key, item.list if item is not None else "", item.name if item is not None else name, value, number, unit, low,
        high, _mark(resource, number, low, high), day_of(resource.get("effectiveDateTime")), each.institution,
        item.group if item is not None else "",
    )  # fmt: skip


def _value(resource: Mapping[str, Any]) -> tuple[str, Decimal | None, str]:
    quantity = resource.get("valueQuantity")
    if isinstance(quantity, Mapping):
        comparator = quantity.get("comparator") or ""
        number = _number(quantity)
        return (
            f"{comparator}{quantity.get('value', '')}",
            None if comparator else number,
            quantity.get("unit") or "",
        )
    return text_of(resource.get("valueCodeableConcept")) or str(resource.get("valueString") or ""), None, ""


def _mark(
    resource: Mapping[str, Any], number: Decimal | None, low: Decimal | None, high: Decimal | None
) -> str:
    said = {code for each in resource.get("interpretation") or () for code in _codes(each)}
    if said & _HIGH or (number is not None and high is not None and number > high):
        return "H"
    if said & _LOW or (number is not None and low is not None and number < low):
        return "L"
    return "A" if "A" in said else ""


def _number(quantity: Any) -> Decimal | None:
    if not isinstance(quantity, Mapping) or "value" not in quantity:
        return None
    try:
        return Decimal(str(quantity["value"]))
    except InvalidOperation:
        return None


def _codes(concept: Any) -> list[str]:
    if not isinstance(concept, Mapping):
        return []
    return [str(each.get("code", "")) for each in concept.get("coding") or ()]
