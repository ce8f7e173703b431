# SPDX-License-Identifier: Apache-2.0
"""点検の事案ファイル — a prescription, its patient and what is taken already, as JSON; alerts as JSON and text."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from tasuki.calculation.wire_faults import faults
from tasuki.chart.orders import OrderKind
from tasuki.chart.visit import Sex
from tasuki.kernel.finding import BadInput, Finding, Severity, Where
from tasuki.kernel.strict_json import NotStrict, read_strictly
from tasuki.prescriptions.safety.alert import Alert, alert_sentence
from tasuki.prescriptions.safety.from_chart import drug_of, times_a_day
from tasuki.prescriptions.safety.person import Allergy, Body, Condition, Medicine, Patient
from tasuki.prescriptions.safety.rows import Tier

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tasuki.masters.book import Book, DayBook

_LABELS = {Tier.STOP: "禁忌", Tier.CAUTION: "注意", Tier.INFO: "情報"}


class DrugWire(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """薬（ファイル） — by its code of nine digits, or by name and 薬価基準収載医薬品コード or 一般名コード."""

    code: str = ""
    name: str = ""
    ingredient: str = ""
    kind: OrderKind = OrderKind.INTERNAL
    amount: Decimal | None = None
    unit: str = ""
    usage: str = ""
    days: int = 1
    on: date | None = None
    institution: str = ""


class ConditionWire(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """病名（ファイル） — by its code of seven digits, or by name and ICD-10."""

    code: str = ""
    name: str = ""
    icd10: tuple[str, ...] = ()
    is_suspected: bool = False


class AllergyWire(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """アレルギー（ファイル）."""

    substance: str
    code: str = ""
    ingredient: str = ""
    is_contraindicated: bool = False


class PatientWire(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """患者（ファイル）."""

    born: date
    sex: Sex
    conditions: tuple[ConditionWire, ...] = ()
    allergies: tuple[AllergyWire, ...] = ()
    body: Body = Body()


class CheckFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """点検の事案ファイル — ``day`` is that of the prescription; drugs taken before carry the day they were given."""

    day: date
    patient: PatientWire
    prescription: tuple[DrugWire, ...]
    history: tuple[DrugWire, ...] = ()
    shared_history: tuple[DrugWire, ...] = ()


class CheckCase(NamedTuple):
    """点検の事案 — what :func:`tasuki.prescriptions.safety.check` takes beside the knowledge."""

    prescription: tuple[Medicine, ...]
    patient: Patient
    history: tuple[Medicine, ...]
    shared_history: tuple[Medicine, ...]
    day: date


def read_case(data: bytes, book: Book, file: str = "") -> CheckCase:
    """点検の事案ファイルの読取り — raises :class:`BadInput` naming each member at fault, ``OutOfBook`` for its day."""
    try:
        value = read_strictly(data)
    except NotStrict as wrong:
        raise BadInput([_finding("RX-K-13", file, "", why=str(wrong))]) from wrong
    try:
        wire = msgspec.convert(value, CheckFile, strict=True)
    except (msgspec.ValidationError, ValueError, ArithmeticError) as wrong:
        found = [_finding("RX-K-14", file, each.path, why=each.detail) for each in faults(value, CheckFile)]
        raise BadInput(found or [_finding("RX-K-14", file, "", why=str(wrong))]) from wrong
    findings = list(_impossible(wire, file))
    if findings:
        raise BadInput(findings)
    rows = book.at(wire.day)
    return CheckCase(
        tuple(
            _medicine(each, rows, wire.day, f"{n:03}") for n, each in enumerate(wire.prescription, start=1)
        ),
        _patient(wire.patient, rows),
        tuple(_medicine(each, rows, wire.day, "") for each in wire.history),
        tuple(_medicine(each, rows, wire.day, "") for each in wire.shared_history),
        wire.day,
    )


def alerts_view(alerts: Sequence[Alert]) -> list[dict[str, Any]]:
    """警告の表示 — as JSON members."""
    return [
        {
            "code": each.code, "tier": each.tier.value, "where": each.where, "beside": each.beside,
            "message": alert_sentence(each), "facts": dict(each.facts), "cite": each.cite, "cause": each.cause,
        }
        for each in alerts
    ]  # fmt: skip


def alerts_text(case: CheckCase, alerts: Sequence[Alert]) -> str:
    """警告の文 — one line an alert, under the drug it is told of."""
    names = {each.place: each.name for each in case.prescription}
    lines = [
        f"{_LABELS[each.tier]} {each.code} {int(each.where)}番目「{names[each.where]}」 {alert_sentence(each)}"
        + (f"（{each.cite}）" if each.cite else "")
        for each in alerts
    ]
    counts = "、".join(f"{_LABELS[tier]} {sum(each.tier is tier for each in alerts)}件" for tier in Tier)
    return "\n".join([*lines, counts if alerts else "警告はありません。"])


def case_schema() -> dict[str, Any]:
    """点検の事案ファイルのJSON Schema — as published under docs/reference/schemas."""
    made = msgspec.json.schema(CheckFile)
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(made))
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **plain}


def _impossible(wire: CheckFile, file: str) -> list[Finding]:
    found = []
    for name in ("prescription", "history", "shared_history"):
        for index, each in enumerate(getattr(wire, name)):
            path = f"{name}[{index}]"
            if not each.code and not each.name:
                found.append(_finding("RX-K-15", file, path))
            if name != "prescription" and each.on is None:
                found.append(_finding("RX-K-16", file, f"{path}.on"))
            if not 1 <= each.days <= 999:
                found.append(_finding("RX-K-17", file, f"{path}.days", days=each.days))
            if each.amount is not None and not (each.amount.is_finite() and each.amount > 0):
                found.append(_finding("RX-K-18", file, f"{path}.amount", amount=str(each.amount)))
            if name == "shared_history" and not each.institution:
                found.append(_finding("RX-K-19", file, f"{path}.institution"))
    if wire.patient.born > wire.day:
        found.append(_finding("RX-K-20", file, "patient.born", born=wire.patient.born, day=wire.day))
    for name in ("weight_kg", "egfr", "ccr", "creatinine"):
        value = getattr(wire.patient.body, name)
        if value is not None and not (value.is_finite() and value > 0):
            found.append(_finding("RX-K-18", file, f"patient.body.{name}", amount=str(value)))
    return found


def _medicine(wire: DrugWire, book: DayBook, day: date, place: str) -> Medicine:
    row = drug_of(book, wire.code) if wire.code else None
    since = wire.on or day
    is_internal = wire.kind is OrderKind.INTERNAL
    return Medicine(
        code=wire.code,
        name=wire.name or (row.name if row else wire.code),
        ingredient=wire.ingredient or ((row.price_list_code or row.generic_code) if row else ""),
        since=since,
        until=since + timedelta(days=wire.days - 1) if is_internal else None,
        place=place,
        kind=wire.kind,
        amount=wire.amount,
        unit=wire.unit or (row.unit_name if row else ""),
        times_a_day=times_a_day(wire.usage) if is_internal else None,
        institution=wire.institution,
    )


def _patient(wire: PatientWire, book: DayBook) -> Patient:
    conditions = []
    for each in wire.conditions:
        rows = book.book.diseases.get(each.code, ())
        name, icd10 = (rows[0].name, rows[0].icd10) if rows else (each.code, ())
        conditions.append(Condition(each.code, each.name or name, each.icd10 or icd10, each.is_suspected))
    allergies = []
    for allergy in wire.allergies:
        drug = drug_of(book, allergy.code) if allergy.code else None
        ingredient = allergy.ingredient or (drug.price_list_code if drug else "")
        allergies.append(Allergy(allergy.substance, allergy.code, ingredient, allergy.is_contraindicated))
    return Patient(wire.born, wire.sex, tuple(conditions), tuple(allergies), wire.body)


def _finding(code: str, file: str, path: str, **facts: object) -> Finding:
    return Finding(code, Severity.BLOCK, Where(file, field=path), f"prescription.safety.{code}", facts)
