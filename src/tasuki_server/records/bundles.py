# SPDX-License-Identifier: Apache-2.0
"""送られたBundleの読取り — checked as its guide says, and held to whoever sends it: its number, its institution, its person."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from tasuki.sharing.build.names import (
    ALLERGY,
    BUNDLE_NUMBER,
    CONDITION,
    FLAGS,
    INSTITUTION_EXTENSION,
    LAB_RESULT,
    PRESCRIPTION,
    RESOURCE_NUMBER,
)
from tasuki.sharing.permission import RecordKind
from tasuki_server.exchange.bodies import read_body
from tasuki_server.exchange.checking import check
from tasuki_server.exchange.consent import INFECTION_SYSTEMS
from tasuki_server.exchange.entries import MOST_ENTRIES
from tasuki_server.exchange.outcome import Issue
from tasuki_server.exchange.standing import insured_keys
from tasuki_server.records.asked import Asked
from tasuki_server.records.refusals import refuse

Resource = dict[str, Any]
# 6情報の型と、そのプロファイル.
PROFILES = {
    "AllergyIntolerance": ALLERGY, "Condition": CONDITION, "MedicationRequest": PRESCRIPTION, "Observation": LAB_RESULT,
}  # fmt: skip


class Held(NamedTuple):
    """読んだBundle — its value, number, person and what the checks asked about; ``patient_url`` is the Patient's fullUrl."""

    value: Resource
    system: str
    number: str
    person: str
    patient: Resource
    patient_url: str
    questions: tuple[str, ...]


class Information(NamedTuple):
    """情報の一件 — a resource of a Bundle with its kind, its own number and its flags."""

    resource: Resource
    kind: RecordKind
    number: str
    is_long_kept: bool
    is_uninformed: bool
    is_undelivered: bool


def read_bundle(asked: Asked, data: bytes, profile: str, keep: frozenset[str] = frozenset()) -> Held:
    """Bundleの読取り — of that profile; types outside ``keep``, when it is given, are dropped before the checks.

    Raises with every error of the checks, and for what belongs to another institution or to no one person.
    """
    value = read_body(data)
    if not isinstance(value, dict) or value.get("resourceType") != "Bundle" or not _claims(value, profile):
        raise refuse("bundle", wanted=profile)
    given = value.get("entry")
    if isinstance(given, list) and len(given) > MOST_ENTRIES:
        raise refuse("entries-many", found=len(given), most=MOST_ENTRIES)
    if keep and isinstance(given, list):
        value["entry"] = [each for each in given if _type(each) in keep or not _type(each)]
    questions = check(value)
    identifier = value["identifier"]
    system, number = identifier.get("system", ""), identifier.get("value", "")
    if system == BUNDLE_NUMBER and number.partition("^")[0] != asked.number:
        raise refuse("number", found=number, own=asked.number)
    patient_url, patient = next(
        ((each["fullUrl"], each["resource"]) for each in value["entry"] if _type(each) == "Patient"), ("", {})
    )
    keys = insured_keys(patient)
    if len(keys) != 1:
        raise refuse("person")
    (person,) = keys
    if person not in asked.people:
        asked.people.append(person)
    return Held(value, system, number, person, patient, patient_url, told(questions))


def informations_in(asked: Asked, held: Held) -> list[Information]:
    """情報の取出し — every resource of the six informations in a Bundle, by its profile; each number once."""
    found = []
    seen: set[tuple[str, str]] = set()
    for place, entry in enumerate(held.value["entry"]):
        resource = entry["resource"]
        profile = PROFILES.get(resource["resourceType"])
        if profile is None or not _claims(resource, profile):
            continue
        _refuse_foreign(asked, resource, f"entry[{place}]")
        number = _own_number(resource)
        if not number:
            raise refuse("entry", place=place)
        if (resource["resourceType"], number) in seen:
            raise refuse("twice", found=number)
        seen.add((resource["resourceType"], number))
        flags = set(_flags(resource))
        found.append(
            Information(
                resource, kind_of_resource(resource), number, "LTS" in flags, "UNINFORMED" in flags,
                "UNDELIVERED" in flags,
            )
        )  # fmt: skip
    return found


def kind_of_resource(resource: Resource) -> RecordKind:
    """記録の種類 — of a resource of the six informations; an infection by the list its code is from."""
    match resource["resourceType"]:
        case "Condition":
            return RecordKind.CONDITION
        case "AllergyIntolerance":
            return RecordKind.ALLERGY
        case "MedicationRequest":
            return RecordKind.PRESCRIPTION
    codings = (resource.get("code") or {}).get("coding") or ()
    is_infection = any(each.get("system") in INFECTION_SYSTEMS for each in codings)
    return RecordKind.INFECTION if is_infection else RecordKind.LABORATORY


def told(issues: tuple[Issue, ...]) -> tuple[str, ...]:
    """指摘の文 — each with where it stands."""
    return tuple(f"{each.text}（{each.place}）" if each.place else each.text for each in issues)


def tagged_type(held: Held) -> str:
    """送信単位の型 — which information the unit is of, as its tag says."""
    tags = held.value["meta"].get("tag") or ()
    return next((str(each["code"]) for each in tags if each.get("code") in PROFILES), "")


def _claims(value: Resource, profile: str) -> bool:
    meta = value.get("meta")
    listed = meta.get("profile") if isinstance(meta, dict) else None
    return isinstance(listed, list) and any(
        isinstance(each, str) and each.partition("|")[0] == profile for each in listed
    )


def _type(entry: Any) -> str:
    resource = entry.get("resource") if isinstance(entry, dict) else None
    return str(resource.get("resourceType", "")) if isinstance(resource, dict) else ""


def _own_number(resource: Resource) -> str:
    """resourceIdentifier — or, of a drug, the numbers of its place in the prescription."""
    listed = resource.get("identifier") or ()
    own = [each.get("value", "") for each in listed if each.get("system") == RESOURCE_NUMBER]
    return own[0] if own else "^".join(each.get("value", "") for each in listed)


def _flags(resource: Resource) -> Iterator[str]:
    for each in (resource.get("meta") or {}).get("tag") or ():
        if each.get("system") == FLAGS:
            yield str(each.get("code", ""))


def _refuse_foreign(asked: Asked, resource: Resource, place: str) -> None:
    for each in resource.get("extension") or ():
        if each.get("url") == INSTITUTION_EXTENSION:
            number = (each.get("valueIdentifier") or {}).get("value", "")
            if number != asked.number:
                raise refuse("institution", place=place, own=asked.number)
