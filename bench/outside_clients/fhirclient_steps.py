# SPDX-License-Identifier: Apache-2.0
"""fhirclientの手順 — every answer becomes a model of R4, which refuses what R4 does not have."""

from __future__ import annotations

from typing import Any

from client_steps import BASE, SYSTEM, TOKEN, URN, Steps, observation, patient


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
