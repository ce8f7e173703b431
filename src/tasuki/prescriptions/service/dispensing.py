# SPDX-License-Identifier: Apache-2.0
"""調剤の内容 — what a pharmacy gave, as a value, and the records (CJ1) that tell it to the service.

Cite: 薬剤師法 第28条 (調剤録); 薬担規則 第5条・第10条の2
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from tasuki.kernel.finding import BadInput, Finding, Severity
from tasuki.prescriptions.dispensing_layout import DISPENSED
from tasuki.prescriptions.writer import compose, new_document, write_prescription

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tasuki.prescriptions.records import Record
    from tasuki.prescriptions.writer import Value

_MAKER = "1"
# 剤形区分 of a prescription to 剤形コード of the notebook, with the unit its 調剤数量 counts.
_FORMS = {
    "1": ("1", "日分"), "2": ("3", "回分"), "3": ("5", "調剤"), "4": ("2", "日分"), "5": ("4", "調剤"),
    "6": ("9", "調剤"), "9": ("10", "調剤"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class DispensedDrug:
    """調剤した薬品 — code, name and amount as given; ``note`` says what was changed and why."""

    code_kind: str
    code: str
    name: str
    amount: str
    unit: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class DispensedRp:
    """調剤した剤 — the drugs, how they are taken, for how many days or times; ``dosage_form`` as the prescription has it."""

    rp: str
    dosage_form: str
    quantity: int
    usage: str
    usage_code: str
    drugs: tuple[DispensedDrug, ...]


@dataclass(frozen=True, slots=True)
class DispensedContents:
    """調剤の内容 — of one round: who, when, by whom, and what the prescriber is to know."""

    dispensed_on: date
    patient_name: str
    patient_kana: str
    sex: str
    born: str
    pharmacy_name: str
    pharmacy_prefecture: str
    pharmacy_code: str
    pharmacist: str
    clinic_name: str
    doctor_name: str
    rps: tuple[DispensedRp, ...]
    message: str = ""


def dispensing_records(contents: DispensedContents) -> bytes:
    """調剤情報のCSV — CJ1. Raises :class:`BadInput` for what cannot be recorded."""
    records: list[Record] = []
    findings: list[Finding] = []

    def add(number: str, items: Mapping[str, Value]) -> None:
        made = compose(DISPENSED, number, items)
        records.append(made.record)
        findings.extend(each for each in made.findings if each.severity is Severity.BLOCK)

    add("1", {
        "patient_name": contents.patient_name or contents.patient_kana, "sex": contents.sex,
        "born_on": contents.born, "patient_kana": contents.patient_kana,
    })  # fmt: skip
    add("5", {"dispensed_on": f"{contents.dispensed_on:%Y%m%d}", "maker": _MAKER})
    add("11", {
        "institution_name": contents.pharmacy_name, "prefecture": contents.pharmacy_prefecture, "fee_table": "4",
        "institution_code": contents.pharmacy_code, "maker": _MAKER,
    })  # fmt: skip
    add("15", {"person_name": contents.pharmacist, "maker": _MAKER})
    if contents.clinic_name:
        add("51", {"institution_name": contents.clinic_name, "maker": _MAKER})
    if contents.doctor_name:
        add("55", {"doctor_name": contents.doctor_name, "maker": _MAKER})
    for rp in contents.rps:
        form, unit = _FORMS.get(rp.dosage_form, ("10", "調剤"))
        for drug in rp.drugs:
            add("201", {
                "rp": rp.rp, "drug_name": drug.name, "amount": drug.amount, "unit": drug.unit,
                "code_kind": drug.code_kind, "drug_code": drug.code, "maker": _MAKER,
            })  # fmt: skip
            if drug.note:
                add("281", {"rp": rp.rp, "text": drug.note, "maker": _MAKER})
        add("301", {
            "rp": rp.rp, "usage_name": rp.usage, "quantity": rp.quantity, "quantity_unit": unit,
            "dosage_form": form, "code_kind": "2" if rp.usage_code else "1", "usage_code": rp.usage_code,
            "maker": _MAKER,
        })  # fmt: skip
    if contents.message:
        add("411", {"text": contents.message, "kind": "99", "maker": _MAKER})
    if findings:
        raise BadInput(findings)
    return write_prescription(new_document(DISPENSED, records))
