# SPDX-License-Identifier: Apache-2.0
"""fhirpyの手順 — resources as dictionaries, searches as sets that are walked."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from client_steps import BASE, SYSTEM, TOKEN, URN, Steps, observation, patient


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
