# SPDX-License-Identifier: Apache-2.0
"""患者コンパートメント — the Patient that a resource is about, by which consent is kept and accesses are recorded.

Cite: HL7 FHIR R4 CompartmentDefinition/patient (the first of its elements that points at a Patient)
"""

from __future__ import annotations

import re
from typing import Any

# The elements by which types join the compartment, the person it is about first.
_ELEMENTS = (
    "subject", "patient", "beneficiary", "for", "individual", "who", "subscriber", "focus", "policyHolder", "candidate",
    "target", "recipient", "sender", "requester", "party", "source", "author", "performer", "receiver",
)  # fmt: skip
# Lists whose members hold the reference.
_NESTED = {
    "participant": ("actor", "individual"), "link": ("target",), "member": ("entity",), "payee": ("party",),
}  # fmt: skip
_PATIENT = re.compile(r"(?:^|/)Patient/([A-Za-z0-9\-.]{1,64})(?:/_history/[^/]+)?$")


def patient_of(resource: dict[str, Any]) -> str | None:
    """患者 — the logical id of the Patient, None for a resource about nobody.

    >>> patient_of({"resourceType": "Observation", "subject": {"reference": "Patient/p1"}})
    'p1'
    >>> patient_of({"resourceType": "Organization"}) is None
    True
    """
    kind = resource.get("resourceType")
    if kind == "Patient":
        return resource.get("id")
    if kind == "Bundle":
        return _of_bundle(resource)
    for name in _ELEMENTS:
        found = _pointed(resource.get(name))
        if found:
            return found
    for name, inner in _NESTED.items():
        for each in _list(resource.get(name)):
            for member in inner:
                found = _pointed(each.get(member)) if isinstance(each, dict) else None
                if found:
                    return found
    return None


def _of_bundle(bundle: dict[str, Any]) -> str | None:
    """Of a document: the first Patient that stands in it, or is pointed at."""
    held = [each.get("resource") for each in _list(bundle.get("entry")) if isinstance(each, dict)]
    resources = [each for each in held if isinstance(each, dict) and each.get("resourceType") != "Bundle"]
    for each in resources:
        if each.get("resourceType") == "Patient" and isinstance(each.get("id"), str):
            return str(each["id"])
    return next((found for each in resources if (found := patient_of(each))), None)


def _pointed(value: Any) -> str | None:
    for each in _list(value):
        reference = each.get("reference") if isinstance(each, dict) else None
        found = _PATIENT.search(reference) if isinstance(reference, str) else None
        if found:
            return found[1]
    return None


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
