# SPDX-License-Identifier: Apache-2.0
"""健診の公式資料 — official examples read and rebuilt, our tables against the package, our XML in the order of the schema."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
from lxml import etree

from sharing import made_up_checkups as made_up
from sharing.official import FHIR, PACKAGES, SHARED, examples_present
from tasuki.kernel.finding import Severity
from tasuki.kernel.strict_json import read_strictly
from tasuki.sharing.checkups import (
    build_report,
    check_checkup,
    check_report,
    differences,
    read_checkup_xml,
    read_report,
    write_checkup_xml,
)
from tasuki.sharing.checkups.conversion import CheckupWire
from tasuki.sharing.checkups.items import choice_names, item_facts, method_names
from tasuki.sharing.checkups.report_places import lost_elements

pytestmark = [pytest.mark.official, examples_present]
EXAMPLES = sorted((FHIR / "echeckup" / "examples").glob("Bundle-*.json"))
KENSIN = SHARED / "reference" / "interfaces" / "samples" / "kensin-v08"
ITEMS = SHARED / "reference" / "interfaces" / "codes" / "kensin_v4_items.csv"
ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("path", EXAMPLES or [Path("none")], ids=lambda path: path.name)
def test_an_example_is_read_and_rebuilt_whole(path: Path):
    data = path.read_bytes()
    read = read_report(data, path.name)
    assert len(read.checkup.items()) >= 48
    assert read.left == ()
    original, rebuilt = read_strictly(data, 100), build_report(read.checkup)
    assert lost_elements(original, rebuilt) == lost_elements(rebuilt, original) == []
    assert [each for each in check_report(rebuilt) if each.severity is Severity.BLOCK] == []
    assert in_order(rebuilt) == in_order(original)


def in_order(bundle) -> list[list[str]]:
    """What the sections name, in their order."""
    shown = {
        each["fullUrl"]: each["resource"].get("subscriberId") or each["resource"]["code"]["coding"][0]["code"]
        for each in bundle["entry"]
        if each["resource"]["resourceType"] in ("Observation", "Coverage")
    }
    sections = bundle["entry"][0]["resource"]["section"]
    named = [[shown[each["reference"]] for each in section["entry"]] for section in sections]
    # The examples name the two coverages now in one order, now in the other.
    return [sorted(names, key=lambda name: name.isdigit() or name.startswith('"')) for names in named]


@pytest.mark.parametrize("path", EXAMPLES or [Path("none")], ids=lambda path: path.name)
def test_an_example_goes_through_xml_with_every_result(path: Path):
    checkup = read_report(path.read_bytes(), path.name).checkup
    again = read_checkup_xml(write_checkup_xml(checkup))
    assert again.left == ()
    told = {each.where.record for each in differences(checkup, again.checkup, CheckupWire.XML)}
    results = {name for name in told if name.startswith("項目")}
    assert {name.partition("の")[2] for name in results} <= {"検体", "コメント", "採取日"}
    assert not any(each.severity is Severity.BLOCK for each in check_checkup(again.checkup))


def test_our_tables_are_those_of_the_package(tmp_path: Path):
    spec = importlib.util.spec_from_file_location(
        "make_checkup_items", ROOT / "tools" / "make_checkup_items.py"
    )
    assert spec is not None and spec.loader is not None
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    assert tool.make(PACKAGES["jp-echeckup"], ITEMS, tmp_path) == {
        "3B070000002399901: method 3B07020009 is not in the package",
        "9N512000000000011: method 9N512 is not in the package",
    }
    ours = ROOT / "src" / "tasuki" / "sharing" / "checkups" / "tables"
    for name in ("items.tsv", "methods.tsv", "choices.tsv"):
        assert (tmp_path / name).read_bytes() == (ours / name).read_bytes()
    assert (len(item_facts()), len(method_names()), len(choice_names())) == (322, 85, 59)


XS = "{http://www.w3.org/2001/XMLSchema}"


def sequences() -> dict[str, list[tuple[str, str]]]:
    """Children in order, name and type, of each complex type of the schema's own."""
    root = etree.parse(str(KENSIN / "XSD" / "hc08_V08.xsd")).getroot()
    return {
        each.get("name"): [
            (one.get("name"), one.get("type") or "")
            for one in each.iter(f"{XS}element")
            if _owner(one) is each
        ]
        for each in root.findall(f"{XS}complexType")
    }


def _owner(element):
    """The named type an element stands in, not one written inside another element."""
    parent = element.getparent()
    while parent is not None and parent.tag != f"{XS}element":
        if parent.get("name") and parent.tag == f"{XS}complexType":
            return parent
        parent = parent.getparent()
    return None


def test_what_we_write_follows_the_order_of_the_schema():
    types = sequences()
    assert [name for name, _ in types["POCD_MT000040.Section"]] == [
        "id",
        "code",
        "title",
        "text",
        "author",
        "entry",
    ]
    checked = 0

    def walk(element, kind: str) -> None:
        nonlocal checked
        order = types[kind]
        names = [name for name, _ in order]
        found = [etree.QName(each).localname for each in element]
        assert set(found) <= set(names), (kind, found)
        assert found == sorted(found, key=names.index), (kind, found)
        checked += 1
        for each in element:
            inner = dict(order)[etree.QName(each).localname]
            if inner in types:
                walk(each, inner)

    for checkup in (made_up.checkup(), made_up.report()):
        walk(etree.fromstring(write_checkup_xml(checkup)), "POCD_MT000040.ClinicalDocument")
    assert checked > 150


def test_the_template_of_v08_is_read_when_filled_in():
    text = (KENSIN / "CDAtemplate-hc18.xml").read_text("utf-8")
    for old, new in (
        ('<code code="99999999" codeSystem="1.2.392.200119.6.1001"/>', '<code code="10" codeSystem="1.2.392.200119.6.1001"/>'),
        ('<code code="99999999" codeSystem="1.2.392.200119.6.1002"/>', '<code code="010" codeSystem="1.2.392.200119.6.1002"/>'),
        ('code="99999999" codeSystem="1.2.392.200119.6.1104"', 'code="2" codeSystem="1.2.392.200119.6.1104"'),
        ('root="1.2.392.200119.6.209.99999999"', 'root="1.2.392.200119.6.209.199999999"'),
        ('<birthTime value="99999999"/>', '<birthTime value="19700504"/>'),
        ('<high value="99999999"/>', '<high value="20270331"/>'),
        ('value="99999999"', 'value="20260615"'),
    ):  # fmt: skip
        assert old in text
        text = text.replace(old, new)
    read = read_checkup_xml(text.encode())
    assert read.left == ()
    assert read.checkup.ticket is not None and read.checkup.ticket.number == "99999999"
    assert read_checkup_xml(write_checkup_xml(read.checkup)).checkup == read.checkup
