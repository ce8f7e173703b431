# SPDX-License-Identifier: Apache-2.0
"""医療情報の交換の試験の道具 — made-up institutions that ask over the engine, and made-up resources."""

from __future__ import annotations

import json
from typing import Any, NamedTuple
from uuid import UUID, uuid4


class Told(NamedTuple):
    """An answer, read."""

    status: int
    value: Any
    headers: dict[str, str]

    @property
    def texts(self) -> list[str]:
        return [each["details"]["text"] for each in self.value["issue"]]


class Place:
    """A connected institution, which asks like one from outside."""

    def __init__(self, code: str, name: str, fee_table: str = "1") -> None:
        from tasuki_server.platform.clients import house_token, register_institution
        from tasuki_server.platform.models import FeeTable
        from tasuki_server.records.models import RuleSetting
        from tasuki_server.records.rules import set_rules

        # The rooms of the exchange are tried as a region uses it; the national rule has tests of its own.
        if not RuleSetting.objects.exists():
            set_rules("試験", policy="open")
        self.token = house_token(UUID(int=int(code)))
        self.row, _ = register_institution("13", FeeTable(fee_table), code, name, self.token)

    def __call__(self, method: str, path: str, value: Any = b"", **headers: str) -> Told:
        body = value if isinstance(value, bytes) else json.dumps(value, ensure_ascii=False).encode()
        reply = self.raw(method, path, body, **headers)
        return Told(reply.status, json.loads(reply.body) if reply.body else None, dict(reply.headers))

    def raw(self, method: str, path: str, body: bytes = b"", **headers: str) -> Any:
        """The answer as it is, in whatever form."""
        from tasuki_server.platform.engine import Pairs
        from tasuki_server.platform.house import ask_in_house

        where, _, query = path.partition("?")
        given = {name.replace("_", "-"): text for name, text in headers.items()}
        asked = {"host": "fhir.example:8443", **given}
        return ask_in_house(method, f"fhir/{where}", Pairs.read(query), asked, self.token, body)


def patient(**more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Patient",
        "identifier": [{"system": "urn:test:patient", "value": str(uuid4())}],
        "name": [{"text": "架空　花子", "family": "架空", "given": ["花子"]}],
        "gender": "female",
        "birthDate": "1960-06-06",
        **more,
    }


def observation(patient_id: str, **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "4548-4"}], "text": "HbA1c"},
        "subject": {"reference": f"Patient/{patient_id}"},
        "effectiveDateTime": "2026-10-01T09:00:00+09:00",
        "valueQuantity": {"value": 6.1, "unit": "%", "system": "http://unitsofmeasure.org", "code": "%"},
        **more,
    }
