# SPDX-License-Identifier: Apache-2.0
"""内容の点検 — each check of content fires on the receipt that needs it and is silent on its neighbour."""

from __future__ import annotations

import io
import zipfile
from decimal import Decimal
from typing import Any

import pytest

from claims.content_cases import CASES, content_of, file_of
from tasuki.claims.checks.run import check_file
from tasuki.claims.content.catalogue import CLASSES, CONTENT_CATALOGUE
from tasuki.claims.indications import read_check_master, starter_indications
from tasuki.claims.reader import read
from tasuki.claims.writer import write
from tasuki.kernel.finding import BadInput
from tasuki.kernel.messages import sentence
from tasuki.masters.starter import load_starter


def is_of_content(code: str) -> bool:
    return code.split("-")[1] in CLASSES


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['about']} {case['name']}")
def test_the_check_says_exactly_this(case: dict[str, Any]) -> None:
    file = file_of(case)
    assert not file.findings
    found = [
        one
        for one in check_file(file, None, content_of(case, file, load_starter()))
        if is_of_content(one.code)
    ]
    assert sorted(one.code for one in found) == case["expect"]
    assert all("{" not in sentence(one) for one in found)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['about']} {case['name']}")
def test_the_order_of_diseases_and_drugs_changes_nothing(case: dict[str, Any]) -> None:
    file = file_of(case)
    records = [record for receipt in file.receipts for record in receipt.records]
    for kind in ("SY", "IY"):
        places = [at for at, record in enumerate(records) if record.id == kind]
        turned = [records[at] for at in reversed(places)]
        for at, record in zip(places, turned, strict=True):
            records[at] = record
    other = read(write([*file.before, *records, *file.after]), file.name)
    found = [one.code for one in check_file(other, None, content_of(case, other, load_starter()))]
    assert sorted(code for code in found if is_of_content(code)) == case["expect"]


def test_every_check_has_a_case_that_fires_and_a_neighbour_that_does_not() -> None:
    assert len({case["name"] for case in CASES}) == len(CASES)
    codes = {code: check.public_code for code, check in CONTENT_CATALOGUE.items()}
    about = {(case["about"], codes[case["about"]] in case["expect"]) for case in CASES}
    assert about == {(code, fires) for code in codes for fires in (True, False)}


def test_without_a_book_what_asks_the_masters_is_silent() -> None:
    case = next(one for one in CASES if one["about"] == "D07" and one["expect"])
    file = file_of(case)
    found = check_file(file, None, content_of(case, file, None))  # type: ignore[arg-type]
    assert not [one for one in found if is_of_content(one.code)]


def test_a_disease_that_the_starter_lacks_may_be_the_one_that_fits() -> None:
    """ICD-10 heads are asked of the master's row: without a row nobody can say that none fits."""
    drug = [21, "612170709", "1", 3, 1, 7]
    known = {"about": "I01", "lines": [drug], "diseases": ["4660009"], "tables": "starter"}
    unknown = known | {"diseases": ["9999999"]}
    told = []
    for case in (known, unknown):
        file = file_of(case)
        found = check_file(file, None, content_of(case, file, load_starter()))
        told.append([one.code for one in found if is_of_content(one.code)])
    assert told == [["UKE-I-01"], []]


def test_the_check_master_is_read_and_a_bad_row_named() -> None:
    row = ",8833421,,,0,0,999,1,,,,,3,,30,,,,,,0,,0,"
    lines = [",".join(["見出し"] * 24), "620000001" + row, "62000000X" + row]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("IY_Tekio.csv", "\r\n".join(lines).encode("cp932"))
    made = read_check_master({"架空.zip": packed.getvalue()})
    (kept,) = made.indications.of_drug("620000001", None)
    assert (kept.most_a_day, kept.most_days, kept.age_to) == (Decimal(3), 30, None)
    (bad,) = made.findings
    assert (bad.where.file, bad.where.line, bad.where.field) == ("IY_Tekio.csv", 3, "1")
    with pytest.raises(BadInput):
        read_check_master({"別.csv": b"1,2"})


def test_groups_long_use_and_cases_of_the_check_master_are_read_and_what_is_not_judged_is_counted() -> None:
    heading = "見出し"
    groups = ["620000001,,mg,架空成分,0000000,0,0,999,2.5,2,20,0,", "620000001,,mg,架空成分,0000000,0,0,999,2.5,1,20,0,",
              "620000002,,mg,架空成分,0000000,0,0,999,2.5,3,99999999,0,", "620000003,,mg,架空成分,0000000,0,0,999,5,2,20,9,"]  # fmt: skip
    long_uses = ["620000001,1,架空群,0000000,1,1,90,14,1,0,", "620000002,1,架空群,8833421,1,1,90,14,1,0,",
                 "620000003,1,架空群,0000000,1,1,90,14,0.5,0,"]  # fmt: skip
    cases = [
        "620000001,架空錠,医薬品,適応,架空の内容,,,,,,,,J0001,,0,,,,,",
        "620000001,架空錠,医薬品,適応,別,,,,,,,,J0002,,9,,,,,",
    ]
    files = {"IY_Toyoryou.csv": (13, groups), "x/IY_Manzen.csv": (11, long_uses), "CC_JIREI.csv": (20, cases)}
    made = read_check_master(
        {
            name: "\r\n".join([",".join([heading] * width), *rows]).encode("cp932")
            for name, (width, rows) in files.items()
        }
    )
    assert made.findings == ()
    assert made.counts == {"IY_Toyoryou.csv": 1, "x/IY_Manzen.csv": 1, "CC_JIREI.csv": 1}
    assert made.unused == {"IY_Toyoryou.csv": 2, "x/IY_Manzen.csv": 2}
    tables = made.indications
    (group,) = tables.groups("620000001")
    assert (group.group, group.strength, group.most_a_day) == ("架空成分", Decimal("2.5"), Decimal(20))
    (use,) = tables.long_uses("620000001")
    assert (use.most_days, use.reset_days) == (90, 14)
    assert tables.source("620000001", "架空の行") == "架空の行・対象事例 J0001"
    assert tables.source("620000002", "架空の行") == "架空の行"
    joined = tables.joined(starter_indications())
    assert len(joined) == len(tables) + len(starter_indications())
    assert joined.groups("620000001") == [group]


def test_every_row_of_the_starter_names_its_source() -> None:
    tables = starter_indications()
    assert len(tables) > 0
    assert all(row.source for row in tables.of_act("160037510"))


def test_every_check_of_content_has_a_class_a_source_and_a_sentence() -> None:
    assert all(check.asp_class and check.source and check.sentence for check in CONTENT_CATALOGUE.values())
