# SPDX-License-Identifier: Apache-2.0
"""監査記録のFHIR出力 — events of the trail as FHIR R4 AuditEvents after IHE Basic Audit Log Patterns.

An event of a list becomes one resource a patient, as the profile asks of searches whose answer names several.

Cite: IHE ITI Basic Audit Log Patterns (BALP) 1.1.x — Read, PatientRead, Query, PatientQuery, Create, PatientCreate,
Update, PatientUpdate; HL7 FHIR R4 AuditEvent
"""

from __future__ import annotations

import base64
import json
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tasuki.security.audit_chain import Event

PROFILES = "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit."
_TERMS = "http://terminology.hl7.org/CodeSystem/"
_REST = {"system": f"{_TERMS}audit-event-type", "code": "rest", "display": "Restful Operation"}
_DICOM = "http://dicom.nema.org/resources/ontology/DCM"
_SOURCE = {"system": _DICOM, "code": "110153", "display": "Source Role ID"}
_DESTINATION = {"system": _DICOM, "code": "110152", "display": "Destination Role ID"}
_OURS = "urn:tasuki:"
_IP_ADDRESS, _URI = "2", "5"


class Place(NamedTuple):
    """記録した場所 — the institution whose trail it is, and the address of the server that wrote it."""

    code: str
    name: str
    address: str


class Pattern(Enum):
    """BALPの型 — profile, action, interaction, the participation of the user, and whether data flow to the client."""

    READ = ("Read", "R", "read", "IRCP", True)
    QUERY = ("Query", "E", "search", "IRCP", False)
    CREATE = ("Create", "C", "create", "AUT", False)
    UPDATE = ("Update", "U", "update", "AUT", False)

    @property
    def profile(self) -> str:
        """プロファイル名 — without Patient before it."""
        return str(self.value[0])


_READS = frozenset({"read", "print", "export"})
_CREATES = frozenset(
    {
        "add", "register", "receive", "open", "issue", "make", "build", "submit", "start", "take", "import",
        "settle", "close", "result", "return", "copy", "reissue",
    }
)  # fmt: skip
_SIGNING = {"sign_in": "110122", "sign_in.failed": "110122", "sign_out": "110123"}
_SIGNING_NAMES = {"110122": "Login", "110123": "Logout"}
_REFUSED = frozenset({"access.refused", "api.refused"})
_USERS = {"IRCP": "information recipient", "AUT": "author (originator)"}


def pattern_of(action: str, *, is_list: bool) -> Pattern:
    """BALPの型 — of an act, by its verb.

    >>> pattern_of("chart.read", is_list=False), pattern_of("patient.search", is_list=True)
    (<Pattern.READ: ('Read', 'R', 'read', 'IRCP', True)>, <Pattern.QUERY: ('Query', 'E', 'search', 'IRCP', False)>)
    """
    verb = action.rpartition(".")[2]
    if verb == "search" or (verb in _READS and is_list):
        return Pattern.QUERY
    if verb in _READS:
        return Pattern.READ
    return Pattern.CREATE if verb in _CREATES else Pattern.UPDATE


def audit_resources(event: Event, patients: Sequence[str], place: Place) -> Iterator[dict[str, Any]]:
    """AuditEvent — of one event: one resource, or one for each patient it names.

    ``patients`` are those a list showed, beside the patient of the event itself.
    """
    everyone = ([event.patient] if event.patient else []) + sorted(patients)
    # Also when one patient alone is asked for: the page was a list all the same.
    is_list = len(everyone) > 1 or "patients" in event.detail
    if not everyone:
        yield _resource(event, "", place, 0, is_list=is_list)
    for index, patient in enumerate(everyone):
        yield _resource(event, patient, place, index, is_list=is_list)


def _resource(event: Event, patient: str, place: Place, index: int, *, is_list: bool) -> dict[str, Any]:
    pattern = pattern_of(event.action, is_list=is_list)
    profile, action, interaction, participation, is_to_client = pattern.value
    is_signing, is_refused = event.action in _SIGNING, event.action in _REFUSED
    has_failed = is_refused or event.action.endswith(".failed")
    resource: dict[str, Any] = {
        "resourceType": "AuditEvent",
        "id": f"{event.institution}-{event.number}" + (f"-{index}" if index else ""),
        "type": _REST,
        "subtype": [{"system": "http://hl7.org/fhir/restful-interaction", "code": interaction}],
        "action": action,
        "recorded": event.at,
        "outcome": "4" if has_failed else "0",
    }
    if is_signing:
        code = _SIGNING[event.action]
        resource["type"] = {"system": _DICOM, "code": "110114", "display": "User Authentication"}
        resource["subtype"] = [{"system": _DICOM, "code": code, "display": _SIGNING_NAMES[code]}]
        resource["action"] = "E"
    elif not has_failed:
        resource["meta"] = {"profile": [PROFILES + ("Patient" if patient else "") + profile]}
    if has_failed:
        resource["outcomeDesc"] = event.action
    if event.purpose:
        resource["purposeOfEvent"] = [_purpose(event.purpose)]
    resource["agent"] = [
        _client(event, place, _DESTINATION if is_to_client else _SOURCE),
        _server(place, _SOURCE if is_to_client else _DESTINATION),
        _user(event, participation),
    ]
    resource["source"] = {
        "site": place.code,
        "observer": _observer(place),
        "type": [{"system": f"{_TERMS}security-source-type", "code": "4", "display": "Application Server"}],
    }
    resource["entity"] = [*([_patient(patient)] if patient else []), _data(event, pattern)]
    return resource


def _client(event: Event, place: Place, role: dict[str, str]) -> dict[str, Any]:
    """The terminal; what the system does by itself comes from the server."""
    return {
        "type": {"coding": [role]},
        "who": {"identifier": {"system": f"{_OURS}session", "value": event.session}}
        if event.session
        else {"display": event.actor},
        "requestor": False,
        "network": {"address": event.address, "type": _IP_ADDRESS}
        if event.address
        else {"address": place.address, "type": _URI},
    }


def _server(place: Place, role: dict[str, str]) -> dict[str, Any]:
    return {
        "type": {"coding": [role]},
        "who": _observer(place),
        "requestor": False,
        "network": {"address": place.address, "type": _URI},
    }


def _user(event: Event, participation: str) -> dict[str, Any]:
    coding = {
        "system": f"{_TERMS}v3-ParticipationType", "code": participation, "display": _USERS[participation],
    }  # fmt: skip
    who: dict[str, Any] = {"display": event.actor}
    if event.staff:
        who["identifier"] = {"system": f"{_OURS}staff", "value": event.staff}
    user: dict[str, Any] = {"type": {"coding": [coding]}, "who": who, "name": event.actor, "requestor": True}
    if event.purpose:
        user["purposeOfUse"] = [_purpose(event.purpose)]
    return user


def _observer(place: Place) -> dict[str, Any]:
    """The server of the institution; its code is the 医療機関コード."""
    return {
        "type": "Device",
        "identifier": {"system": f"{_OURS}server", "value": place.code},
        "display": place.name,
    }


def _purpose(code: str) -> dict[str, Any]:
    return {"coding": [{"system": f"{_TERMS}v3-ActReason", "code": code}]}


def _patient(patient: str) -> dict[str, Any]:
    return {
        "what": {"reference": f"Patient/{patient}", "type": "Patient"},
        "type": {"system": f"{_TERMS}audit-entity-type", "code": "1", "display": "Person"},
        "role": {"system": f"{_TERMS}object-role", "code": "1", "display": "Patient"},
    }


def _data(event: Event, pattern: Pattern) -> dict[str, Any]:
    """What was touched; a list tells what was asked instead, in base64 as the profile wants it."""
    kind = {"system": f"{_TERMS}audit-entity-type", "code": "2", "display": "System Object"}
    detail = json.dumps(event.detail, ensure_ascii=False, sort_keys=True)
    if pattern is Pattern.QUERY:
        return {
            "type": kind,
            "role": {"system": f"{_TERMS}object-role", "code": "24", "display": "Query"},
            "description": event.action,
            "query": base64.b64encode(detail.encode()).decode(),
        }
    return {
        "what": {
            "identifier": {
                "system": f"{_OURS}{event.subject or 'act'}",
                "value": event.subject_id or event.action,
            }
        },
        "type": kind,
        "role": {"system": f"{_TERMS}object-role", "code": "4", "display": "Domain Resource"},
        "description": event.action,
        "detail": [
            {"type": "number", "valueString": str(event.number)},
            {"type": "detail", "valueString": detail},
        ],
    }
