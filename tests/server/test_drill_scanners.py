# SPDX-License-Identifier: Apache-2.0
"""点検と検索の道具 — locks carry hashes, waivers end, marks are seen in every form, and pages that protect nothing are told."""

from __future__ import annotations

import base64
from datetime import date
from pathlib import Path

import pytest

from tasuki_server.drills.marker_search import Mark, seen_in, seen_in_files
from tasuki_server.drills.scan_parts import Advisory, known_weak, missing_from_bill, without_hash
from tasuki_server.drills.scan_source import Found, Waiver, judged, waivers
from tasuki_server.sbom import bill_of_materials, locks_below, read_lock

LOCKS = Path(__file__).resolve().parents[2] / "requirements"
MARK = Mark("番号", "325288874281")


def test_every_lock_has_a_hash_for_every_part():
    locks = locks_below(LOCKS)
    assert {"server.lock", "dev.lock", "scan.lock"} <= set(locks)
    assert without_hash(locks) == []


def test_the_bill_of_materials_has_all_that_is_installed():
    locks = locks_below(LOCKS)
    count, missing = missing_from_bill(locks)
    assert count > 20 and missing == []
    bill = bill_of_materials(locks)
    assert bill == bill_of_materials(locks)
    django = next(each for each in bill["components"] if each["name"] == "django")
    assert django["purl"].startswith("pkg:pypi/django@5.2") and len(django["properties"]) >= 2


@pytest.mark.parametrize(
    "text",
    [
        b"x,325288874281,",
        "３２５２８８８７４２８１".encode(),
        "３２５２８８８７４２８１".encode("cp932"),
        b"\\x" + b"325288874281".hex().encode(),
        base64.b64encode(b"a number: 325288874281, and more"),
        base64.b64encode(b"the number: 325288874281 and more"),
        base64.b64encode(b"its number: 325288874281!"),
    ],
)
def test_a_mark_is_seen_in_every_form(text):
    assert seen_in(b"before " + text + b" after", "x", [MARK])


def test_a_mark_that_is_not_there_is_not_seen(tmp_path):
    (tmp_path / "one").write_bytes(b"325288874" + bytes(100) + b"281")
    (tmp_path / "other").write_bytes(b"325288874280")
    assert seen_in_files(tmp_path, [MARK], "x") == ([], 124)
    (tmp_path / "third").write_bytes(b"..325288874281..")
    found, _ = seen_in_files(tmp_path, [MARK], "x")
    assert [each.place for each in found] == ["x third "]


def test_a_waiver_ends_and_covers_something():
    found = [Found("ruff", "S307", "src/a.py", 3)]
    day = date(2026, 12, 1)
    one = Waiver("ruff", "S307", "src/*", "why", date(2027, 1, 1))
    assert judged(found, [one], day, tools={"ruff"}) == []
    assert len(judged(found, [], day, tools={"ruff"})) == 1
    assert len(judged(found, [one._replace(until=date(2026, 11, 30))], day, tools={"ruff"})) == 1
    assert len(judged([], [one], day, tools={"ruff"})) == 1
    # A tool that did not run leaves its waivers unjudged.
    assert judged([], [one], day, tools=set()) == []
    assert all(each.reason and each.until for each in waivers())


def test_an_old_part_is_weak_and_a_newer_one_is_not():
    lock = read_lock("a==1.9.10\nb==2.0\n")
    known = [Advisory("a", "1.9.11", "X-1"), Advisory("b", "2.0", "X-2")]
    assert known_weak(lock, known) == ["a 1.9.10 に既知の脆弱性 X-1 があります（1.9.11 で解消）。"]
