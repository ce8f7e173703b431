# SPDX-License-Identifier: Apache-2.0
"""患者コンパートメント — the Patient that a resource is about, by which consent is kept and accesses are recorded.

Cite: HL7 FHIR R4 CompartmentDefinition/patient
"""

from __future__ import annotations

from functools import cache
from typing import Any

from tasuki.sharing.search import IndexRows, compartment_codes, extract, parameters_of
from tasuki.sharing.search.implied import numbers_toward

# Whom it is about counts before who takes part in it.
_FIRST = ("subject", "patient", "beneficiary", "individual")
_PATIENT = "Patient"


def patient_of(resource: dict[str, Any], rows: IndexRows) -> str | None:
    """患者 — the logical id of the Patient, None for a resource about nobody.

    >>> about = {"resourceType": "Observation", "subject": {"reference": "Patient/p1"}}
    >>> patient_of(about, extract(about))
    'p1'
    """
    kind = resource["resourceType"]
    if kind == _PATIENT:
        return resource.get("id")
    if kind == "Bundle":
        return _of_bundle(resource)
    for number in _numbers(kind):
        for row in rows.reference:
            if row[0] == number and row[2] == _PATIENT and row[3]:
                return row[3]
    return None


@cache
def _numbers(type_name: str) -> tuple[int, ...]:
    numbered = {each.code: numbers_toward(each, _PATIENT) for each in parameters_of(type_name)}
    codes = sorted(
        compartment_codes(type_name), key=lambda code: _FIRST.index(code) if code in _FIRST else len(_FIRST)
    )
    return tuple(number for code in codes for number in numbered.get(code, ()))


def _of_bundle(bundle: dict[str, Any]) -> str | None:
    """Of a document: the first Patient that stands in it, or is pointed at."""
    entries = bundle.get("entry") or ()
    held = [each["resource"] for each in entries if isinstance(each.get("resource"), dict)]
    for each in held:
        if each["resourceType"] == _PATIENT and each.get("id"):
            return str(each["id"])
    pointed = (patient_of(each, extract(each)) for each in held if each["resourceType"] != "Bundle")
    return next(filter(None, pointed), None)
