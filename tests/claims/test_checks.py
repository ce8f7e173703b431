# SPDX-License-Identifier: Apache-2.0
"""受付・事務点検 — each condition fires on one change, and nothing fires on the faultless file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from claims import invented_file as made
from tasuki.claims.checks.catalogue import CATALOGUE, PER_PROGRAMME, WITHOUT_CONDITION
from tasuki.claims.checks.run import check_file
from tasuki.claims.layout import LAYOUTS
from tasuki.claims.reader import read
from tasuki.kernel.finding import Severity
from tasuki.kernel.messages import sentence

CASES: list[dict[str, Any]] = yaml.load(
    (Path(__file__).parents[1] / "cases" / "claims" / "format_checks_2026_06.yaml").read_text(),
    Loader=yaml.CSafeLoader,
)
_PLACE = re.compile(r"([A-Z]+)(?:\[(\d+)])?(?:\.(\d+))?")


def changed(case: dict[str, Any]) -> bytes:
    lines = [list(record.values) for record in made.file().records]
    starts = [at for at, line in enumerate(lines) if line[0] == "RE"]
    first = starts[case["receipt"] - 1] if case["receipt"] else 0
    last = len(lines) - 1 if case["receipt"] in (0, 4) else starts[case["receipt"]]
    mine = range(first, 1 if case["receipt"] == 0 else last)

    def rows(place: str) -> list[int]:
        kind, nth, _ = _PLACE.fullmatch(place).groups()  # type: ignore[union-attr]
        found = [at for at in mine if (lines[at][0].isdigit() if kind == "HIST" else lines[at][0] == kind)]
        return found if nth is None else [found[int(nth) - 1]]

    for place, text in case.get("set", {}).items():
        item = int(place.rpartition(".")[2])
        line = lines[rows(place)[0]]
        line.extend([""] * (item - len(line)))
        line[item - 1] = text
    added = case.get("add", [])
    if isinstance(added, str):
        count, _, kind = added.split()
        added = [",".join(lines[rows(kind)[-1]])] * int(count)
    for text in added:
        line = text.split(",")
        same = rows(line[0])
        at = (same[-1] if same and line[0] != "SJ" else mine[-1]) + 1
        if "after" in case:
            at = rows(case["after"])[0] + 1
        if line[0] in LAYOUTS:
            line.extend([""] * (LAYOUTS[line[0]].size - len(line)))
        lines.insert(at, line)
        mine = range(mine[0], mine[-1] + 2)
    for place in case.get("drop", []):
        for at in reversed(rows(place)):
            del lines[at]
    return "".join(",".join(line) + "\r\n" for line in lines).encode("cp932") + b"\x1a"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_one_change_brings_exactly_its_findings(case: dict[str, Any]) -> None:
    file = read(changed(case))
    found = (*file.findings, *check_file(file))
    assert sorted(f.code for f in found) == sorted(case["expect"])
    assert all(sentence(f) for f in found)


def test_the_faultless_file_has_no_finding() -> None:
    assert check_file(made.file()) == ()


def test_a_file_without_receipts_says_so() -> None:
    file = read(b"IR,1,13,1,9999991,,\x89\xcb\x8b\xf3,202607,00,\r\nGO,0,0,99\r\n\x1a")
    assert [f.code for f in check_file(file)] == ["UKE-L1-1928-3"]


def test_public_codes_are_distinct_and_classes_have_their_severity() -> None:
    codes = [check.public_code for check in CATALOGUE.values()]
    assert len(set(codes)) == len(codes) == 199 + 4
    assert CATALOGUE["25420"].public_code == "UKE-L2-2542"
    severities = {check.asp_class: check.severity for check in CATALOGUE.values()}
    assert severities == {
        "L1": Severity.BLOCK, "L2": Severity.BLOCK, "L3": Severity.CONFIRM, "L4": Severity.ADVICE, "L7": Severity.ADVICE
    }  # fmt: skip


def test_a_finding_says_line_record_and_item() -> None:
    file = read(made.data().replace(b"RE,1,1112,202606", b"RE,1,1112,202600"), "架空.UKE")
    (finding,) = check_file(file)
    assert finding.where.line == 2
    assert (finding.where.record, finding.where.field) == ("RE", "4")
    assert sentence(finding).startswith("架空.UKE 2行目 RE 4: 診療年月「202600」は")


def test_other_fee_tables_are_not_judged_by_the_conditions_of_medicine() -> None:
    file = read(b"UK,1\r\nIR,1\r\nRE,1\r\nSS,1\r\nGO,1\r\n\x1a")
    assert [f.code for f in check_file(file)] == ["UKE-F-12"]


# Conditions that ask the dated book are tested in test_master_checks.py.
ASK_THE_BOOK = {
    "32040", "32050", "33031", "33040", "33070", "33090", "33110", "33130", "33170", "33930", "34400", "34470",
    "34500", "34590", "34960", "36390", "42220", "43230", "44350", "44360", "46120", "46340", "46410", "46411",
}  # fmt: skip


FOUR = ("51136018", "80131234", "81131235", "82131236")


def four_programmes(nth: int, **wrong: str) -> bytes:
    """A receipt of four programmes alone, faultless but for one item of one of them."""
    payers = [
        made.programme(payer, f"{at}234567", 291) for at, payer in enumerate(FOUR, 1)
    ]  # fmt: skip
    payers[nth - 1][1].update(wrong)
    line = made.act("11", "111000110", 291, payer_code="Z")
    return made.one_receipt(made.header(1, "1242", "架空　一郎"), *payers, made.disease(), line)


@pytest.mark.parametrize("nth", [1, 2, 3, 4])
@pytest.mark.parametrize(
    ("first", "item"),
    [
        ("30320", {"visit_days": ""}),
        ("30930", {"payer_number": "18136015"}),
        ("31520", {"recipient_number": "0000000"}),
        ("32020", {"visit_days": "31"}),
        ("35320", {"meal_count": "91"}),
        ("35350", {"meal_count": "4"}),
        ("45020", {"total_points": "1"}),
        ("45350", {"meal_yen": "670"}),
    ],
)
def test_each_programme_has_its_own_code(nth: int, first: str, item: dict[str, str]) -> None:
    public = CATALOGUE[PER_PROGRAMME[first][nth - 1]].public_code
    found = {f.code for f in check_file(read(four_programmes(nth, **item)))}
    # A programme that comes before insurance is also out of order behind another.
    assert public in found
    assert found - {public} <= {"UKE-L3-3098"}
    assert check_file(read(four_programmes(nth))) == ()


@pytest.mark.parametrize(("nth", "code"), [(2, "30840"), (3, "30860"), (4, "30810")])
def test_a_programme_twice_is_named_at_the_second(nth: int, code: str) -> None:
    twice = {"payer_number": FOUR[0], "recipient_number": "1234567"}
    found = {f.code for f in check_file(read(four_programmes(nth, **twice)))}
    assert CATALOGUE[code].public_code in found


def test_every_condition_that_stands_on_the_file_alone_has_a_case() -> None:
    fired = {code for case in CASES for code in case["expect"]} | {"UKE-L1-1928-3"}
    missing = {code for code, check in CATALOGUE.items() if check.public_code not in fired}
    by_programme = {code for codes in PER_PROGRAMME.values() for code in codes} | {"30810", "30840", "30860"}
    # Point arithmetic asks the book: its cases are in test_point_checks.
    arithmetic = {"79010", "79020", "79030", "79040"}
    assert missing - by_programme == ASK_THE_BOOK | WITHOUT_CONDITION | arithmetic
