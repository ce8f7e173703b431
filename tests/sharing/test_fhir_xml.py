# SPDX-License-Identifier: Apache-2.0
"""FHIRのXMLの試験 — JSON to XML to JSON is the same resource; broken and hostile XML is answered with its place."""

from __future__ import annotations

import copy
import html
import json
import random
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from sharing import invented, made_up_checkups, official
from tasuki.kernel.finding import BadInput
from tasuki.kernel.messages import sentence
from tasuki.kernel.strict_json import read_strictly
from tasuki.sharing.checkups import build_report
from tasuki.sharing.fhir_xml import read_fhir_xml, write_fhir_xml
from tasuki_server.cli import main

PATIENT = b'<Patient xmlns="http://hl7.org/fhir">%s</Patient>'


def there_and_back(resource: Any) -> Any:
    return read_fhir_xml(write_fhir_xml(resource))


@pytest.mark.parametrize("name", sorted(invented.every()))
def test_a_made_up_resource_is_the_same_after_xml(name: str):
    # As it is read from a file: numbers with the digits they have.
    resource = read_strictly(json.dumps(invented.every()[name]).encode(), 100)
    assert there_and_back(resource) == resource


def canonical(value: Any) -> Any:
    """Narratives as XML sees them: how a letter or a quote is written is no content."""
    if type(value) is dict:
        return {
            key: etree.tostring(
                etree.fromstring(html.unescape(inner) if "&nbsp" in inner else inner), method="c14n"
            )
            if key == "div"
            else canonical(inner)
            for key, inner in value.items()
        }
    return [canonical(each) for each in value] if type(value) is list else value


@pytest.mark.official
@official.examples_present
def test_every_official_example_is_the_same_after_xml():
    same = exact = 0
    for path in official.files():
        resource = read_strictly(path.read_bytes(), 100)
        again = there_and_back(resource)
        exact += again == resource
        same += canonical(again) == canonical(resource)
    assert (same, len(official.files())) == (156, 156)
    assert exact >= 154


def test_values_stand_as_fhir_has_them():
    resource = {
        "resourceType": "Patient",
        "id": "p1",
        "text": {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">架空&nbsp;太郎<br/></div>'},
        "extension": [{"url": "http://example.org/e", "valueDecimal": Decimal("1.50")}],
        "active": True,
        "name": [{"id": "n1", "family": "架空", "given": ["太\n郎", None], "_given": [None, {"extension": [{"url": "http://example.org/a", "valueCode": "unknown"}]}]}],
        "_birthDate": {"id": "b1"},
        "birthDate": "1970-05-04",
        "multipleBirthInteger": 2,
        "contact": [{"name": {"text": "架空 花子"}}],
        "contained": [{"resourceType": "Organization", "id": "o1", "name": "<架空> & \"病院\""}],
    }  # fmt: skip
    text = write_fhir_xml(resource).decode()
    assert '<Patient xmlns="http://hl7.org/fhir"><id value="p1"/><text><status value="generated"/>' in text
    assert '<div xmlns="http://www.w3.org/1999/xhtml">架空\xa0太郎<br/></div>' in text
    assert (
        '<contained><Organization><id value="o1"/><name value="&lt;架空&gt; &amp; &quot;病院&quot;"/></Organization></contained>'
        in text
    )
    assert '<extension url="http://example.org/e"><valueDecimal value="1.50"/></extension>' in text
    assert (
        '<name id="n1"><family value="架空"/><given value="太&#10;郎"/><given><extension url="http://example.org/a">'
        in text
    )
    assert '<birthDate id="b1" value="1970-05-04"/>' in text
    again = read_fhir_xml(text.encode())
    assert again["text"]["div"] == '<div xmlns="http://www.w3.org/1999/xhtml">架空\xa0太郎<br/></div>'
    assert str(again["extension"][0]["valueDecimal"]) == "1.50"
    assert {**again, "text": resource["text"]} == resource


@settings(max_examples=25)
@given(st.integers(0, 2**32))
def test_a_report_with_members_left_out_is_the_same_after_xml(seed: int):
    chosen = random.Random(seed)
    bundle = copy.deepcopy(BUNDLE)
    for each in bundle["entry"]:
        optional = [key for key in each["resource"] if key not in ("resourceType", "id")]
        for key in chosen.sample(optional, chosen.randint(0, 2)):
            del each["resource"][key]
    bundle["entry"] = chosen.sample(bundle["entry"], 6)
    assert there_and_back(bundle) == bundle


BUNDLE = build_report(made_up_checkups.report())


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "FHIR-X-01"),
        (b"<Patient", "FHIR-X-01"),
        (b'<?xml version="1.0" encoding="UTF-16"?><Patient/>', "FHIR-X-01"),
        (b'<!DOCTYPE Patient [<!ENTITY x "y">]><Patient xmlns="http://hl7.org/fhir"/>', "FHIR-X-02"),
        (b'<!DOCTYPE Patient SYSTEM "file:///etc/passwd"><Patient xmlns="http://hl7.org/fhir"/>', "FHIR-X-02"),
        (PATIENT % b"words", "FHIR-X-02"),
        (PATIENT % (b"<contact>" * 200 + b"</contact>" * 200), "FHIR-X-03"),
        (PATIENT % b'<kakuu value="1"/>', "FHIR-X-04"),
        (PATIENT % b'<active xmlns="urn:x" value="true"/>', "FHIR-X-04"),
        (PATIENT % b'<active value="true" kakuu="1"/>', "FHIR-X-04"),
        (b"<Patient/>", "FHIR-X-05"),
        (b'<Kakuu xmlns="http://hl7.org/fhir"/>', "FHIR-X-05"),
        (b'<Quantity xmlns="http://hl7.org/fhir"/>', "FHIR-X-05"),
        (PATIENT % b"<contained/>", "FHIR-X-05"),
        (PATIENT % b'<birthDate value="1970-05-04"/><active value="true"/>', "FHIR-X-06"),
        (PATIENT % b'<active value="yes"/>', "FHIR-X-07"),
        (PATIENT % b'<multipleBirthInteger value="0x1"/>', "FHIR-X-07"),
        (PATIENT % b"<active/>", "FHIR-X-07"),
        (PATIENT % b'<active value="true"/><active value="true"/>', "FHIR-X-08"),
        (PATIENT % b'<text><status value="generated"/><div xmlns="http://www.w3.org/1999/xhtml"><script>1</script></div></text>', "FHIR-X-09"),
    ],
)  # fmt: skip
def test_broken_and_hostile_xml_is_answered(data: bytes, code: str):
    with pytest.raises(BadInput) as caught:
        read_fhir_xml(data, "h.xml")
    (finding,) = caught.value.findings
    assert finding.code == code
    assert sentence(finding).startswith("h.xml")


@pytest.mark.parametrize(
    ("change", "code", "place"),
    [
        ({"kakuu": 1}, "FHIR-X-04", "Patient"),
        ({"resourceType": "Kakuu"}, "FHIR-X-05", "Kakuu"),
        ({"contained": [{"resourceType": "Kakuu"}]}, "FHIR-X-05", "Patient.contained[0]"),
        ({"active": "true"}, "FHIR-X-07", "Patient.active"),
        ({"name": {"text": "架空"}}, "FHIR-X-07", "Patient.name"),
        ({"name": [{"text": "架\x0b空"}]}, "FHIR-X-07", "Patient.name[0].text"),
        ({"text": {"div": "<div>"}}, "FHIR-X-09", "Patient.text.div"),
    ],
)
def test_what_has_no_place_in_xml_is_told(change: dict[str, Any], code: str, place: str):
    with pytest.raises(BadInput) as caught:
        write_fhir_xml({**invented.patient(), **change})
    (finding,) = caught.value.findings
    assert (finding.code, finding.where.record) == (code, place)


def test_whatever_is_changed_the_answer_is_a_finding():
    chosen = random.Random(5)
    ugly: list[Any] = [None, "", 0, [], {}, [None], "\x00", {"a": 1}, True, Decimal("1E+9"), "<"]
    refused = 0
    for _ in range(150):
        resource = copy.deepcopy(chosen.choice([each["resource"] for each in BUNDLE["entry"]]))
        holder: Any = resource
        while type(holder) in (dict, list) and holder:
            key = chosen.choice(list(holder) if type(holder) is dict else range(len(holder)))
            if type(holder[key]) not in (dict, list) or chosen.random() < 0.3:
                holder[key] = chosen.choice(ugly)
                break
            holder = holder[key]
        try:
            there_and_back(resource)
        except BadInput:
            refused += 1
    assert 20 < refused < 150


def test_the_command_converts_and_validates_xml(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    given_json, xml, again = tmp_path / "p.json", tmp_path / "p.xml", tmp_path / "again.json"
    given_json.write_text(json.dumps(invented.patient(), ensure_ascii=False))
    assert main(["fhir", "convert", str(given_json), "--out", str(xml)]) == 0
    assert main(["fhir", "convert", str(xml), "--out", str(again)]) == 0
    assert json.loads(again.read_text()) == invented.patient()
    assert main(["fhir", "validate", str(xml)]) == 0
    xml.write_text(xml.read_text().replace("<gender", "<kakuu"))
    capsys.readouterr()
    assert main(["fhir", "validate", str(xml)]) == 2
    assert "要素「kakuu」はここにありません" in capsys.readouterr().out
    assert main(["fhir", "convert", str(xml)]) == 2
