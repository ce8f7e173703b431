# SPDX-License-Identifier: Apache-2.0
"""本人の画面の速さ — persons who sign in by passkey and look at their results, at a steady rate; one JSON line a figure.

``python bench/portal.py [--size N] [--seconds S]`` makes N people with a passkey, and for each twelve results of a made-up
hospital. Each comes once within S seconds (open loop): the question, the signed answer of a software authenticator, home,
results. A person who finds the server busy waits, and the wait counts. ``--size 10000 --seconds 600`` is the goal: 16.7
sign-ins a second. Generator, server and database share this machine; the CPU time of each is told.
"""

from __future__ import annotations

import argparse
import asyncio
import html
import json
import re
import time
from datetime import date
from urllib.parse import urlencode
from uuid import uuid4

from figures import report
from http_load import percentile, served
from own_database import own_database

AGENT = (
    "Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Mobile Safari/537.36"
)
MONTHS = 12
STEPS = ("question", "answer", "home", "results")
LIMIT_MS = 500.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=200, help="persons")
    parser.add_argument(
        "--seconds", type=float, default=0, help="seconds they come in; none: at 16.7 a second"
    )
    given = parser.parse_args()
    seconds = given.seconds or given.size / (10000 / 600)
    with own_database() as connections:
        from tasuki_server.institutions.migrating import migrate

        migrate()
        begun = time.perf_counter()
        phones = make_people(given.size)
        report(
            "portal/people made with twelve results each",
            given.size / (time.perf_counter() - begun),
            "people/s",
        )
        with served(connections, "asgi", "tasuki_server.asgi:application") as server:
            for phone in phones:
                phone.passkey.origin = f"http://localhost:{server.port}"
            # The first page loads views and templates, which no person of a day waits for.
            asyncio.run(Visit(server.port, phones[0]).whole())
            measure(server, phones, seconds)


class Phone:
    """One person's authenticator."""

    def __init__(self, number: int) -> None:
        from tasuki_server.drills.soft_passkey import SoftPasskey

        self.number = number
        self.passkey = SoftPasskey("http://localhost")


def make_people(count: int) -> list[Phone]:
    from tasuki_server.eligibility.keys import name_key
    from tasuki_server.eligibility.models import HeldQualification, InsuredPerson
    from tasuki_server.platform.house import close_house
    from tasuki_server.portal.models import Account, Passkey

    phones, people, cards, accounts, keys = [], [], [], [], []
    for number in range(count):
        phone = Phone(number)
        name = f"架空　{number}番"
        person = InsuredPerson(
            name=name, kana="ｶｸｳ", name_key=name_key(name), kana_key="", sex="2", born=date(1970, 1, 1)
        )  # fmt: skip
        account = Account(person=person)
        phone.passkey.handle = bytes(account.handle)
        people.append(person)
        accounts.append(account)
        cards.append(
            HeldQualification(
                person=person,
                insurer_number="06139463",
                symbol="1",
                number=f"{number:07}",
                branch="01",
                symbol_key="1",
                number_key=f"{number:07}",
                qualified_on=date(2024, 4, 1),
            )
        )
        keys.append(
            Passkey(
                account=account,
                credential_id=phone.passkey.id,
                credential=phone.passkey.credential(),
                label="電話",
            )
        )
        phones.append(phone)
    for model, rows in (
        (InsuredPerson, people),
        (HeldQualification, cards),
        (Account, accounts),
        (Passkey, keys),
    ):
        model.objects.bulk_create(rows, batch_size=1000)
    for number in range(count):
        register_results(number)
    close_house()
    return phones


def register_results(number: int) -> None:
    """Twelve months of HbA1c, by the engine itself, as an institution sends them."""
    from uuid import UUID

    from tasuki.sharing.build.names import INSURED, LOCAL_LAB
    from tasuki.sharing.lab_items import CORE_LAB
    from tasuki_server.platform.clients import house_token, register_institution
    from tasuki_server.platform.engine import Pairs
    from tasuki_server.platform.house import ask_in_house
    from tasuki_server.platform.models import FeeTable

    token = house_token(UUID(int=9990087))
    register_institution("13", FeeTable.MEDICAL, "9990087", "架空計測医院", token)
    who = f"urn:uuid:{uuid4()}"
    value = f"06139463:1:{number:07}:01"
    patient = {"resourceType": "Patient", "identifier": [{"system": INSURED, "value": value}]}
    resources = [patient]
    for month in range(1, MONTHS + 1):
        codes = [{"system": LOCAL_LAB, "code": "a1c"}, {"system": CORE_LAB, "code": "3D046000001806202"}]
        resources.append(
            {
                "resourceType": "Observation",
                "status": "final",
                "code": {"coding": codes, "text": "HbA1c"},
                "subject": {"reference": who},
                "effectiveDateTime": f"2026-{month:02}-01T09:00:00+09:00",
                "valueQuantity": {"value": 5.5 + month / 10, "unit": "%"},
                "referenceRange": [{"low": {"value": 4.6}, "high": {"value": 6.2}}],
            }
        )
    entries = [
        {"resource": each, "request": {"method": "POST", "url": each["resourceType"]}} for each in resources
    ]
    entries[0]["fullUrl"] = who
    body = json.dumps({"resourceType": "Bundle", "type": "transaction", "entry": entries}).encode()
    reply = ask_in_house("POST", "fhir/", Pairs.read(""), {}, token, body)
    assert reply.status == 200, reply.body[:500]


class Visit:
    """One person's way: a connection of their own, with the cookies they are given."""

    def __init__(self, port: int, phone: Phone) -> None:
        self.port, self.phone = port, phone
        self.cookies: dict[str, str] = {}
        self.taken: dict[str, float] = {}

    async def whole(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        self.reader, self.writer = reader, writer
        asked = await self.step("question", "GET", "/portal/enter/")
        options = html.unescape(re.search(r'data-options="([^"]*)"', asked)[1])
        form = re.search(r'name="csrfmiddlewaretoken" value="([^"]*)"', asked)[1]
        answer = {"csrfmiddlewaretoken": form, "answer": self.phone.passkey.proved(options)}
        await self.step("answer", "POST", "/portal/enter/", urlencode(answer), status="302")
        await self.step("home", "GET", "/portal/")
        shown = await self.step("results", "GET", "/portal/results/")
        assert "HbA1c" in shown and "<svg" in shown
        writer.close()

    async def step(self, name: str, method: str, path: str, body: str = "", status: str = "200") -> str:
        begun = time.perf_counter()
        head = [
            f"{method} {path} HTTP/1.1", f"Host: localhost:{self.port}", f"User-Agent: {AGENT}",
            f"Content-Length: {len(body)}", "Content-Type: application/x-www-form-urlencoded",
            "Cookie: " + "; ".join(f"{key}={value}" for key, value in self.cookies.items()),
        ]  # fmt: skip
        self.writer.write(("\r\n".join(head) + "\r\n\r\n" + body).encode())
        told = (await self.reader.readuntil(b"\r\n\r\n")).decode()
        length = int(re.search(r"(?i)content-length: (\d+)", told)[1])
        page = (await self.reader.readexactly(length)).decode()
        self.taken[name] = time.perf_counter() - begun
        if told.split(" ", 2)[1] != status:
            raise RuntimeError(f"{path} answered {told.splitlines()[0]}")
        for key, value in re.findall(r"(?i)set-cookie: ([^=]+)=([^;\r]*)", told):
            self.cookies[key] = value
        return page


def measure(server: served, phones: list[Phone], seconds: float) -> None:
    before = server.spending()
    steps: dict[str, list[float]] = {name: [] for name in STEPS}
    whole: list[float] = []
    faults: list[str] = []

    async def one(phone: Phone, due: float) -> None:
        visit = Visit(server.port, phone)
        try:
            await visit.whole()
        except (OSError, RuntimeError, AssertionError, asyncio.IncompleteReadError, TypeError) as fault:
            faults.append(f"{type(fault).__name__}: {fault}")
            return
        whole.append(time.perf_counter() - due)
        for name in STEPS:
            steps[name].append(visit.taken[name])

    async def all_of_them() -> None:
        begun, tasks = time.perf_counter(), []
        for nth, phone in enumerate(phones):
            due = begun + nth * seconds / len(phones)
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            tasks.append(asyncio.ensure_future(one(phone, due)))
        await asyncio.gather(*tasks)

    begun = time.perf_counter()
    asyncio.run(all_of_them())
    spent = time.perf_counter() - begun
    after = server.spending()
    report("portal/asked for", len(phones) / seconds, "sign-ins/s")
    report("portal/done", len(whole) / spent, "sign-ins/s")
    report("portal/failed", len(faults), "persons")
    for fault in sorted(set(faults))[:5]:
        print(json.dumps({"fault": fault}), flush=True)
    for name, taken in (*steps.items(), ("sign-in, home and results", whole)):
        report(f"portal/{name}, p50", percentile(taken, 50) * 1000, "ms")
        p95 = percentile(taken, 95) * 1000
        report(f"portal/{name}, p95", p95, "ms", f"limit {LIMIT_MS:g} ms", p95 / LIMIT_MS)
    for name, value in after.items():
        report(f"portal/CPU of {name} for each", (value - before[name]) * 1000 / len(phones), "ms")


if __name__ == "__main__":
    main()
