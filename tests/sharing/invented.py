# SPDX-License-Identifier: Apache-2.0
"""架空のリソース — made-up resources that conform to JP-CLINS: the ground of cases and of planted faults."""

from __future__ import annotations

import copy
from typing import Any

Resource = dict[str, Any]
CORE, ECS = "http://jpfhir.jp/fhir/core", "http://jpfhir.jp/fhir/eCS"
INSTITUTION = "1319999999"
MOMENT = "2026-04-01T09:00:00+09:00"
MEMBER = {
    "system": "http://jpfhir.jp/fhir/clins/Idsystem/JP_Insurance_memberID",
    "value": "00999999:架空:００１:01",
}


def meta(profile: str) -> Resource:
    return {"lastUpdated": "2026-04-01T09:00:00.000+09:00", "profile": [profile]}


def institution() -> Resource:
    return {
        "url": "http://jpfhir.jp/fhir/clins/Extension/StructureDefinition/JP_eCS_InstitutionNumber",
        "valueIdentifier": {
            "system": f"{CORE}/IdSystem/insurance-medical-institution-no",
            "value": INSTITUTION,
        },
    }


def department() -> Resource:
    return {
        "url": f"{ECS}/Extension/StructureDefinition/JP_eCS_Department",
        "valueCodeableConcept": {
            "coding": [
                {
                    "system": "http://jami.jp/SS-MIX2/CodeSystem/ClinicalDepartment",
                    "code": "01",
                    "display": "内科",
                }
            ],
            "text": "内科",
        },
    }


def number(value: str) -> Resource:
    return {"system": f"{CORE}/IdSystem/resourceInstance-identifier", "value": value}


def subject() -> Resource:
    return {"type": "Patient", "identifier": dict(MEMBER)}


def encounter() -> Resource:
    return {
        "resourceType": "Encounter",
        "id": "encounter",
        "meta": {"profile": [f"{CORE}/StructureDefinition/JP_Encounter"]},
        "status": "finished",
        "class": {
            "system": "http://terminology.hl7.org/CodeSystem/v3-ActCode",
            "code": "AMB",
            "display": "外来",
        },
        "period": {"start": MOMENT, "end": "2026-04-01T09:30:00+09:00"},
    }


def practitioner() -> Resource:
    return {
        "resourceType": "Practitioner",
        "id": "doctor",
        "meta": {"profile": [f"{CORE}/StructureDefinition/JP_Practitioner"]},
        "name": [{"text": "試験 一郎", "family": "試験", "given": ["一郎"]}],
    }


def kanji_and_kana() -> list[Resource]:
    url = "http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation"
    return [
        {
            "extension": [{"url": url, "valueCode": code}],
            "use": "official",
            "text": text,
            "family": family,
            "given": [given],
        }
        for code, text, family, given in (
            ("IDE", "架空 太郎", "架空", "太郎"),
            ("SYL", "カクウ タロウ", "カクウ", "タロウ"),
        )
    ]


def patient() -> Resource:
    return {
        "resourceType": "Patient",
        "id": "patient",
        "meta": meta(f"{ECS}/StructureDefinition/JP_Patient_eCS"),
        "text": {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">架空 太郎</div>'},
        "identifier": [
            dict(MEMBER),
            {"system": f"urn:oid:1.2.392.100495.20.3.51.1{INSTITUTION}", "value": "000123"},
        ],
        "active": True,
        "name": kanji_and_kana(),
        "telecom": [{"system": "phone", "value": "00-0000-0000", "use": "home"}],
        "gender": "male",
        "birthDate": "1960-04-01",
        "address": [
            {"text": "架空県架空市一丁目", "city": "架空市", "state": "架空県", "postalCode": "000-0000"}
        ],
    }


def condition() -> Resource:
    return {
        "resourceType": "Condition",
        "id": "condition",
        "meta": meta(f"{ECS}/StructureDefinition/JP_Condition_eCS"),
        "contained": [encounter(), practitioner()],
        "extension": [institution(), department()],
        "identifier": [number(f"{INSTITUTION}^2026^C1")],
        "clinicalStatus": {
            "coding": [
                {
                    "system": "http://terminology.hl7.org/CodeSystem/condition-clinical",
                    "code": "active",
                    "display": "Active",
                }
            ]
        },
        "verificationStatus": {
            "coding": [
                {
                    "system": "http://terminology.hl7.org/CodeSystem/condition-ver-status",
                    "code": "confirmed",
                    "display": "Confirmed",
                }
            ]
        },
        "category": [
            {
                "coding": [
                    {
                        "system": "http://terminology.hl7.org/CodeSystem/condition-category",
                        "code": "encounter-diagnosis",
                    }
                ]
            }
        ],
        "code": {
            "coding": [
                {
                    "system": "http://medis.or.jp/CodeSystem/master-disease-keyNumber",
                    "code": "99999999",
                    "display": "架空病",
                }
            ],
            "text": "架空病",
        },
        "subject": subject(),
        "encounter": {"reference": "#encounter"},
        "onsetDateTime": "2026-03-20",
        "recordedDate": MOMENT,
        "recorder": {"reference": "#doctor"},
        "note": [{"text": "経過をみる"}],
    }


def allergy() -> Resource:
    return {
        "resourceType": "AllergyIntolerance",
        "id": "allergy",
        "meta": meta(f"{ECS}/StructureDefinition/JP_AllergyIntolerance_eCS"),
        "contained": [encounter()],
        "extension": [institution()],
        "identifier": [number(f"{INSTITUTION}^2026^A1")],
        "clinicalStatus": {
            "coding": [
                {
                    "system": "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical",
                    "code": "active",
                }
            ]
        },
        "verificationStatus": {
            "coding": [
                {
                    "system": "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification",
                    "code": "confirmed",
                }
            ]
        },
        "type": "allergy",
        "category": ["food"],
        "criticality": "low",
        "code": {
            "coding": [
                {
                    "system": f"{CORE}/CodeSystem/JP_JfagyFoodAllergen_CS",
                    "code": "D9F000000000",
                    "display": "食品ダミー",
                }
            ],
            "text": "架空の実",
        },
        "patient": subject(),
        "encounter": {"reference": "#encounter"},
        "onsetDateTime": "2026-03-20",
        "reaction": [{"manifestation": [{"text": "じんましん"}], "severity": "mild"}],
    }


def lab() -> Resource:
    return {
        "resourceType": "Observation",
        "id": "lab",
        "meta": meta(f"{ECS}/StructureDefinition/JP_Observation_LabResult_eCS"),
        "contained": [encounter(), practitioner()],
        "extension": [institution(), department()],
        "identifier": [number(f"{INSTITUTION}^2026^O1")],
        "status": "final",
        "category": [
            {
                "coding": [
                    {"system": f"{CORE}/CodeSystem/JP_SimpleObservationCategory_CS", "code": "laboratory"}
                ]
            }
        ],
        "code": {
            "coding": [
                {
                    "system": "http://jpfhir.jp/fhir/clins/CodeSystem/JP_CLINS_ObsLabResult_LocalCode_CS",
                    "code": "K-1",
                    "display": "カリウム",
                },
                {
                    "system": "http://jpfhir.jp/fhir/clins/CodeSystem/JP_CLINS_ObsLabResult_Uncoded_CS",
                    "code": "99999999999999999",
                    "display": "未標準化コード項目(JLAC)",
                },
            ],
            "text": "カリウム",
        },
        "subject": subject(),
        "encounter": {"reference": "#encounter"},
        "effectiveDateTime": MOMENT,
        "performer": [{"reference": "#doctor"}],
        "valueQuantity": {
            "value": 4.2,
            "unit": "mEq/L",
            "system": "http://unitsofmeasure.org",
            "code": "meq/L",
        },
        "interpretation": [
            {
                "coding": [
                    {
                        "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation",
                        "code": "N",
                    }
                ]
            }
        ],
        "specimen": {"type": "Specimen", "display": "血清"},
        "referenceRange": [{"low": {"value": 3.6}, "high": {"value": 4.8}}],
    }


def prescription() -> Resource:
    day = {"value": 1, "unit": "日", "system": "http://unitsofmeasure.org", "code": "d"}
    tablet = {
        "value": 3,
        "unit": "錠",
        "system": f"{CORE}/mhlw/CodeSystem/MedicationUnitMERIT9Code",
        "code": "TAB",
    }
    return {
        "resourceType": "MedicationRequest",
        "id": "prescription",
        "meta": meta(f"{ECS}/StructureDefinition/JP_MedicationRequest_eCS"),
        "contained": [encounter(), practitioner()],
        "extension": [institution(), department()],
        "identifier": [
            {"system": f"{CORE}/mhlw/IdSystem/Medication-RPGroupNumber", "value": "1"},
            {"system": f"{CORE}/mhlw/IdSystem/MedicationAdministrationIndex", "value": "1"},
            number(f"{INSTITUTION}^2026^M1"),
        ],
        "status": "completed",
        "intent": "order",
        "medicationCodeableConcept": {
            "coding": [
                {
                    "system": f"{ECS}/CodeSystem/MedicationCodeNocoded_CS",
                    "code": "NOCODED",
                    "display": "標準コードなし",
                }
            ],
            "text": "架空錠１ｍｇ",
        },
        "subject": subject(),
        "encounter": {"reference": "#encounter"},
        "authoredOn": MOMENT,
        "requester": {"reference": "#doctor"},
        "dosageInstruction": [
            {
                "extension": [
                    {
                        "url": f"{CORE}/Extension/StructureDefinition/JP_MedicationDosage_PeriodOfUse",
                        "valuePeriod": {"start": "2026-04-01"},
                    }
                ],
                "text": "1日3回 毎食後",
                "timing": {
                    "repeat": {"boundsDuration": {**day, "value": 7}},
                    "code": {
                        "coding": [
                            {
                                "system": f"{CORE}/mhlw/CodeSystem/MedicationUsage_ePrescription",
                                "code": "1013044400000000",
                                "display": "１日３回毎食後　服用",
                            }
                        ],
                        "text": "1日3回 毎食後",
                    },
                },
                "doseAndRate": [
                    {
                        "type": {
                            "coding": [
                                {
                                    "system": f"{CORE}/mhlw/CodeSystem/MedicationIngredientStrengthStrengthType",
                                    "code": "1",
                                    "display": "製剤量",
                                }
                            ]
                        },
                        "doseQuantity": {**tablet, "value": 1},
                        "rateRatio": {"numerator": tablet, "denominator": day},
                    }
                ],
            }
        ],
        "dispenseRequest": {
            "quantity": {**tablet, "value": 21},
            "expectedSupplyDuration": {**day, "value": 7},
        },
    }


def bundle(kind: str = "Condition") -> Resource:
    """Patient and one information, as they are sent."""
    made = {"Condition": condition, "AllergyIntolerance": allergy, "Observation": lab}[kind]()
    person = "urn:uuid:0b0f9bb1-4b7c-4c4c-9f0a-5b6c1b7e0001"
    made["patient" if kind == "AllergyIntolerance" else "subject"] = {"reference": person}
    return {
        "resourceType": "Bundle",
        "id": "bundle",
        "meta": {
            **meta("http://jpfhir.jp/fhir/clins/StructureDefinition/JP_Bundle_CLINS"),
            "tag": [{"system": "http://jpfhir.jp/fhir/clins/CodeSystem/BundleResourceType_CS", "code": kind}],
        },
        "identifier": {
            "system": "http://jpfhir.jp/fhir/clins/bundle-identifier",
            "value": f"{INSTITUTION}^2026^B-1",
        },
        "type": "collection",
        "timestamp": "2026-04-01T09:00:00.000+09:00",
        "entry": [
            {"fullUrl": person, "resource": patient()},
            {"fullUrl": "urn:uuid:0b0f9bb1-4b7c-4c4c-9f0a-5b6c1b7e0002", "resource": made},
        ],
    }


def every() -> dict[str, Resource]:
    """Each by name, fresh."""
    made = {each.__name__: each() for each in (patient, condition, allergy, lab, prescription)}
    made |= {f"bundle_{kind}": bundle(kind) for kind in ("Condition", "AllergyIntolerance", "Observation")}
    return copy.deepcopy(made)
