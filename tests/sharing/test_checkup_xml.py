# SPDX-License-Identifier: Apache-2.0
"""特定健診XMLの試験 — read and written without loss, and hostile or broken files answered with file, item and place."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings

from sharing import made_up_checkups as made_up
from tasuki.kernel.finding import BadInput
from tasuki.kernel.messages import sentence
from tasuki.sharing.checkups import differences, read_checkup_xml, write_checkup_xml
from tasuki.sharing.checkups.conversion import CheckupWire
from tasuki.sharing.checkups.values import Absence, CheckupGroup, CheckupKind


@pytest.mark.parametrize("kind", CheckupKind)
def test_a_checkup_written_is_the_checkup_read(kind: CheckupKind):
    checkup = made_up.checkup(kind)
    data = write_checkup_xml(checkup)
    read = read_checkup_xml(data)
    assert read.checkup == checkup
    assert read.left == ()
    assert write_checkup_xml(read.checkup) == data


@settings(max_examples=20)
@given(made_up.checkups())
def test_any_checkup_is_written_and_read_without_loss(checkup):
    data = write_checkup_xml(checkup)
    read = read_checkup_xml(data)
    assert read.left == ()
    assert differences(checkup, read.checkup, CheckupWire.XML) == ()
    assert write_checkup_xml(read.checkup) == data


def test_what_makes_a_result_is_where_v08_has_it():
    text = write_checkup_xml(made_up.checkup()).decode()
    assert '<value xsi:type="PQ" value="162.3" unit="cm"/>' in text
    assert '<value xsi:type="CO" nullFlavor="NI"/>' in text
    assert '<observation classCode="OBS" moodCode="EVN" negationInd="true">' in text
    assert '<value xsi:type="CD" code="H" codeSystem="2.16.840.1.113883.5.83" displayName="以上"/>' in text
    assert '<code nullFlavor="NA"/>' in text
    assert '<entryRelationship typeCode="RSON">' in text
    assert '<id extension="26100000001" root="1.2.392.200119.6.209.100999999"/>' in text
    assert '<time nullFlavor="NI"/>' in text
    checkup = read_checkup_xml(text.encode()).checkup
    (group,) = [each for each in checkup.sections[0].entries if isinstance(each, CheckupGroup)]
    assert [each.relation.value for each in group.members] == ["COMP", "COMP", "RSON", "RSON"]
    by_code = {each.code: each for each in checkup.items()}
    assert by_code["1A020000000191111"].absence is Absence.NOT_MEASURABLE
    assert by_code["1A010000000191111"].absence is Absence.NOT_DONE
    assert by_code["3F015000002327101"].beyond == "H"
    assert by_code["9N511000000000049"].recorder == "架空 医師"
    assert f"{by_code['9N016160100000001'].value.number}" == "70.0"


def changed(old: str, new: str) -> bytes:
    text = write_checkup_xml(made_up.checkup()).decode()
    assert old in text
    return text.replace(old, new, 1).encode()


def test_comments_defaults_and_layout_are_no_loss():
    data = changed("<title>", "<!-- 題 --><title>").decode()
    data = data.replace(
        '<observation classCode="OBS" moodCode="EVN">',
        '<observation classCode="OBS" moodCode="EVN" negationInd="false">',
    )
    data = data.replace("<entry>", '<entry typeCode="COMP">').replace("\n", "\r\n    ")
    read = read_checkup_xml(data.encode())
    assert read.left == ()
    assert read.checkup == made_up.checkup()


def test_a_text_of_its_own_layout_is_kept_as_it_stands():
    table = "<text><table><tr><td>身長</td><td>162.3</td></tr></table></text>"
    old = write_checkup_xml(
        made_up.checkup(sections=(replace(made_up.checkup().sections[0], text=()),))
    ).decode()
    data = old.replace("<text/>", table).encode()
    read = read_checkup_xml(data)
    assert read.left == ()
    assert read.checkup.sections[0].text == ("身長", "162.3")
    assert read_checkup_xml(write_checkup_xml(read.checkup)).checkup == read.checkup


@pytest.mark.parametrize(
    ("old", "new", "place", "value"),
    [
        ('<id nullFlavor="NI"/>', '<id root="1.2.3" extension="7"/>', "ClinicalDocument/id/@extension", "7"),
        ("<title>", "<languageCode code=\"ja-JP\"/><title>", "ClinicalDocument/component/structuredBody/component/section/languageCode/@code", "ja-JP"),
        ('<confidentialityCode code="N"/>', '<confidentialityCode code="R"/>', "ClinicalDocument/confidentialityCode/@code", "R"),
    ],
)  # fmt: skip
def test_what_a_checkup_does_not_hold_is_told_with_its_place(old, new, place, value):
    left = read_checkup_xml(changed(old, new), "h.xml").left
    assert (place, value) in [(each.where.record, each.facts["value"]) for each in left]
    assert all(each.where.file == "h.xml" and each.where.line for each in left)


@pytest.mark.parametrize(
    ("old", "new", "code", "words"),
    [
        ('value="162.3"', 'value="162,3"', "CHK-X-07", ["観察値.xml", "entry[1]/observation（身長）", "162,3", "数値"]),
        ('value="162.3"', 'value=""', "CHK-X-05", ["身長", "属性 value"]),
        ('<birthTime value="19700504"/>', '<birthTime value="19700231"/>', "CHK-X-07", ["birthTime", "19700231", "YYYYMMDD"]),
        ('<administrativeGenderCode code="1"', '<administrativeGenderCode code="9"', "CHK-X-07", ["administrativeGenderCode", "男女区分"]),
        ('<birthTime value="19700504"/>', "", "CHK-X-05", ["patient", "birthTime"]),
        ('xsi:type="PQ" value="162.3"', 'xsi:type="XX" value="162.3"', "CHK-X-08", ["身長", "XX"]),
        ('<id extension="1319999999" root="1.2.392.200119.6.102"/>', "", "CHK-X-05", ["representedOrganization", "機関番号"]),
    ],
)  # fmt: skip
def test_a_fault_names_file_item_and_place(old, new, code, words):
    with pytest.raises(BadInput) as caught:
        read_checkup_xml(changed(old, new), "観察値.xml")
    (finding,) = caught.value.findings
    assert finding.code == code
    for word in (*words, "観察値.xml", "行目"):
        assert word in sentence(finding)


def test_all_faults_are_told_at_once():
    data = changed('value="162.3"', 'value="高い"').replace(b'value="65.5"', "value='重い'".encode())
    with pytest.raises(BadInput) as caught:
        read_checkup_xml(data)
    assert [each.facts["value"] for each in caught.value.findings] == ["高い", "重い"]


GROUP = '<entryRelationship typeCode="COMP"><observation classCode="OBS" moodCode="EVN"><code code="9"/></observation></entryRelationship>'


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "CHK-X-01"),
        (b"<ClinicalDocument", "CHK-X-01"),
        (b'<?xml version="1.0" encoding="Shift_JIS"?><a/>', "CHK-X-01"),
        ("<a>健診</a>".encode("cp932"), "CHK-X-01"),
        (b"<a/>", "CHK-X-04"),
        (b'<ClinicalDocument xmlns="urn:other"/>', "CHK-X-04"),
        (b'<ClinicalDocument xmlns="urn:hl7-org:v3"/>', "CHK-X-05"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "CHK-X-02"),
        (b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "CHK-X-02"),
        (b'<a xmlns="urn:hl7-org:v3">' + b"<b>" * 100 + b"</b>" * 100 + b"</a>", "CHK-X-03"),
        (b"<a>" + b"<b/>" * 60_000 + b"</a>", "CHK-X-03"),
        (b"<a>" + b" " * (4 * 1024 * 1024) + b"</a>", "CHK-X-03"),
        (changed("カクウ タロウ", "カクウ<!-- --> タロウ"), "CHK-X-02"),
        (changed('<code code="9A110160700000011"', f"{GROUP}<code code=\"9A110160700000011\""), "CHK-X-09"),
        (changed('typeCode="RSON"', 'typeCode="CAUS"'), "CHK-X-07"),
    ],
)  # fmt: skip
def test_hostile_and_broken_files_are_answered(data: bytes, code: str):
    with pytest.raises(BadInput) as caught:
        read_checkup_xml(data, "h.xml")
    assert code in {each.code for each in caught.value.findings}
    assert all(sentence(each) for each in caught.value.findings)


def test_a_letter_that_xml_cannot_bear_is_refused():
    with pytest.raises(BadInput) as caught:
        write_checkup_xml(made_up.checkup(performer=replace(made_up.CLINIC, name="架空\x0b")))
    assert caught.value.findings[0].code == "CHK-X-10"
