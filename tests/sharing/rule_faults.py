# SPDX-License-Identifier: Apache-2.0
"""規則の誤り — faults against invariants, code systems and slices: well-formed JSON of the right types, and still wrong."""

from __future__ import annotations

import random

from sharing.faults import Resource, fault, pick, put

INFECTION_AND_CORE = "JP_CLINS_ObsLabResult_"
KEPT = (
    "http://jpfhir.jp/fhir/core/CodeSystem/JP_SimpleObservationCategory_CS",
    "http://jpfhir.jp/fhir/clins/CodeSystem/document-section",
    "http://jpfhir.jp/fhir/clins/CodeSystem/JP_ehrshrs_indication",
    "http://jpfhir.jp/fhir/eCS/CodeSystem/MedicationCodeNocoded_CS",
    "http://jpfhir.jp/fhir/clins/CodeSystem/BundleResourceType_CS",
    "http://jpfhir.jp/fhir/core/CodeSystem/JP_ObservationBodyMeasurementCode_CS",
    "http://jpfhir.jp/fhir/core/CodeSystem/JP_DentalBodySite_CS",
)


@fault
def code_not_in_its_system(resource: Resource, chosen: random.Random) -> str | None:
    return put(resource, chosen, lambda h, k, v: k == "code" and h.get("system") in KEPT, lambda v: "架空")


@fault
def entered_in_error_and_active(resource: Resource, chosen: random.Random) -> str | None:
    if (
        resource["resourceType"] not in ("Condition", "AllergyIntolerance")
        or "clinicalStatus" not in resource
    ):
        return None
    kind = (
        "condition-ver-status"
        if resource["resourceType"] == "Condition"
        else "allergyintolerance-verification"
    )
    resource["verificationStatus"] = {
        "coding": [
            {
                "system": f"http://terminology.hl7.org/CodeSystem/{kind}",
                "code": "entered-in-error",
                "display": "x",
            }
        ]
    }
    return "verificationStatus"


@fault
def ended_and_active(resource: Resource, chosen: random.Random) -> str | None:
    if resource["resourceType"] != "Condition" or "clinicalStatus" not in resource:
        return None
    resource["clinicalStatus"]["coding"][0]["code"] = "active"
    resource["abatementDateTime"] = "2026-04-01"
    return "abatementDateTime"


@fault
def value_and_reason_of_absence(resource: Resource, chosen: random.Random) -> str | None:
    if resource["resourceType"] != "Observation" or not any(key.startswith("value") for key in resource):
        return None
    resource["dataAbsentReason"] = {
        "coding": [{"system": "http://terminology.hl7.org/CodeSystem/data-absent-reason", "code": "unknown"}], "text": "不明"
    }  # fmt: skip
    return "dataAbsentReason"


@fault
def range_of_nothing(resource: Resource, chosen: random.Random) -> str | None:
    place = pick(resource, chosen, lambda h, k, v: k == "referenceRange" and isinstance(v, list))
    if place is None:
        return None
    place[0]["referenceRange"] = [{"type": {"text": "基準"}}]
    return str(place[2])


@fault
def institution_number_misshapen(resource: Resource, chosen: random.Random) -> str | None:
    place = pick(
        resource, chosen, lambda h, k, v: k == "valueIdentifier" and "InstitutionNumber" in str(h.get("url"))
    )
    if place is None:
        return None
    place[0]["valueIdentifier"]["value"] = chosen.choice(["123", "99X9999999", "9" * 9])
    return str(place[2])


@fault
def member_number_misshapen(resource: Resource, chosen: random.Random) -> str | None:
    if resource["resourceType"] != "Patient" or "eCS" not in str(resource.get("meta")):
        return None
    return put(
        resource,
        chosen,
        lambda h, k, v: k == "value" and "JP_Insurance_memberID" in str(h.get("system")),
        lambda v: "12:3",
    )


@fault
def wide_space_in_name(resource: Resource, chosen: random.Random) -> str | None:
    if resource["resourceType"] != "Patient" or "eCS" not in str(resource.get("meta")):
        return None
    return put(
        resource,
        chosen,
        lambda h, k, v: k == "text" and "family" in h and "extension" in h,
        lambda v: "架空　太郎",
    )


@fault
def bundle_number_misshapen(resource: Resource, chosen: random.Random) -> str | None:
    if resource["resourceType"] != "Bundle" or "JP_Bundle_CLINS" not in str(resource.get("meta")):
        return None
    resource["identifier"]["value"] = "x" + str(resource["identifier"].get("value"))
    return "identifier.value"


@fault
def bundle_tag_of_other_kind(resource: Resource, chosen: random.Random) -> str | None:
    if resource["resourceType"] != "Bundle" or "JP_Bundle_CLINS" not in str(resource.get("meta")):
        return None
    resource["meta"]["tag"][0]["code"] = "MedicationRequest"
    return "meta.tag"


@fault
def usage_without_code(resource: Resource, chosen: random.Random) -> str | None:
    place = pick(
        resource, chosen, lambda h, k, v: k == "system" and "MedicationUsage_ePrescription" in str(v)
    )
    if place is None or "eCS" not in str(resource.get("meta")):
        return None
    place[0]["system"] = "http://example.org/usage"
    return str(place[2])


@fault
def shared_code_of_other_test(resource: Resource, chosen: random.Random) -> str | None:
    """A code that the list of the service does not have under that name."""
    return put(
        resource, chosen,
        lambda h, k, v: k == "code" and INFECTION_AND_CORE + "CoreLabo" in str(h.get("system")), lambda v: "0" * 17,
    )  # fmt: skip


@fault
def extension_in_other_place(resource: Resource, chosen: random.Random) -> str | None:
    place = pick(
        resource, chosen, lambda h, k, v: k in ("code", "subject", "category") and isinstance(v, dict)
    )
    if place is None:
        return None
    place[0][place[1]].setdefault("extension", []).append(
        {
            "url": "http://jpfhir.jp/fhir/core/Extension/StructureDefinition/JP_Patient_Race",
            "valueCodeableConcept": {"text": "架空"},
        }
    )
    return str(place[2])
