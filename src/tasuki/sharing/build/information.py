# SPDX-License-Identifier: Apache-2.0
"""6情報の送信単位 — JP_Bundle_CLINS: one patient, one type of resource, one report; built and read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from tasuki.sharing.build import names
from tasuki.sharing.build.allergy import build_allergy, read_allergy
from tasuki.sharing.build.codes import StandardCode
from tasuki.sharing.build.condition import UNKNOWN_ONSET, build_condition, read_condition
from tasuki.sharing.build.facts import (
    INFORMATION_NAMES,
    AllergenKind,
    AllergyFacts,
    ConditionFacts,
    Facts,
    Information,
    LabFacts,
    PrescribedDrug,
)
from tasuki.sharing.build.faults import missing, mixed, refuse, unreadable
from tasuki.sharing.build.laboratory import build_lab, is_infection, read_lab
from tasuki.sharing.build.parts import (
    Resource,
    coding,
    codings,
    dicts,
    extension,
    instant,
    meta,
    read_moment,
    said,
)
from tasuki.sharing.build.people import build_patient, read_patient
from tasuki.sharing.build.prescription import build_drug, read_drug

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tasuki.sharing.build.around import Around, PatientFacts
    from tasuki.sharing.build.codes import CodeMap

_OWN = (names.LOCAL_LAB, names.NO_LAB_CODE, names.NO_DRUG_CODE)
RESOURCE_TYPES = {
    ConditionFacts: "Condition",
    AllergyFacts: "AllergyIntolerance",
    LabFacts: "Observation",
    PrescribedDrug: "MedicationRequest",
}


def kind_of(facts: Facts, codes: CodeMap) -> Information:
    """情報の種類 — which of the six a fact is."""
    if isinstance(facts, ConditionFacts):
        return Information.CONDITION
    if isinstance(facts, PrescribedDrug):
        return Information.PRESCRIPTION
    if isinstance(facts, LabFacts):
        return Information.INFECTION if is_infection(facts, codes) else Information.LABORATORY
    return Information.DRUG_ALLERGY if facts.kind is AllergenKind.DRUG else Information.OTHER_ALLERGY


def build(facts: Facts, around: Around) -> Resource:
    """情報の組立 — whichever of the six it is."""
    if isinstance(facts, ConditionFacts):
        return build_condition(facts, around)
    if isinstance(facts, AllergyFacts):
        return build_allergy(facts, around)
    return build_lab(facts, around) if isinstance(facts, LabFacts) else build_drug(facts, around)


def read(resource: Resource) -> Facts | None:
    """情報の読取り — None for a resource that is none of the six. Raises :class:`BadInput`."""
    kind = resource.get("resourceType")
    if kind == "Condition":
        return read_condition(resource)
    if kind == "AllergyIntolerance":
        return read_allergy(resource)
    if kind == "MedicationRequest":
        return read_drug(resource)
    return read_lab(resource) if kind == "Observation" and names.LAB_RESULT in _profiles(resource) else None


def read_codes(resource: Resource) -> tuple[StandardCode, ...]:
    """標準コードの読取り — of a disease, allergen, test or drug as received; the sender's own codes are left out."""
    name = "medicationCodeableConcept" if resource.get("resourceType") == "MedicationRequest" else "code"
    return tuple(
        StandardCode(system, said(each, "code"), said(each, "display"))
        for each in codings(resource.get(name))
        if (system := said(each, "system")) not in _OWN and not system.startswith(names.LOCAL_DRUG)
    )


def _profiles(resource: Resource) -> set[str]:
    meta = resource.get("meta")
    listed = meta.get("profile") if type(meta) is dict else None
    return {str(each).partition("|")[0] for each in listed} if type(listed) is list else set()


def entry_of(resource: Resource, url: str) -> Resource:
    """エントリ — with the address by which others speak of it."""
    return {"fullUrl": url, "resource": resource}


def information_bundle(facts: Sequence[Facts], around: Around) -> Resource:
    """送信単位の組立 — JP_Bundle_CLINS. Raises :class:`BadInput` for an empty or mixed unit, for 処方, and for what
    the service asks of a unit (受診; for results also the doctor).

    Cite: JP-CLINS 1.10.0 JP_Bundle_CLINS R0211-R02143, R9011-R9019O
    """
    kinds = {RESOURCE_TYPES[type(each)] for each in facts}
    if not kinds:
        missing("Bundle", "entry", "送る情報")
    if len(kinds) > 1:
        mixed("、".join(sorted({INFORMATION_NAMES[kind_of(each, around.codes)] for each in facts})))
    kind = kinds.pop()
    if kind == "MedicationRequest":
        refuse("Bundle", "entry", "処方", "単独で送る情報", "診療情報提供書か退院時サマリーの中の処方")
    for each in facts:
        record = f"{kind} {each.id}"
        if kind != "AllergyIntolerance" and not (each.visit or around.visit):
            missing(record, "visit", "受診（入院・外来の別）")
        if isinstance(each, ConditionFacts) and each.onset_text == UNKNOWN_ONSET:
            missing(record, "onset_text", "病名開始日")
        if kind == "Observation" and not around.doctor:
            missing(record, "doctor", "検査の責任者（医師）")
    ids = [each.id for each in facts]
    if len(set(ids)) != len(ids):
        twice = next(each for each in ids if ids.count(each) > 1)
        refuse(f"{kind} {twice}", "id", twice, "番号", "一つの送信単位で重ならない番号")
    return _unit(kind, [(build(each, around), around.url(kind, each.id)) for each in facts], around)


def deletion_bundle(information: Information, around: Around) -> Resource:
    """送信単位の削除 — a unit with the patient alone takes back all that was sent under its number.

    Cite: JP-CLINS 1.10.0 送信単位の削除; our validator asks about it (FHIR-K-10), as R02143 contradicts the guide
    """
    kinds = {
        Information.CONDITION: "Condition",
        Information.DRUG_ALLERGY: "AllergyIntolerance",
        Information.OTHER_ALLERGY: "AllergyIntolerance",
        Information.INFECTION: "Observation",
        Information.LABORATORY: "Observation",
    }
    if information not in kinds:
        refuse("Bundle", "entry", INFORMATION_NAMES[information], "削除する送信単位", "単独で送った情報")
    return _unit(kinds[information], [], around)


def _unit(kind: str, built: list[tuple[Resource, str]], around: Around) -> Resource:
    return {
        "resourceType": "Bundle",
        "meta": meta(around, names.INFORMATION_BUNDLE, [coding(names.RESOURCE_TYPE, kind)]),
        "identifier": {"system": names.BUNDLE_NUMBER, "value": around.bundle_number},
        "type": "collection",
        "timestamp": instant(around.sent_at),
        "entry": [
            entry_of(build_patient(around), around.patient_url),
            *(entry_of(each, url) for each, url in built),
        ],
    }


@dataclass(frozen=True, slots=True)
class ReceivedUnit:
    """受信した送信単位 — whose it is, who sent it, and what it says."""

    bundle_number: str
    institution_number: str
    sent_at: datetime
    patient: PatientFacts
    facts: tuple[Facts, ...]


def resources_of(bundle: Resource) -> list[Resource]:
    """リソースの一覧 — of a Bundle, in its order."""
    return [each["resource"] for each in dicts(bundle.get("entry")) if type(each.get("resource")) is dict]


def read_bundle(bundle: Resource) -> ReceivedUnit:
    """送信単位の読取り — raises :class:`BadInput` when it is none, or has no patient."""
    resources = resources_of(bundle)
    patient = next((each for each in resources if each.get("resourceType") == "Patient"), None)
    sent_at = read_moment(bundle.get("timestamp"))
    if bundle.get("resourceType") != "Bundle" or patient is None:
        unreadable("Bundle", "entry", "送信単位", "患者のリソースがありません")
    if not isinstance(sent_at, datetime):
        unreadable("Bundle", "timestamp", "送信日時", "時差付きの日時ではありません")
    number = said(bundle, "identifier", "value")
    sender = number.partition("^")[0]
    for each in resources:
        if found := extension(each, names.INSTITUTION_EXTENSION):
            sender = said(found, "valueIdentifier", "value") or sender
            break
    return ReceivedUnit(
        number,
        sender,
        sent_at,
        read_patient(patient),
        tuple(fact for each in resources if (fact := read(each)) is not None),
    )
