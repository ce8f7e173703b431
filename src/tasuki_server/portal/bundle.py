# SPDX-License-Identifier: Apache-2.0
"""FHIRでの持出し — one Bundle (collection) of what institutions registered, as it was registered, and of the person's own notes.

What the eligibility service keeps in messages of its own (drugs of receipts, checkups) is made into resources here; the
person's own measures are Observations that name the person as who made them, with a tag that says so.

Cite: HL7 FHIR R4 Bundle (collection), Observation, MedicationStatement
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.utils import timezone

from tasuki.sharing.build.names import INSURED, PUBLIC_PAYER
from tasuki.sharing.build.parts import to_json
from tasuki.sharing.permission import RecordKind
from tasuki_server.eligibility.models import InsuredPerson
from tasuki_server.portal.data import checkups_of, drugs_elsewhere, insured_numbers, own_data, records_since
from tasuki_server.portal.entries import entries_of
from tasuki_server.portal.models import EntryKind, OwnEntry

OWN_TAG = {"system": "urn:tasuki:portal", "code": "own", "display": "本人の記入"}
_LOINC = "http://loinc.org"
_UCUM = "http://unitsofmeasure.org"
_GENDERS = {"1": "male", "2": "female"}

Resource = dict[str, Any]


def record_bundle(person: InsuredPerson, at: datetime) -> bytes:
    """FHIRでの持出し — as JSON; decimals as they were written."""
    resources = [_patient(person), *_resources(person)]
    entries = [{"fullUrl": _url(each), "resource": each} for each in resources]
    made = {
        "resourceType": "Bundle",
        "type": "collection",
        "timestamp": timezone.localtime(at).isoformat(timespec="seconds"),
        "entry": entries,
    }
    return to_json(made)


def _resources(person: InsuredPerson) -> Iterator[Resource]:
    told = own_data(person)
    yield from (each.resource for each in told.of(*RecordKind))
    yield from (each.bundle for each in told.documents if each.bundle is not None)
    about = {"reference": f"urn:uuid:{person.pk}"}
    for drug in drugs_elsewhere(person, records_since()):
        yield {
            "resourceType": "MedicationStatement",
            "id": str(drug.pk),
            "status": "unknown",
            "medicationCodeableConcept": {"text": drug.name},
            "subject": about,
            "effectiveDateTime": drug.day.isoformat(),
            "informationSource": {"display": drug.institution_name or "オンライン資格確認等システム"},
            **({"dosage": [{"text": drug.usage}]} if drug.usage else {}),
        }
    for item in checkups_of(person):
        yield {
            "resourceType": "Observation",
            "id": str(item.pk),
            "status": "final",
            "code": {
                "coding": [{"system": "urn:oid:1.2.392.200119.4.1005", "code": item.code}],
                "text": item.name,
            },
            "subject": about,
            "effectiveDateTime": item.day.isoformat(),
            "valueString": f"{item.value}{item.unit}",
        }
    for entry in entries_of(person):
        yield _own(entry, about)


def _own(row: OwnEntry, about: Resource) -> Resource:
    made: Resource = {
        "resourceType": "Observation",
        "id": str(row.pk),
        "meta": {"tag": [OWN_TAG]},
        "status": "final",
        "subject": about,
        "effectiveDateTime": timezone.localtime(row.measured_at).isoformat(timespec="seconds"),
        "performer": [about],
    }
    if row.kind == EntryKind.PRESSURE:
        made["code"] = _loinc("85354-9", "血圧")
        made["component"] = [
            {
                "code": _loinc("8480-6", "最高血圧"),
                "valueQuantity": _quantity(row.upper_mmhg, "mmHg", "mm[Hg]"),
            },
            {
                "code": _loinc("8462-4", "最低血圧"),
                "valueQuantity": _quantity(row.lower_mmhg, "mmHg", "mm[Hg]"),
            },
        ]
    elif row.kind == EntryKind.WEIGHT:
        made["code"] = _loinc("29463-7", "体重")
        made["valueQuantity"] = _quantity(row.weight_kg, "kg", "kg")
    else:
        made["code"] = {"text": "本人のメモ"}
        made["valueString"] = row.text
    return made


def _patient(person: InsuredPerson) -> Resource:
    return {
        "resourceType": "Patient",
        "id": str(person.pk),
        "identifier": [
            {"system": PUBLIC_PAYER if each.is_public else INSURED, "value": each.number}
            for each in insured_numbers(person)
        ],
        "name": [{"text": person.name}],
        "gender": _GENDERS.get(person.sex, "unknown"),
        "birthDate": person.born.isoformat(),
    }


def _url(resource: Resource) -> str:
    """Ours by their own number; those of the exchange as they are found there."""
    logical_id = str(resource.get("id", ""))
    return (
        f"urn:uuid:{logical_id}"
        if len(logical_id) == 36
        else f"urn:tasuki:{resource['resourceType']}:{logical_id}"
    )


def _loinc(code: str, text: str) -> Resource:
    return {"coding": [{"system": _LOINC, "code": code}], "text": text}


def _quantity(value: object, unit: str, code: str) -> Resource:
    return {"value": value, "unit": unit, "system": _UCUM, "code": code}
