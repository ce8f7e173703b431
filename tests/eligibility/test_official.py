# SPDX-License-Identifier: Apache-2.0
"""公開資料 — the published lists of elements and files are all in the table, and the public sample reads whole."""

from __future__ import annotations

import csv
import os
import re
from pathlib import Path

import pytest

from tasuki.eligibility.answer import Eligibility, read_answer
from tasuki.eligibility.codes import LIMIT_CLASSES
from tasuki.eligibility.elements import CONTAINERS
from tasuki.eligibility.file_names import read_file_name
from tasuki.eligibility.numbers import LAW_CODES
from tasuki.eligibility.reading import read_message
from tasuki.eligibility.xml_text import read_xml, write_xml

SHARED = Path(os.environ.get("TASUKI_SHARED", Path(__file__).parents[3] / "shared"))
INTERFACES = SHARED / "reference" / "interfaces"

pytestmark = [
    pytest.mark.official,
    pytest.mark.skipif(
        not INTERFACES.exists(), reason="the published interface lists are not beside the checkout"
    ),
]


def rows(name: str) -> list[dict[str, str]]:
    with (INTERFACES / "codes" / name).open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def spelled(text: str) -> list[str]:
    """The elements of one row: `AConsFlg|ConsTime`, `Code / Flag`, `InjuryName1 / 2 / 3`."""
    if "ConsFlg|" in text:
        stem = re.sub(r"\s*\+?\s*ConsFlg\|ConsTime\|AvailableTime$", "", text)
        prefixes = [each.strip() for each in stem.split("/")]
        return [f"{each}{end}" for each in prefixes for end in ("ConsFlg", "ConsTime", "AvailableTime")]
    first, *others = [each.split("(")[0].strip() for each in text.split("/")]
    found = [first]
    for other in others:
        if other.isdigit():
            found.append(first[:-1] + other)
        elif len(other) > 5:
            found.append(other)
        else:
            found.append(re.sub(r"(Code|Flag)$", "", first) + other)
    return found


def test_every_published_element_is_in_the_table():
    missing, count = [], 0
    for row in rows("oqs_elements.csv"):
        container = CONTAINERS[row["parent"].rpartition("/")[2]]
        for name in spelled(row["element"]):
            count += 1
            if container.element(name) is None:
                missing.append(f"{container.name}/{name}")
    assert missing == []
    assert count > 120


def test_every_published_file_is_known():
    for row in rows("oqs_files.csv"):
        prefix = re.match(r"[A-Za-z]+\d*(?:req|res)?", row["file_name"])
        assert prefix
        stem = prefix[0] if prefix[0].endswith(("req", "res")) else f"{prefix[0]}req"
        assert read_file_name(f"{stem}_1.xml"), row["file_name"]


def test_codes_agree_with_the_published_lists():
    assert [row["OQSCD012"] for row in rows("oqs_limit_class.csv")] == list(LIMIT_CLASSES)
    assert {row["houbetsu"] for row in rows("insurer_houbetsu.csv")} - {""} == set(LAW_CODES)


def test_the_public_sample_of_a_card_reader_reads_whole():
    data = (INTERFACES / "samples" / "oqs" / "face-example.xml").read_bytes()
    message = read_message(data, "OQSsiquc01res_face_1311111111_20230221174835.xml")
    assert [each.code for each in message.findings] == ["OQS-V-07"]
    person = read_answer(message).persons[0]
    assert person.eligibility is Eligibility.VALID
    one = person.qualifications[0]
    assert (one.insurer_number, one.symbol, one.number, one.branch) == ("123456", "12-34", "4260", "01")
    assert [each.term for each in one.consents if each.is_given] == ["特定健診情報", "薬剤情報"]
    assert read_xml(write_xml(message)).root == message.root
