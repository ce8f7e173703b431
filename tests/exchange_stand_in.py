# SPDX-License-Identifier: Apache-2.0
"""電子カルテ情報共有サービスの代役 — transactions kept by identifier, on the engine of the platform; for tests of the clinic's side."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs

MEDIA_TYPE = "application/fhir+json"


class StandIn:
    """What arrived, by type and identifier, and the answers that were ordered."""

    def __init__(self) -> None:
        self.held: dict[tuple[str, str], dict[str, Any]] = {}
        self.keys: list[str] = []
        self.refuse: str = ""
        self.closed = False

    async def handle(self, call: Any) -> Any:
        from tasuki_server.platform.engine import Reply

        if self.closed:
            return Reply(503, MEDIA_TYPE, _outcome("保守中です。"))
        if call.method == "GET":
            return self._read(call)
        self.keys.append(call.headers.get("Idempotency-Key") or call.headers.get("idempotency-key"))
        if self.refuse:
            return Reply(422, MEDIA_TYPE, _outcome(self.refuse))
        answers = []
        bundle = json.loads(call.body)
        assert (bundle["resourceType"], bundle["type"]) == ("Bundle", "transaction")
        for entry in bundle["entry"]:
            request = entry["request"]
            kind, query = request["url"].split("?")
            (identifier,) = parse_qs(query)["identifier"]
            key = (kind, identifier.replace("\\", ""))
            if request["method"] == "DELETE":
                self.held.pop(key, None)
                answers.append({"response": {"status": "204"}})
                continue
            assert request["method"] == "PUT" and entry["resource"]["resourceType"] == kind
            status = "200 OK" if key in self.held else "201 Created"
            self.held[key] = entry["resource"]
            answers.append({"response": {"status": status}})
        made = {"resourceType": "Bundle", "type": "transaction-response", "entry": answers}
        return Reply(200, MEDIA_TYPE, json.dumps(made).encode())

    def of(self, kind: str) -> list[dict[str, Any]]:
        """Everything of one type."""
        return [each for (held, _), each in self.held.items() if held == kind]

    def _read(self, call: Any) -> Any:
        from tasuki_server.platform.engine import Reply

        kind = call.parts[0]
        wanted = call.query.get("recipient:identifier", "").rpartition("|")[2]
        found = [
            each
            for each in self.of(kind)
            if kind != "Communication" or each["recipient"][0]["identifier"]["value"] == wanted
        ]
        made = {
            "resourceType": "Bundle",
            "type": "searchset",
            "entry": [{"resource": each} for each in found],
        }
        return Reply(200, MEDIA_TYPE, json.dumps(made).encode())


def _outcome(words: str) -> bytes:
    issue = {"severity": "error", "code": "invalid", "diagnostics": words}
    return json.dumps({"resourceType": "OperationOutcome", "issue": [issue]}).encode()


def stand(services: Any) -> StandIn:
    """Put in the place of the exchange; ``services`` is the table of services."""
    from tasuki_server.platform.engine import Service, refusal

    made = StandIn()
    services["fhir"] = Service(
        "fhir", {"": "client"}, made.handle, lambda status, error, _: refusal(status, error)
    )
    return made
