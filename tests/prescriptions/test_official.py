# SPDX-License-Identifier: Apache-2.0
"""公開資料 — the published fields are all in the tables, and the public samples read and are restored."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest

from tasuki.kernel.finding import BadInput, Severity
from tasuki.prescriptions.item_checks import item_faults
from tasuki.prescriptions.outside_layout import OUTSIDE
from tasuki.prescriptions.reader import read_prescription, restore
from tasuki.prescriptions.usage_code import (
    METHODS,
    OCCASIONS,
    UsageCode,
    is_site_code,
    is_supplement_code,
    read_usage_code,
    weekdays_of,
)

SHARED = Path(os.environ.get("TASUKI_SHARED", Path(__file__).parents[3] / "shared"))
INTERFACES = SHARED / "reference" / "interfaces"
SAMPLES = INTERFACES / "samples"

pytestmark = [
    pytest.mark.official,
    pytest.mark.skipif(
        not INTERFACES.exists(), reason="the published interface lists are not beside the checkout"
    ),
]

# What a copy in UTF-8 without the line ends of the rules always has.
COPIED = {"RX-F-04", "RX-F-05", "RX-F-06"}
FOUND = {
    "jahis-rx/external-sample.txt": set(),
    "jahis-rx/external-sample2.txt": {"RX-C-09"},
    "jahis-rx/parser-tolerance/minimal-valid.txt": {"RX-C-01", "RX-C-02", "RX-C-04", "RX-C-05", "RX-C-10"},
    "jahis-rx/parser-tolerance/normalization-spec-fields.txt": {
        "RX-C-01", "RX-C-02", "RX-C-08", "RX-C-10", "RX-C-16",
    },
    "jahis-tc/tc-minimal-valid.txt": {"RX-F-09", "RX-C-01"},
    "jahis-tc/tc-multi-dispensing.txt": set(),
    "jahis-tc/tc-output-category-2-full.txt": {"RX-F-09", "RX-C-01"},
    "jahis-tc/tc-split-output-part-2.txt": set(),
    "jahis-tc/tc-supported-records-full.txt": set(),
    "jahis-tc/tc-with-otc-components-and-remaining-medicine.txt": {"RX-C-01"},
}  # fmt: skip
WRONG = {
    "jahis-rx/parser-tolerance/invalid-missing-101.txt": ("RX-C-13", "111"),
    "jahis-rx/parser-tolerance/qr-decoded-anonymized.txt": ("RX-C-08", "1"),
    "jahis-tc/tc-invalid-missing-drug-code.txt": ("RX-C-19", "201"),
    "jahis-tc/tc-invalid-missing-otc-sequence-parent.txt": ("RX-C-21", "31"),
}


def rows(name: str) -> list[dict[str, str]]:
    with (INTERFACES / "codes" / name).open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_every_published_field_of_the_symbol_is_in_the_table():
    listed = [row for row in rows("jahis_rx_1.10_fields.csv") if row["record_no"] != "header"]
    assert len({row["record_no"] for row in listed}) == 37
    mine = {
        (layout.number, str(field.number)): (layout.term, field.term, field.mode)
        for layout in OUTSIDE.layouts.values()
        for field in layout.fields
    }
    theirs = {
        (row["record_no"], row["item"]): (row["record_name"], row["field"], row["type"]) for row in listed
    }
    assert mine == theirs
    for row in listed:
        field = OUTSIDE.layouts[row["record_no"]].fields[int(row["item"]) - 1]
        # 用法補足連番 runs to 999 by its note and has two digits by its column; the wider is taken.
        if (row["record_no"], row["item"]) not in (("181", "2"), ("241", "4")):
            assert field.limit == int(row["bytes"]), row


def test_every_published_line_of_the_rules_is_accepted():
    count = 0
    for line in (SAMPLES / "jahis-rx" / "spec-record-lines.txt").read_text("utf-8").splitlines():
        if not line or line.startswith(("#", "JAHIS")):
            continue
        values = tuple(line.split(","))
        count += 1
        faults = list(item_faults(OUTSIDE.layouts[values[0]], values))
        assert [each for each in faults if each.severity is not Severity.ADVICE] == [], line
    assert count > 120


@pytest.mark.parametrize("name", FOUND)
def test_a_public_sample_reads_and_is_restored(name):
    data = (SAMPLES / name).read_bytes()
    found = read_prescription(data, name)
    assert {each.code for each in found.findings} - COPIED == FOUND[name]
    assert restore(found) == data


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_sample_is_told_why(name):
    found = read_prescription((SAMPLES / name).read_bytes(), name)
    assert WRONG[name] in [(each.code, each.where.record) for each in found.findings]


def test_a_sample_without_a_header_is_refused():
    data = (SAMPLES / "jahis-rx/parser-tolerance/invalid-header.txt").read_bytes()
    with pytest.raises(BadInput) as refused:
        read_prescription(data)
    assert [each.code for each in refused.value.findings] == ["RX-F-01"]


def test_every_published_usage_code_is_read_with_its_count():
    for row in rows("jami_usage_16digit_sample.csv"):
        read = read_usage_code(row["code"])
        assert isinstance(read, UsageCode), row
        head, _, rest = row["name_ja"].rpartition("・")
        assert read.text.startswith(f"{head}・"), row
        assert rest.startswith(f"１日{'０１２３４５６７８９'[read.times_a_day]}回"), row
        assert ("就寝前" in row["name_ja"]) == ("就寝前" in read.occasions), row
        for meal in "朝昼夕":
            assert (meal in rest) == any(said.startswith(meal) for said in read.occasions), row


def test_codes_agree_with_the_published_tables():
    assert {row["code"]: row["name_ja"] for row in rows("jami_method_2digit.csv")} == METHODS
    assert {row["code"]: row["name_ja"] for row in rows("jami_as_needed_2char.csv")} == OCCASIONS
    assert all(is_site_code(row["code"]) for row in rows("jami_site_3char.csv"))
    for row in rows("jami_supplementary_8char_sample.csv"):
        assert is_supplement_code(row["code"]), row
        # Labels that name other days than the seven digits do; the digits are the standard's.
        is_wrong = "source label" in row["name_ja"] or row["code"] == "W0010000"
        if row["code"].startswith("W") and not is_wrong:
            assert weekdays_of(row["code"]) == row["name_ja"].replace("曜日", "").replace("、", ""), row
