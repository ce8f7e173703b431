# SPDX-License-Identifier: Apache-2.0
"""3文書6情報の組立 — facts of a chart into what 電子カルテ情報共有サービス takes, and back."""

from __future__ import annotations

from tasuki.sharing.build.allergy import build_allergy, read_allergy
from tasuki.sharing.build.around import (
    Around,
    DepartmentFacts,
    DoctorFacts,
    InstitutionFacts,
    InsuredNumber,
    PatientFacts,
    Place,
    PublicPayerNumber,
    VisitFacts,
    institution_number,
)
from tasuki.sharing.build.code_tables import (
    from_book,
    lab_mapping,
    read_allergens,
    read_disease_numbers,
    read_modifier_numbers,
)
from tasuki.sharing.build.codes import CodeKind, CodeMap, Mapping, StandardCode
from tasuki.sharing.build.condition import build_condition, read_condition
from tasuki.sharing.build.discharge import DischargeFacts, build_discharge_summary, read_discharge_summary
from tasuki.sharing.build.document import Attachment, Part, ReceivedDocument
from tasuki.sharing.build.facts import (
    FLAG_NAMES,
    INFORMATION_NAMES,
    AllergenKind,
    AllergyFacts,
    Choice,
    ConditionFacts,
    Criticality,
    Facts,
    Flag,
    Information,
    LabFacts,
    LabStatus,
    PrescribedDrug,
    Withdrawal,
)
from tasuki.sharing.build.from_orders import drugs_of
from tasuki.sharing.build.information import (
    ReceivedUnit,
    build,
    deletion_bundle,
    information_bundle,
    kind_of,
    read,
    read_bundle,
    read_codes,
)
from tasuki.sharing.build.laboratory import build_lab, is_infection, read_lab
from tasuki.sharing.build.parts import to_json
from tasuki.sharing.build.people import build_patient, read_patient
from tasuki.sharing.build.prescription import build_drug, read_drug
from tasuki.sharing.build.referral import ReferralFacts, build_referral, read_referral
from tasuki.sharing.build.results import choice_of, choices, result_list
from tasuki.sharing.build.summary import SummaryFacts, build_patient_summary, read_patient_summary
from tasuki.sharing.build.unmapped import Suggestion, Unmapped, missing_tables, unmapped
from tasuki.sharing.lab_items import LabItem, lab_items

__all__ = [
    "FLAG_NAMES",
    "INFORMATION_NAMES",
    "AllergenKind",
    "AllergyFacts",
    "Around",
    "Attachment",
    "Choice",
    "CodeKind",
    "CodeMap",
    "ConditionFacts",
    "Criticality",
    "DepartmentFacts",
    "DischargeFacts",
    "DoctorFacts",
    "Facts",
    "Flag",
    "Information",
    "InstitutionFacts",
    "InsuredNumber",
    "LabFacts",
    "LabItem",
    "LabStatus",
    "Mapping",
    "Part",
    "PatientFacts",
    "Place",
    "PrescribedDrug",
    "PublicPayerNumber",
    "ReceivedDocument",
    "ReceivedUnit",
    "ReferralFacts",
    "StandardCode",
    "Suggestion",
    "SummaryFacts",
    "Unmapped",
    "VisitFacts",
    "Withdrawal",
    "build",
    "build_allergy",
    "build_condition",
    "build_discharge_summary",
    "build_drug",
    "build_lab",
    "build_patient",
    "build_patient_summary",
    "build_referral",
    "choice_of",
    "choices",
    "deletion_bundle",
    "drugs_of",
    "from_book",
    "information_bundle",
    "institution_number",
    "is_infection",
    "kind_of",
    "lab_items",
    "lab_mapping",
    "missing_tables",
    "read",
    "read_allergens",
    "read_allergy",
    "read_bundle",
    "read_codes",
    "read_condition",
    "read_discharge_summary",
    "read_disease_numbers",
    "read_drug",
    "read_lab",
    "read_modifier_numbers",
    "read_patient",
    "read_patient_summary",
    "read_referral",
    "result_list",
    "to_json",
    "unmapped",
]
