# SPDX-License-Identifier: Apache-2.0
"""機械の入口へのでたらめな要求 — calls made from the OpenAPI document, and calls that follow nothing at all."""

from __future__ import annotations

import asyncio
import json
import random
import threading
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from tasuki_server.database.places import home
from tasuki_server.drills.asgi_request import Told, ask
from tasuki_server.drills.fuzz_values import broken, hostile

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from tasuki_server.drills.marked_clinic import MarkedClinic

BASE = "/api/calculation/v1"
VERBS = ("GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "QUERY")


class Doors:
    """機械の入口 — the calculation, the receiving service and the national platform in a loop of their own."""

    def __init__(self, clinic: MarkedClinic) -> None:
        from tasuki_server.platform.asgi_door import PlatformDoor
        from tasuki_server.receiving.asgi_door import ReceivingDoor

        self.tokens = {
            "calculation": clinic.mark("接続トークン"),
            "receiving": clinic.mark("送信トークン"),
            "platform": clinic.mark("資格確認トークン"),
        }
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()
        self.calculation = self._run(_calculation())
        self.receiving = ReceivingDoor()
        self.platform = PlatformDoor()
        self.calls, self.faults = 0, set[str]()

    def ask(self, door: str, method: str, path: str, body: bytes, **headers: str) -> Told:
        """要求 — with the token of the door, unless another is given."""
        given = {
            "Authorization": f"Bearer {self.tokens[door]}",
            "Content-Type": "application/json",
            **headers,
        }
        # The drill is about answers, not about how many a minute.
        self.receiving.patience.forget()
        self.platform.forget_failures()
        told: Told = self._run(ask(getattr(self, door), method, path, body, given, "127.0.0.1"))
        self.calls += 1
        if told.status >= 500:
            self.faults.add(f"{door}: {method} {path[:60]} に {told.status} を返しました。")
        return told

    def stop(self) -> None:
        """終了 — of the loop and the worker of the calculation."""
        self._run(self.calculation.stop())
        self._run(self.platform.stop())
        self.loop.call_soon_threadsafe(self.loop.stop)

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(120)


async def _calculation() -> Any:
    from tasuki_server.api.calculation import CalculationApi
    from tasuki_server.api.workers import Workers

    service = CalculationApi(workers=Workers(1, 30))
    # The drill is about answers, not about how many a minute.
    for each in (service._allowance, service._callers.failures, service._issue._allowance):
        each.rate = each.burst = 1e9
    service.start()
    return service


def at_random(doors: Doors, count: int, chosen: random.Random) -> None:
    """でたらめな要求 — any address, method, token and body."""
    visit = (home() / "docs/guide/examples/visit.json").read_bytes()
    for number in range(count):
        if number % 10 == 0:
            _token_at_random(doors, chosen)
            continue
        if number % 4 == 1:
            _message_at_random(doors, chosen)
            continue
        body = broken(visit, chosen) if chosen.random() < 0.7 else chosen.randbytes(chosen.randrange(300))
        ending = chosen.choice(
            ("calculate", "simulate", "copay", "openapi.json", quote(hostile(chosen)[:60]))
        )
        token = (
            {}
            if chosen.random() < 0.8
            else {"Authorization": f"Bearer {hostile(chosen)[:200]}".replace("\n", "")}
        )
        method = "POST" if chosen.random() < 0.7 else chosen.choice(VERBS)
        if chosen.random() < 0.75:
            doors.ask("calculation", method, f"{BASE}/{ending}", body, **token)
        else:
            number = chosen.choice(("00000000-0000-7000-8000-000000000000", quote(hostile(chosen)[:40])))
            place = chosen.choice(
                (f"submissions/{number}", f"submissions/{number}/withdrawals", "files", f"files/{number}")
            )
            query = (
                f"?payer={quote(hostile(chosen)[:9])}&kind=claim&claim_month={quote(hostile(chosen)[:12])}"
            )
            method = chosen.choice(("PUT", "POST", "GET", *VERBS))
            doors.ask("receiving", method, f"/receiving/v1/{place}{query}", body, **token)


def _message_at_random(doors: Doors, chosen: random.Random) -> None:
    """でたらめな電文 — a sample of any service with its institution set right or not, broken, under any name."""
    from tasuki_server.platform.services import SERVICES

    service = chosen.choice([each for each in SERVICES.values() if each.samples()] or list(SERVICES.values()))
    samples = service.samples()
    name = chosen.choice(sorted(samples)) if samples else "memo.xml"
    body = samples.get(name, b"{}")
    if chosen.random() < 0.6:
        status = json.loads(doors.ask("platform", "GET", "/platform/v1/status", b"").body)
        body = body.replace(b"1319990001", status.get("institution", "").encode())
    if chosen.random() < 0.7:
        body = broken(body, chosen)
    file = quote(name if chosen.random() < 0.85 else hostile(chosen)[:80])
    place = chosen.choice((*service.addresses, quote(hostile(chosen)[:40])))
    if place in ("cards", "people") and chosen.random() < 0.8:
        given = {"card": hostile(chosen)[:60], "name": hostile(chosen)[:60], "born": "1980-04-01", "way": "1"}
        kept = {key: text for key, text in given.items() if chosen.random() < 0.7}
        body = json.dumps(kept).encode()
    query = f"?file={file}&since={quote(hostile(chosen)[:12])}&zip={chosen.choice('01')}"
    method = chosen.choice(("POST", "POST", "POST", "GET", *VERBS))
    doors.ask("platform", method, f"/platform/v1/{service.name}/{place}{query}", body)


def _token_at_random(doors: Doors, chosen: random.Random) -> None:
    """短期トークンのでたらめな求め — a form, an assertion and a proof of which any part is broken."""
    from tasuki_server.api.service_call import ServiceCaller, new_key

    caller = ServiceCaller.made("tsc_" + "A" * 22 + "_" + "A" * 22, new_key(), "http://localhost")
    body, headers = caller.token_request()
    if chosen.random() < 0.8:
        body = broken(body, chosen)
    if chosen.random() < 0.4:
        headers["DPoP"] = hostile(chosen)[:200].replace("\n", "")
    if chosen.random() < 0.1:
        headers["Content-Type"] = hostile(chosen)[:60].replace("\n", "")
    doors.ask("calculation", "POST", "/api/token", body, **{"Host": "localhost", **headers})


def by_document(doors: Doors, count: int, seed: int) -> tuple[int, list[str]]:
    """文書どおりの要求 — calls made from the OpenAPI document; the answers must be as it says, too."""
    if find_spec("schemathesis") is None:
        return 0, ["schemathesis が入っていないため、OpenAPIからの要求は試していません。"]
    import hypothesis
    import requests
    import schemathesis
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi.checks import (
        content_type_conformance,
        response_schema_conformance,
        status_code_conformance,
    )

    from tasuki.calculation.openapi import openapi_document

    schema = schemathesis.openapi.from_dict(openapi_document())
    checks = (
        not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance
    )  # fmt: skip
    operations = [each.ok() for each in schema.get_all_operations()]
    operations = [each for each in operations if each.method.upper() == "POST"]
    faults: list[str] = []
    begun = doors.calls
    for operation in operations:
        made = hypothesis.settings(
            max_examples=max(1, count // len(operations)), deadline=None, database=None,
            suppress_health_check=list(hypothesis.HealthCheck), phases=[hypothesis.Phase.generate],
        )  # fmt: skip

        @hypothesis.seed(seed)
        @made
        @hypothesis.given(case=operation.as_strategy(), path=hypothesis.strategies.just(operation.path))
        def asked(case: Any, path: str) -> None:
            body = case.body if isinstance(case.body, bytes) else json.dumps(case.body).encode()
            told = doors.ask("calculation", "POST", path, body)
            answer = schemathesis.Response(
                status_code=told.status, headers={key: [value] for key, value in told.headers.items()},
                content=told.body, request=requests.Request("POST", "http://localhost/").prepare(), elapsed=0.0,
                verify=False,
            )  # fmt: skip
            case.validate_response(answer, checks=checks)

        try:
            asked()
        except Exception as fault:  # noqa: BLE001 - whatever a check says is a finding
            faults.append(f"{operation.path}: {type(fault).__name__} {str(fault)[:160]}")
    return doors.calls - begun, faults
