# SPDX-License-Identifier: Apache-2.0
"""文書どおりの要求 — what schemathesis makes of the OpenAPI document that the server itself gives, sent over HTTP.

Bodies are mostly no resources; what holds is that nothing is a 5xx and that every refusal is an OperationOutcome, of OAuth its error.
"""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlencode, urlsplit

from outside_clients.told import Told

NAME, SEED, HELD = "schemathesis", 7, "0a1b2c3d-0000-4000-8000-000000000004"
# OAuth refuses in its own form (RFC 6749 5.2, RFC 7009 2.2.1).
OAUTH = ("/token", "/revoke")
TYPES = ("", "Patient", "Observation", "Binary", "Bundle", "AuditEvent")
_PATIENT = {"resourceType": "Patient", "name": [{"text": "架空　花子"}]}
BODIES: tuple[dict[str, Any], ...] = (
    {}, _PATIENT, {"resourceType": "Bundle", "type": "transaction", "entry": [{"resource": _PATIENT, "request": {"method": "POST", "url": "Patient"}}]},
    {"resourceType": "Parameters"},
)  # fmt: skip


def run(base: str, token: str, count: int) -> Iterator[Told]:
    """要求 — ``count`` for each address of the exchange; one line an address."""
    if find_spec("schemathesis") is None:
        print("passed over: schemathesis (not installed: ./tasuki check installs it)")
        return
    import hypothesis
    import schemathesis

    place = urlsplit(base)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=60)
    connection.request("GET", f"{place.path.rpartition('/')[0]}/openapi.json")
    document = json.loads(connection.getresponse().read())
    schema = schemathesis.openapi.from_dict(document)
    made = hypothesis.settings(
        max_examples=count, deadline=None, database=None, suppress_health_check=list(hypothesis.HealthCheck),
        phases=[hypothesis.Phase.generate],
    )  # fmt: skip
    put = {"Authorization": f"Bearer {token}", "Content-Type": "application/fhir+json"}
    connection.request("PUT", f"{place.path}/Patient/{HELD}", json.dumps({**_PATIENT, "id": HELD}), put)
    connection.getresponse().read()
    for found in schema.get_all_operations():
        operation = found.ok()
        if not operation.path.startswith(place.path):
            continue
        statuses, wrong = _asked(operation, made, connection, token)
        came = ", ".join(f"{status}: {times}" for status, times in sorted(statuses.items()))
        what = f"{operation.method.upper()} {operation.path.removeprefix(place.path) or '/'}"
        yield Told(NAME, what, "no 5xx; refusals in their form", "; ".join([came, *wrong[:2]]), not wrong)
    connection.close()


def _asked(
    operation: Any, settings: Any, connection: http.client.HTTPConnection, token: str
) -> tuple[dict[int, int], list[str]]:
    """What came to so many requests of one address: how often each status, and what must not be."""
    import hypothesis
    from hypothesis import strategies

    statuses: dict[int, int] = {}
    wrong: list[str] = []

    @hypothesis.seed(SEED)
    @settings
    @hypothesis.given(
        case=operation.as_strategy(),
        type_name=strategies.sampled_from(TYPES),
        body=strategies.sampled_from(BODIES),
        is_held=strategies.booleans(),
    )
    def ask(case: Any, type_name: str, body: Any, is_held: bool) -> None:
        if type_name and "type" in case.path_parameters:
            # The document allows any name: those that are none are answered soon.
            case.path_parameters["type"] = type_name
        if is_held and "id" in case.path_parameters:
            case.path_parameters["id"] = HELD
        if body and isinstance(case.body, dict | list):
            case.body = {**case.body, **body} if isinstance(case.body, dict) else case.body
        status, kind, told, path = sent(connection, case, token)
        statuses[status] = statuses.get(status, 0) + 1
        if status >= 500 or (status >= 400 and not is_refusal(path, kind, told)):
            wrong.append(f"{case.method} {path}: {status} {told[:120]!r}")

    ask()
    return statuses, wrong


def sent(connection: http.client.HTTPConnection, case: Any, token: str) -> tuple[int, str, bytes, str]:
    """一つの要求 — its status, media type and body, and the address it went to."""
    path = case.formatted_path
    given = (
        {name: value for name, value in (case.query or {}).items() if value is not None}
        if isinstance(case.query, dict)
        else {}
    )
    if given:
        path += "?" + urlencode(given, doseq=True)
    body = case.body if isinstance(case.body, bytes) else None
    if isinstance(case.body, dict | list | str | int | float | bool):
        body = json.dumps(case.body).encode()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": case.media_type or "application/fhir+json"}
    connection.request(case.method, path, body, headers)
    got = connection.getresponse()
    return got.status, got.headers.get("content-type", ""), got.read(), path


def is_refusal(path: str, kind: str, body: bytes) -> bool:
    """断りの形か — an OperationOutcome; of OAuth its error, once it is asked."""
    if path.partition("?")[0].endswith(OAUTH) and kind == "application/json":
        return isinstance(json.loads(body).get("error"), str)
    return is_outcome(kind, body)


def is_outcome(kind: str, body: bytes) -> bool:
    """処理結果か — in either form."""
    if kind.startswith("application/fhir+json"):
        return bool(json.loads(body)["resourceType"] == "OperationOutcome")
    return kind.startswith("application/fhir+xml") and b"<OperationOutcome" in body[:200]
