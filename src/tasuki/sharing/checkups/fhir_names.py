# SPDX-License-Identifier: Apache-2.0
"""健診結果報告書のURL — profiles, code systems and extensions of eCheckup 1.5.0.

Cite: 健診結果報告書 HL7 FHIR 実装ガイド 1.5.0
"""

from __future__ import annotations

CLINS = "http://jpfhir.jp/fhir/clins"
ECHECKUP = "http://jpfhir.jp/fhir/eCheckup"
BUNDLE = f"{CLINS}/StructureDefinition/JP_Bundle_eCheckupGeneral"
# The Bundle asks for the Patient's profile by this URL, the profile itself is published under eCheckup.
PATIENT = f"{CLINS}/StructureDefinition/JP_Patient_eCheckupGeneral"
BUNDLE_NUMBER = f"{CLINS}/bundle-identifier"
RESOURCE_NUMBER = "http://jpfhir.jp/fhir/core/IdSystem/resourceInstance-identifier"
INSTITUTION_NUMBER = "http://jpfhir.jp/fhir/core/IdSystem/insurance-medical-institution-no"
INSURER_NUMBER = "http://jpfhir.jp/fhir/core/mhlw/IdSystem/InsurerNumber"
MEMBER_NUMBER = f"{CLINS}/Idsystem/JP_Insurance_memberID"
VERSION = "http://hl7.org/fhir/StructureDefinition/composition-clinicaldocument-versionNumber"
DOCUMENT_TYPE = "http://jpfhir.jp/fhir/Common/CodeSystem/doc-typecodes"
REPORT = "urn:oid:2.16.840.1.113883.2.2.1.6.1001"
PROGRAM = "urn:oid:1.2.392.200119.6.1002"
SECTION = f"{ECHECKUP}/CodeSystem/section-code"
ENCOUNTER_CLASS = f"{ECHECKUP}/CodeSystem/encounter-category"
VISIT_STYLE = f"{ECHECKUP}/CodeSystem/checkup-encounter-type"
ORGANIZATION_ROLE = f"{ECHECKUP}/CodeSystem/report-organization-code"
ORGANIZATION_TYPE = "http://terminology.hl7.org/CodeSystem/organization-type"
GROUP = f"{ECHECKUP}/CodeSystem/observationGroup-codes"
RELATION = "http://jpfhir.jp/fhir/Common/Extension/StructureDefinition/observatioGroupRelationship"
COMPONENT_PERFORMER = f"{ECHECKUP}/Extension/StructureDefinition/observation-component-performer"
METHOD = "urn:oid:1.2.392.200119.6.1007"
TICKET_KIND = "urn:oid:1.2.392.200119.6.208"
CATEGORY = "http://jpfhir.jp/fhir/core/CodeSystem/JP_SimpleObservationCategory_CS"
INTERPRETATION = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
ABSENT = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
ORDINAL = "http://hl7.org/fhir/StructureDefinition/ordinalValue"
NAME_KIND = "http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation"
UCUM = "http://unitsofmeasure.org"
INSURANCE_CATEGORY = "http://jpfhir.jp/fhir/core/mhlw/CodeSystem/InsuranceMajorCategory"
INSURED_CATEGORY = "http://jpfhir.jp/fhir/core/mhlw/CodeSystem/InsuredPersonCategory"
_COVERAGE = "http://jpfhir.jp/fhir/core/Extension/StructureDefinition/JP_Coverage_InsuredPerson"
INSURED_SYMBOL, INSURED_NUMBER, INSURED_BRANCH = (
    f"{_COVERAGE}Symbol",
    f"{_COVERAGE}Number",
    f"{_COVERAGE}SubNumber",
)
XHTML = "http://www.w3.org/1999/xhtml"
OBSERVATION, OBSERVATION_GROUP = "Observation", "ObservationGroup"
COVERAGE_SERVICE, COVERAGE_INSURANCE, INSURER = "CoverageService", "CoverageInsurance", "OrganizationInsurer"


def profile(name: str) -> str:
    """プロファイルのURL — of eCheckup.

    >>> profile("Encounter")
    'http://jpfhir.jp/fhir/eCheckup/StructureDefinition/JP_Encounter_eCheckupGeneral'
    """
    return f"{ECHECKUP}/StructureDefinition/JP_{name}_eCheckupGeneral"
