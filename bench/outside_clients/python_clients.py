# SPDX-License-Identifier: Apache-2.0
"""Pythonの利用者 — fhirclient (which reads every answer into its models of R4, strictly) and fhirpy, in an environment of their own.

Run by ``bench/outside.py``; asks ``FHIR_BASE`` with ``FHIR_TOKEN`` and prints one JSON line a step. Knows nothing of the rest of this repository.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from typing import Any
from uuid import uuid4

BASE, TOKEN = os.environ["FHIR_BASE"], os.environ["FHIR_TOKEN"]
SYSTEM = f"urn:outside:{uuid4()}"
URN = "urn:uuid:7f8c2f0e-3b2a-4f57-9c50-5a1b1d0f0a11"


class Steps:
    """手順 — of one client, told one by one."""

    def __init__(self, client: str) -> None:
        self.client = client

    def __call__(
        self, what: str, wanted: str, act: Callable[[], Any], *, raising: type[Exception] | None = None
    ) -> Any:
        """一歩 — what ``act`` gives must be true, or it must raise ``raising``; gives what came."""
        came: Any = None
        try:
            came = act()
            is_right, said = bool(came) and raising is None, _short(came)
        except Exception as fault:  # noqa: BLE001 - whatever a client raises is what came
            is_right, said = (
                raising is not None and isinstance(fault, raising),
                f"{type(fault).__name__}: {fault}",
            )
        told = {
            "client": self.client,
            "what": what,
            "wanted": wanted,
            "came": said[:300],
            "is_right": is_right,
        }
        print(json.dumps(told, ensure_ascii=False), flush=True)
        return came


def _short(came: Any) -> str:
    return "yes" if came is True else getattr(came, "resource_type", None) or str(came)[:80]


def patient(value: str) -> dict[str, Any]:
    """架空の患者."""
    return {
        "resourceType": "Patient", "identifier": [{"system": SYSTEM, "value": value}],
        "name": [{"family": "架空", "given": ["次郎"]}], "gender": "male", "birthDate": "1970-01-02",
    }  # fmt: skip


def observation(subject: str, code: str) -> dict[str, Any]:
    """架空の結果."""
    return {
        "resourceType": "Observation", "status": "final", "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
        "subject": {"reference": subject}, "effectiveDateTime": "2026-10-01T09:00:00+09:00",
        "valueQuantity": {"value": 6.1, "unit": "%", "system": "http://unitsofmeasure.org", "code": "%"},
    }  # fmt: skip


def by_fhirclient() -> None:
    """fhirclient — every answer becomes a model, which refuses what R4 does not have."""
    import requests
    from fhirclient import client
    from fhirclient.models import (
        bundle,
        operationoutcome,
        parameters,
    )
    from fhirclient.models import (
        observation as observations,
    )
    from fhirclient.models import (
        patient as patients,
    )
    from fhirclient.server import FHIRNotFoundException, FHIRUnauthorizedException

    step = Steps("fhirclient")
    smart = client.FHIRClient(settings={"app_id": "tasuki-bench", "api_base": BASE})
    server = smart.server
    stranger = step(
        "without a token",
        "FHIRUnauthorizedException",
        lambda: server.capabilityStatement,
        raising=FHIRUnauthorizedException,
    )
    assert stranger is None
    server.session.headers["Authorization"] = f"Bearer {TOKEN}"
    step(
        "capability", "a CapabilityStatement of R4", lambda: server.capabilityStatement.fhirVersion == "4.0.1"
    )
    step("prepare", "ready without SMART", lambda: server.ready or smart.prepare() or True)
    person = patients.Patient(patient("fc-1"))
    step(
        "create",
        "an id and version 1",
        lambda: (made := person.create(server)) and made["id"] and made["meta"]["versionId"] == "1",
    )
    read = step("read", "as it was made", lambda: patients.Patient.read(_only(server, "fc-1"), server))
    where = read.relativePath()
    read.birthDate = type(read.birthDate)("1970-01-03")
    step("update", "version 2", lambda: read.update(server)["meta"]["versionId"] == "2")

    def put(version: str) -> Any:
        headers = {"Content-Type": "application/fhir+json", "If-Match": f'W/"{version}"'}
        return server.session.put(f"{BASE}/{where}", json=read.as_json(), headers=headers)

    step(
        "update, If-Match of an old version",
        "412 and an OperationOutcome",
        lambda: (late := put("1")).status_code == 412 and operationoutcome.OperationOutcome(late.json()),
    )
    step(
        "update, If-Match of this version",
        "version 3",
        lambda: patients.Patient(put("2").json()).meta.versionId == "3",
    )
    step(
        "vread",
        "the first birth date",
        lambda: patients.Patient.read_from(f"{where}/_history/1", server).birthDate.isostring == "1970-01-02",
    )
    step(
        "history",
        "three versions, newest first",
        lambda: (
            [
                each.resource.meta.versionId
                for each in bundle.Bundle.read_from(f"{where}/_history", server).entry
            ]
            == ["3", "2", "1"]
        ),
    )

    def create_if_none() -> Any:
        headers = {
            "Content-Type": "application/fhir+json",
            "If-None-Exist": f"identifier={SYSTEM}|fc-2",
        }
        return [
            server.session.post(f"{BASE}/Patient", json=patient("fc-2"), headers=headers).status_code
            for _ in range(2)
        ]

    step("conditional create, twice", "201, then 200", lambda: create_if_none() == [201, 200])

    def send() -> Any:
        entries = [
            {"fullUrl": URN, "resource": patient("fc-3"), "request": {"method": "POST", "url": "Patient"}}
        ]
        entries += [
            {"resource": observation(URN, f"fc-{n}"), "request": {"method": "POST", "url": "Observation"}}
            for n in range(11)
        ]
        sent = bundle.Bundle({"resourceType": "Bundle", "type": "transaction", "entry": entries})
        told = bundle.Bundle(server.post_json("", sent.as_json()).json())
        return (
            told.type == "transaction-response"
            and [each.response.status[:3] for each in told.entry] == ["201"] * 12
        )

    step("transaction of 12", "twelve times 201", send)
    subject = f"Patient/{_only(server, 'fc-3')}"
    search = observations.Observation.where({"subject": subject, "_count": "3"})
    step(
        "search, pages to the end",
        "4 pages of 11",
        lambda: [len(each.entry) for each in search.perform_iter(server)] == [3, 3, 3, 2],
    )
    included = observations.Observation.where({"subject": subject, "code": "fc-1"}).include("subject")
    step(
        "search, _include",
        "the result and its patient",
        lambda: (
            [each.resource_type for each in included.perform_resources_iter(server)]
            == ["Observation", "Patient"]
        ),
    )
    step(
        "$everything",
        "the patient and 11 results",
        lambda: len(bundle.Bundle.read_from(f"{subject}/$everything", server).entry) == 12,
    )

    def validate(resource: dict[str, Any]) -> Any:
        sent = parameters.Parameters(
            {"resourceType": "Parameters", "parameter": [{"name": "resource", "resource": resource}]}
        )
        told = operationoutcome.OperationOutcome(server.post_json("Patient/$validate", sent.as_json()).json())
        return told.issue[0].severity

    step("$validate of a good one", "no error", lambda: validate(patient("fc-4")) == "information")
    step(
        "$validate of a bad one",
        "an error",
        lambda: validate({**patient("fc-4"), "gender": "odd"}) == "error",
    )
    step(
        "create of a bad one",
        "HTTPError, 422",
        lambda: server.post_json("Patient", {**patient("fc-5"), "gender": "odd"}),
        raising=requests.HTTPError,
    )
    step(
        "delete",
        "done",
        lambda: (
            patients.Patient({**patient("x"), "id": where.split("/")[1]}).delete(server) is not None or True
        ),
    )
    step(
        "read of a deleted one",
        "HTTPError, 410",
        lambda: patients.Patient.read_from(where, server),
        raising=requests.HTTPError,
    )
    step(
        "read of what never was",
        "FHIRNotFoundException",
        lambda: patients.Patient.read("nobody", server),
        raising=FHIRNotFoundException,
    )


def _only(server: Any, value: str) -> str:
    from fhirclient.models import patient as patients

    found = list(patients.Patient.where({"identifier": f"{SYSTEM}|{value}"}).perform_resources_iter(server))
    assert len(found) == 1, found
    return str(found[0].id)


def by_fhirpy() -> None:
    """fhirpy — resources as dictionaries, searches as sets that are walked."""
    from fhirpy import SyncFHIRClient
    from fhirpy.base.exceptions import (
        AuthorizationError,
        MultipleResourcesFound,
        OperationOutcome,
        ResourceNotFound,
    )

    step = Steps("fhirpy")
    stranger = SyncFHIRClient(BASE, authorization="Bearer nobody")
    step(
        "with a token of nobody",
        "AuthorizationError",
        lambda: stranger.resources("Patient").fetch(),
        raising=AuthorizationError,
    )
    client = SyncFHIRClient(BASE, authorization=f"Bearer {TOKEN}")
    step(
        "capability",
        "a CapabilityStatement of R4",
        lambda: client.execute("metadata", method="get")["fhirVersion"] == "4.0.1",
    )

    def made(value: dict[str, Any]) -> Any:
        more = {name: each for name, each in value.items() if name != "resourceType"}
        return client.resource(value["resourceType"], **more)

    person = made(patient("fp-1"))
    step("create", "an id", lambda: person.save() is not None and person["id"])
    step(
        "read",
        "as it was made",
        lambda: client.reference("Patient", person["id"]).to_resource()["birthDate"] == "1970-01-02",
    )
    person["birthDate"] = "1970-01-03"
    step("update", "version 2", lambda: person.save() is not None and person["meta"]["versionId"] == "2")

    def put(version: str) -> Any:
        headers = {"If-Match": f'W/"{version}"'}
        return client._do_request("put", f"Patient/{person['id']}", dict(person), extra_headers=headers)

    step("update, If-Match of an old version", "412", lambda: put("1"), raising=MultipleResourcesFound)
    step("update, If-Match of this version", "version 3", lambda: put("2")["meta"]["versionId"] == "3")
    step(
        "vread",
        "the first birth date",
        lambda: client.execute(f"Patient/{person['id']}/_history/1", "get")["birthDate"] == "1970-01-02",
    )
    step(
        "history",
        "three versions",
        lambda: client.execute(f"Patient/{person['id']}/_history", "get")["total"] == 3,
    )
    one = client.resources("Patient").search(identifier=f"{SYSTEM}|fp-2")

    def create_if_none() -> Any:
        headers = {"If-None-Exist": f"identifier={SYSTEM}|fp-2"}
        asked = [
            client._do_request(
                "post", "Patient", patient("fp-2"), extra_headers=headers, returning_status=True
            )
            for _ in range(2)
        ]
        return [status for _, status in asked]

    step("conditional create, twice", "201, then 200", lambda: create_if_none() == [201, 200])
    step(
        "conditional update",
        "changed, not made",
        lambda: one.update(made({**patient("fp-2"), "active": True}))[1] is False,
    )
    step(
        "create with a condition in its address",
        "refused: R4 wants If-None-Exist",
        lambda: one.get_or_create(made(patient("fp-2"))),
        raising=OperationOutcome,
    )

    def send() -> Any:
        entries = [
            {"fullUrl": URN, "resource": patient("fp-3"), "request": {"method": "POST", "url": "Patient"}}
        ]
        entries += [
            {"resource": observation(URN, f"fp-{n}"), "request": {"method": "POST", "url": "Observation"}}
            for n in range(11)
        ]
        told = client.execute("", data={"resourceType": "Bundle", "type": "transaction", "entry": entries})
        return [each["response"]["status"][:3] for each in told["entry"]] == ["201"] * 12

    step("transaction of 12", "twelve times 201", send)
    third = client.resources("Patient").search(identifier=f"{SYSTEM}|fp-3").get()
    results = client.resources("Observation").search(subject=third.to_reference().reference)
    step(
        "search, pages to the end", "11 results", lambda: len({each["id"] for each in results.limit(3)}) == 11
    )
    step(
        "search, chained",
        "one",
        lambda: (
            len(
                client.resources("Observation")
                .search(patient__Patient__identifier=f"{SYSTEM}|fp-3", code="fp-1")
                .fetch()
            )
            == 1
        ),
    )
    step(
        "search, _include",
        "a result and its patient",
        lambda: (
            [
                each["resourceType"]
                for each in results.search(code="fp-1").include("Observation", "subject").fetch()
            ]
            == ["Observation"]
            and "Patient" in str(results.search(code="fp-1").include("Observation", "subject").fetch_raw())
        ),
    )
    step(
        "search, sorted",
        "the last first",
        lambda: results.sort("-code").first()["code"]["coding"][0]["code"] == "fp-9",
    )
    step(
        "count, _count=0",
        "a total and no entries",
        lambda: (
            (
                told := client.execute(
                    "Observation", "get", params={"subject": f"Patient/{third['id']}", "_count": 0}
                )
            )["total"]
            == 11
            and "entry" not in told
        ),
    )
    step(
        "$everything",
        "the patient and 11 results",
        lambda: len(third.execute("$everything", method="get")["entry"]) == 12,
    )
    step("$validate", "valid", lambda: made(patient("fp-4")).is_valid())
    step(
        "$validate of a bad one",
        "not valid",
        lambda: made({**patient("fp-4"), "gender": "odd"}).is_valid() is False,
    )

    def refused() -> Any:
        try:
            made({**patient("fp-5"), "gender": "odd"}).save()
        except OperationOutcome as told:
            return told.resource["issue"][0]["severity"] == "error" and told.resource["issue"][0][
                "expression"
            ] == ["Patient.gender"]
        return False

    step("create of a bad one", "an OperationOutcome with the place", refused)
    step("delete", "done", lambda: client.resource("Patient", id=person["id"]).delete() is None)
    step(
        "read of a deleted one",
        "ResourceNotFound",
        lambda: client.reference("Patient", person["id"]).to_resource(),
        raising=ResourceNotFound,
    )
    step(
        "read of what never was",
        "ResourceNotFound",
        lambda: client.reference("Patient", str(uuid4())).to_resource(),
        raising=ResourceNotFound,
    )


if __name__ == "__main__":
    by_fhirclient()
    by_fhirpy()
    sys.exit(0)
