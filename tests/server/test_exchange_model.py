# SPDX-License-Identifier: Apache-2.0
"""医療情報の交換と模型 — random sequences of requests beside a model of a few lines: reads, versions, histories and searches agree,
a refused request changes nothing, and nothing is ever a 5xx.
"""

from __future__ import annotations

import copy
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from exchange import Place, observation, patient

pytestmark = pytest.mark.server
GENDERS = st.sampled_from(("male", "female", "other", "unknown"))
NUMBERS = st.integers(0, 3)
PLACES = st.integers(0, 9)
PATCH = {"content_type": "application/json-patch+json"}


class Exchange(RuleBasedStateMachine):
    """交換と模型 — ``kept`` holds the versions of each place, oldest first; a deletion is None."""

    clinic: Place

    @initialize()
    def begin(self) -> None:
        self.system = f"urn:model:{uuid4()}"
        self.kept: dict[str, list[dict[str, Any] | None]] = {}

    def ask(self, method: str, path: str, value: Any = b"", **headers: str) -> Any:
        told = self.clinic(method, path, value, **headers)
        assert told.status < 500, (method, path, value, told.value)
        return told

    def person(self, gender: str, number: int) -> dict[str, Any]:
        return patient(gender=gender, identifier=[{"system": self.system, "value": str(number)}])

    def chosen(self, at: int) -> str:
        return sorted(self.kept)[at % len(self.kept)]

    def living(self, kind: str) -> list[str]:
        return [place for place, versions in self.kept.items() if place.startswith(kind) and versions[-1]]

    def matching(self, number: int) -> list[str]:
        return [
            place for place in self.living("Patient")
            if self.kept[place][-1]["identifier"][0]["value"] == str(number)  # type: ignore[index]
        ]  # fmt: skip

    def wrote(self, told: Any, value: dict[str, Any]) -> str:
        """What came is what was sent, with its version; the model has it from now on."""
        place = f"{told.value['resourceType']}/{told.value['id']}"
        versions = self.kept.setdefault(place, [])
        versions.append(told.value)
        assert told.value["meta"]["versionId"] == str(len(versions))
        assert _plain(told.value) == _plain({**value, "id": told.value["id"]})
        return place

    @rule(gender=GENDERS, number=NUMBERS)
    def create(self, gender: str, number: int) -> None:
        value = self.person(gender, number)
        told = self.ask("POST", "Patient", value)
        assert told.status == 201
        self.wrote(told, value)

    @rule(gender=GENDERS, number=NUMBERS)
    def create_if_none(self, gender: str, number: int) -> None:
        value, found = self.person(gender, number), self.matching(number)
        told = self.ask("POST", "Patient", value, if_none_exist=f"identifier={self.system}|{number}")
        assert told.status == {0: 201, 1: 200}.get(len(found), 412)
        if not found:
            self.wrote(told, value)
        elif len(found) == 1:
            assert told.value == self.kept[found[0]][-1]

    @rule(gender=GENDERS, number=NUMBERS)
    def update_if(self, gender: str, number: int) -> None:
        value, found = self.person(gender, number), self.matching(number)
        told = self.ask("PUT", f"Patient?identifier={self.system}|{number}", value)
        assert told.status == {0: 201, 1: 200}.get(len(found), 412)
        if len(found) < 2:
            assert self.wrote(told, value) in (found or [f"Patient/{told.value['id']}"])

    @precondition(lambda self: self.living("Patient"))
    @rule(at=PLACES)
    def observe(self, at: int) -> None:
        people = sorted(self.living("Patient"))
        value = observation(people[at % len(people)].split("/")[1])
        told = self.ask("POST", "Observation", value)
        assert told.status == 201
        self.wrote(told, value)

    @precondition(lambda self: self.kept)
    @rule(at=PLACES, gender=GENDERS, number=NUMBERS, behind=st.sampled_from((None, 0, 0, 1)))
    def update(self, at: int, gender: str, number: int, behind: int | None) -> None:
        place = self.chosen(at)
        versions = self.kept[place]
        kind, logical_id = place.split("/")
        value = {
            **(self.person(gender, number) if kind == "Patient" else observation("elsewhere")),
            "id": logical_id,
        }
        headers = {} if behind is None else {"if_match": f'W/"{len(versions) - behind}"'}
        told = self.ask("PUT", place, value, **headers)
        if behind:
            assert told.status == 412
        else:
            assert told.status == (200 if versions[-1] else 201)
            self.wrote(told, value)

    @precondition(lambda self: self.kept)
    @rule(at=PLACES, gender=GENDERS, tested=GENDERS)
    def patch(self, at: int, gender: str, tested: str) -> None:
        place = self.chosen(at)
        newest = self.kept[place][-1]
        steps = [
            {"op": "test", "path": "/gender", "value": tested},
            {"op": "replace", "path": "/gender", "value": gender},
        ]
        told = self.ask("PATCH", place, steps, **PATCH)
        if newest is None:
            assert told.status == 410
        elif newest.get("gender") != tested:
            assert told.status == 422
        else:
            self.wrote(told, {**newest, "gender": gender})

    @precondition(lambda self: self.kept)
    @rule(at=PLACES)
    def delete(self, at: int) -> None:
        place = self.chosen(at)
        assert self.ask("DELETE", place).status == 204
        if self.kept[place][-1] is not None:
            self.kept[place].append(None)

    @rule(
        gender=GENDERS,
        number=NUMBERS,
        at=PLACES,
        fault=st.sampled_from(("", "", "resource", "version", "twice")),
    )
    def transact(self, gender: str, number: int, at: int, fault: str) -> None:
        """A new person with a result, and one that is there changed; a fault in any of them undoes all."""
        new, result = self.person(gender, number), observation("")
        result["subject"] = {"reference": "urn:uuid:one"}
        sent = [
            ({"fullUrl": "urn:uuid:one", "resource": new}, "POST", "Patient", ""),
            ({"resource": result}, "POST", "Observation", ""),
        ]
        old = ""
        if people := sorted(self.living("Patient")):
            old = people[at % len(people)]
            changed = {**self.person(gender, number), "id": old.split("/")[1]}
            version = len(self.kept[old]) + (1 if fault == "version" else 0)
            sent += [({"resource": changed}, "PUT", old, f'W/"{version}"')] * (2 if fault == "twice" else 1)
        if fault == "resource":
            sent.append(({"resource": patient(gender="odd")}, "POST", "Patient", ""))
        entries = [
            {**each, "request": {"method": method, "url": url} | ({"ifMatch": match} if match else {})}
            for each, method, url, match in sent
        ]
        told = self.ask(
            "POST",
            "",
            {"resourceType": "Bundle", "type": "transaction", "entry": entries},
            prefer="return=representation",
        )
        if fault == "resource" or (old and fault):
            assert told.status in (400, 412, 422)
            return
        assert told.status == 200, told.value
        made = [each["resource"] for each in told.value["entry"]]
        result["subject"] = {"reference": f"Patient/{made[0]['id']}"}
        for value, resource in zip((new, result, *([changed] if old else [])), made, strict=True):
            self.wrote(told._replace(value=resource), value)

    @precondition(lambda self: self.kept)
    @rule(at=PLACES, version=st.integers(1, 4))
    def read_a_version(self, at: int, version: int) -> None:
        place = self.chosen(at)
        told = self.ask("GET", f"{place}/_history/{version}")
        versions = self.kept[place]
        if version > len(versions):
            assert told.status == 404
        else:
            assert (told.status, told.status == 200 and told.value) == (
                (200, versions[version - 1]) if versions[version - 1] else (410, False)
            )

    @precondition(lambda self: self.kept)
    @rule(at=PLACES)
    def history(self, at: int) -> None:
        place = self.chosen(at)
        told = self.ask("GET", f"{place}/_history")
        assert [each.get("resource") for each in told.value["entry"]] == self.kept[place][::-1]

    @rule(number=NUMBERS, count=st.integers(1, 3))
    def search(self, number: int, count: int) -> None:
        """Page by page to the end."""
        path, found = f"Patient?identifier={self.system}|{number}&_count={count}", []
        while path:
            told = self.ask("GET", path)
            found += [each["resource"] for each in told.value.get("entry", [])]
            links = {each["relation"]: each["url"] for each in told.value["link"]}
            path = links.get("next", "/fhir/").split("/fhir/")[1]
        assert sorted(each["id"] for each in found) == sorted(
            place.split("/")[1] for place in self.matching(number)
        )
        assert all(each == self.kept[f"Patient/{each['id']}"][-1] for each in found)

    @precondition(lambda self: self.living("Patient"))
    @rule(at=PLACES)
    def search_by_patient(self, at: int) -> None:
        people = sorted(self.living("Patient"))
        person = people[at % len(people)]
        told = self.ask("GET", f"Observation?subject={person}")
        wanted = [
            place for place in self.living("Observation")
            if self.kept[place][-1]["subject"]["reference"] == person  # type: ignore[index]
        ]  # fmt: skip
        assert sorted(
            f"Observation/{each['resource']['id']}" for each in told.value.get("entry", [])
        ) == sorted(wanted)

    @invariant()
    def the_newest_is_read(self) -> None:
        """One of them after every step, in turn."""
        if getattr(self, "kept", None):
            place = self.chosen(sum(map(len, self.kept.values())))
            told = self.ask("GET", place)
            newest = self.kept[place][-1]
            assert (told.status, told.value) == (200, newest) if newest else told.status == 410


def _plain(value: dict[str, Any]) -> dict[str, Any]:
    made = copy.deepcopy(value)
    made.pop("meta", None)
    return made


def test_the_exchange_agrees_with_a_model(server):
    from tasuki_server.platform.house import close_house

    Exchange.clinic = Place("9990036", "模型の病院")
    run_state_machine_as_test(
        Exchange,
        settings=settings(
            max_examples=8, stateful_step_count=25, deadline=None, database=None, derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
    close_house()
