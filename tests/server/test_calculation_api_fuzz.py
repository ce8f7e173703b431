# SPDX-License-Identifier: Apache-2.0
"""接続（API）への無作為な要求 — what the OpenAPI document allows and what it does not: no answer is a fault of ours."""

from __future__ import annotations

import asyncio
import json
import threading
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tasuki.calculation.openapi import openapi_document
from tasuki_server.drills.asgi_request import ask

pytestmark = pytest.mark.server

BASE = "/api/calculation/v1"
VISIT = (Path(__file__).parents[2] / "docs" / "guide" / "examples" / "visit.json").read_bytes()
# Addresses, methods and bodies of whoever tries: answered, never with a fault of ours.
ADDRESSED = {400, 401, 403, 404, 405, 413, 415, 422, 429}


class Service:
    """The service in a loop of its own thread; ``ask`` from any other."""

    def __init__(self, clinic: object) -> None:
        from tasuki_server.api.calculation import CalculationApi
        from tasuki_server.api.tokens import make_token
        from tasuki_server.api.workers import Workers

        with clinic.work():  # type: ignore[attr-defined]
            _, self.token = make_token("試験", ("calculate", "copay"), 1)
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()

        async def made() -> CalculationApi:
            service = CalculationApi(workers=Workers(1, 30))
            service._allowance.rate = service._allowance.burst = 1e9
            service.start()
            return service

        self.application = self._run(made())

    def _run(self, work: object) -> object:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(60)  # type: ignore[arg-type]

    def ask(self, method, path, body=b"", **headers):
        given = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        return self._run(ask(self.application, method, path, body, given | headers, client="127.0.0.1"))

    def stop(self) -> None:
        self._run(self.application.stop())
        self.loop.call_soon_threadsafe(self.loop.stop)


@pytest.fixture(scope="module")
def service(server):
    made = Service(server.first)
    yield made
    made.stop()


SCHEMA = schemathesis.openapi.from_dict(openapi_document())


@pytest.mark.parametrize("name", ["calculate", "simulate", "copay"])
def test_bodies_of_the_document_are_answered_as_it_says(service, name):
    operation = SCHEMA[f"{BASE}/{name}"]["POST"]

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy())
    def asked(case):
        body = case.body if isinstance(case.body, bytes) else json.dumps(case.body).encode()
        told = service.ask("POST", f"{BASE}/{name}", body)
        answer = schemathesis.Response(
            status_code=told.status,
            headers={key: [value] for key, value in told.headers.items()},
            content=told.body,
            request=case.as_transport_kwargs(base_url="http://localhost") and _request(case),
            elapsed=0.0,
            verify=False,
        )
        case.validate_response(
            answer,
            checks=(
                not_a_server_error,
                status_code_conformance,
                content_type_conformance,
                response_schema_conformance,
            ),
        )

    asked()


def _request(case):
    import requests

    return requests.Request("POST", f"http://localhost{case.path}").prepare()


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "QUERY"]),
    ending=st.text(max_size=20) | st.sampled_from(["calculate", "simulate", "copay", "openapi.json"]),
    body=st.binary(max_size=200) | st.just(VISIT),
    kind=st.sampled_from(["application/json", "text/plain", "", "application/json; charset=shift_jis"]),
)
def test_any_address_method_and_body_is_answered(service, method, ending, body, kind):
    path = f"{BASE}/" + ending.encode("utf-8", "replace").decode().replace("?", "")
    told = service.ask(method, path, body, **{"Content-Type": kind})
    assert told.status in ADDRESSED | {200}
    if told.status != 200 and method != "HEAD":
        assert told.headers["content-type"] == "application/problem+json"
        assert told.json()["status"] == told.status


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(token=st.text(max_size=90) | st.from_regex(r"tsk_[A-Za-z0-9_-]{22}_[A-Za-z0-9_-]{43}", fullmatch=True))
def test_any_token_is_refused(service, token):
    service.application._callers.failures.forget()
    value = f"Bearer {token}".encode("ascii", "replace").decode().replace("\r", "").replace("\n", "")
    told = service.ask("POST", f"{BASE}/calculate", VISIT, Authorization=value)
    assert told.status == 401


def test_large_and_long_bodies_end(service):
    whole = json.loads(VISIT)
    whole["history"] = [{"day": "2026-05-18", "code": "112007410"}] * 12_000
    assert service.ask("POST", f"{BASE}/calculate", json.dumps(whole).encode()).status == 200
    whole["history"] = []
    whole["orders"] = [{"kind": "act", "items": [{"code": "160054710"}]}] * 3_000
    assert service.ask("POST", f"{BASE}/calculate", json.dumps(whole).encode()).status in (200, 422)
