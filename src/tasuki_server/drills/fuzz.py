# SPDX-License-Identifier: Apache-2.0
"""でたらめな入力の訓練 — pages, machine interfaces and readers are given what nobody should send: no answer is a fault of ours."""

from __future__ import annotations

import random
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from tasuki_server.database.places import home
from tasuki_server.drills.drill import Drill, Finding, Tier
from tasuki_server.drills.ground import training_ground
from tasuki_server.drills.kept_log import kept_log

if TYPE_CHECKING:
    from collections.abc import Callable

    from tasuki_server.drills.fuzz_pages import PageFuzz
    from tasuki_server.drills.marked_clinic import MarkedClinic

# Calls of pages, calls of machine interfaces at random, calls made from the OpenAPI document; inputs of each reader.
PAGES = {Tier.PUSH: 640, Tier.LONG: 20_000}
DOORS = {Tier.PUSH: 1_300, Tier.LONG: 7_000}
DOCUMENT = {Tier.PUSH: 60, Tier.LONG: 3_000}
READINGS = {Tier.PUSH: 60, Tier.LONG: 20_000}
CLAIM_FILES = 200_000
PLANTED_CASES = 120


def run(tier: Tier, seed: int, tell: Callable[[str], None]) -> Finding:
    """でたらめな入力の訓練 — see the module."""
    chosen = random.Random(seed)  # noqa: S311 - to be repeated, not to be secret
    with training_ground(), kept_log():
        from tasuki_server.drills.fuzz_doors import Doors, at_random, by_document
        from tasuki_server.drills.fuzz_pages import PageFuzz
        from tasuki_server.drills.fuzz_readers import read_broken
        from tasuki_server.drills.marked_clinic import marked_clinic

        clinic = marked_clinic(1, chosen)
        browsers = browsers_of(clinic)
        pages = PageFuzz(clinic, browsers, chosen)
        walk(pages, PAGES[tier], tell)
        faults = [str(each) for each in pages.faults.values()]
        doors = Doors(clinic)
        try:
            at_random(doors, DOORS[tier], chosen)
            documented, wrong = by_document(doors, DOCUMENT[tier], seed)
        finally:
            doors.stop()
        faults += [*sorted(doors.faults), *wrong]
        tell(f"{doors.calls} calls of machine interfaces")
        samples = samples_of(clinic)
        read = read_broken(samples, READINGS[tier], seed)
        faults += read.faults
        tell(f"{read.inputs} readings, slowest {read.slowest_ms} ms")
        counts: dict[str, int | float] = {
            "cases": pages.cases + doors.calls,
            "pages": pages.cases,
            "addresses": len(pages.addresses),
            "addresses_opened": len(pages.reached),
            "forms": len(pages.forms),
            "slowest_page_ms": pages.slowest_ms,
            "machine_calls": doors.calls,
            "machine_calls_by_document": documented,
            "readings": read.inputs,
            "slowest_reading_ms": read.slowest_ms,
            "server_errors": len(faults),
        }
        control = planted(clinic, browsers, chosen)
    if tier is Tier.LONG:
        counts["claim_files"], broken = claim_files(CLAIM_FILES, seed, tell)
        faults += broken
    return Finding(counts, tuple(faults), control, all(control.values()))


def browsers_of(clinic: MarkedClinic) -> dict[str, Any]:
    """全役割のブラウザー — signed in, and one of nobody."""
    from django.test import Client

    from tasuki_server.drills.marked_clinic import signed_in

    browsers = {role: signed_in(clinic, role) for role in clinic.users}
    browsers["nobody"] = Client(SERVER_NAME="localhost", raise_request_exception=False)
    return browsers


def walk(pages: PageFuzz, count: int, tell: Callable[[str], None]) -> None:
    """巡回 — whose session an act has ended signs in again, so that roles stay what they are."""
    from tasuki_server.drills.marked_clinic import signed_in

    told = 0
    while pages.cases < count:
        pages.walk(min(count, pages.cases + 500))
        for fault in list(pages.faults.values())[told:]:
            tell(str(fault))
        told = len(pages.faults)
        for role in pages.clinic.users:
            if pages.browsers[role].get("/").status_code != 200:
                pages.browsers[role] = signed_in(pages.clinic, role)
        tell(f"{pages.cases} pages, {len(pages.faults)} faults")


def samples_of(clinic: MarkedClinic) -> dict[str, bytes]:
    """見本 — files that this clinic made or was given, and those of the guide."""
    from tasuki_server.claims.models import ClaimFile, ResultFile, ResultKind

    guide = home() / "docs/guide"
    samples = {"visit": (guide / "examples/visit.json").read_bytes()}
    samples["case"] = next(iter(sorted((guide / "copay").glob("*.json")))).read_bytes()
    samples["json"] = samples["visit"]
    samples["checkup"] = (guide / "examples/checkup.xml").read_bytes()
    samples["checkup_report"] = (guide / "examples/checkup.json").read_bytes()
    with clinic.work():
        samples["claim"] = bytes(ClaimFile.objects.all()[0].data)
        samples["acceptance"] = bytes(ResultFile.objects.filter(kind=ResultKind.ACCEPTANCE)[0].data)
    for name in ("returns", "points", "payment"):
        samples[name] = samples["acceptance"]
    samples["prices"] = "コード,名称,税込料金,消費税,種別\r\nA1,診断書,3300,10%,自費\r\n".encode()
    samples["local_rules"] = b'[[programme]]\nid = "x"\nlaw = "80"\nsince = 2026-04-01\n'
    samples["eligibility"] = (
        b'<?xml version="1.0" encoding="UTF-8"?><XmlMsg><MessageHeader><SegmentOfResult>1</SegmentOfResult>'
        b"</MessageHeader><MessageBody><QualificationValidity>1</QualificationValidity></MessageBody></XmlMsg>"
    )
    samples["prescription"] = b"JAHIS10\r\n12,2\r\n101,1,1,,14\r\n111,1,2,1013044400000000,A,3\r\n\x1a"
    samples["signed_document"] = (
        b'<Document id="Document"><Prescription><PrescriptionManagement id="PrescriptionManagement">'
        b'<Version Value="EPS1.0"/></PrescriptionManagement><PrescriptionDocument id="PrescriptionDocument">'
        b"U0oxCjEyLDIK</PrescriptionDocument><PrescriptionSign>"
        b'<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#" Id="PrescriptionSign"><ds:SignedInfo/>'
        b"<ds:SignatureValue>AAAA</ds:SignatureValue><ds:KeyInfo/><ds:Object/></ds:Signature>"
        b"</PrescriptionSign></Prescription></Document>"
    )
    samples["checkpoint"] = b"drill/log\n12\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
    samples["note"] = samples["checkpoint"] + "\n— drill/log AAAAAAAA\n".encode()
    return samples


def planted(clinic: MarkedClinic, browsers: dict[str, Any], chosen: random.Random) -> dict[str, int]:
    """対照 — a view that breaks down at some inputs, and a reader that is slow by its nature."""
    from tasuki_server.drills.fuzz_pages import PageFuzz
    from tasuki_server.drills.fuzz_readers import read_broken

    pages = PageFuzz(clinic, browsers, chosen)
    address = next(each for each in pages.addresses if each.name == "patients:search")
    pattern, view = address.pattern, address.view

    def breaks_down(request: Any, *args: Any, **values: Any) -> Any:
        if any(not each.isascii() for each in request.GET.values()):
            raise KeyError("planted")
        return view(request, *args, **values)

    breaks_down.__dict__.update(view.__dict__)
    pattern.callback = breaks_down
    try:
        pages.walk(PLANTED_CASES, [address])
    finally:
        pattern.callback = view
    slow = read_broken({}, 0, 1, is_planted=True)
    return {"view_that_raises": len(pages.faults), "quadratic_reader": len(slow.faults)}


def claim_files(count: int, seed: int, tell: Callable[[str], None]) -> tuple[int, list[str]]:
    """壊れた請求ファイル — by the tool that knows their shapes, in processes of its own."""
    import json
    import os

    tool = home() / "tools/fuzz_claims.py"
    if not tool.exists():
        return 0, ["tools/fuzz_claims.py が無いため、壊れた請求ファイルは試していません。"]
    tell(f"{count} claim files")
    place = os.pathsep.join(str(home() / each) for each in ("src", "tests"))
    done = subprocess.run(
        [sys.executable, str(tool), "--count", str(count), "--seed", str(seed)],
        capture_output=True, text=True, check=False, cwd=home(), env={**os.environ, "PYTHONPATH": place},
    )  # fmt: skip
    if done.returncode not in (0, 1) or not done.stdout.strip():
        return 0, [f"壊れた請求ファイルの試しが終わりませんでした: {done.stderr[-200:]}"]
    told = json.loads(done.stdout.strip().splitlines()[-1])
    return int(told["inputs"]), [
        f"請求ファイル: {mark}（{many}件）" for mark, many in told["findings"].items()
    ]


FUZZ = Drill(
    name="fuzz",
    title="でたらめな入力",
    goal="でたらめな要求に5xxを返さず、どの読取りも時間とメモリの限りの内で終わる",
    run=run,
)
