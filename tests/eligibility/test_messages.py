# SPDX-License-Identifier: Apache-2.0
"""電文 — round trips of XML and JSON, order of elements, and what a reader must refuse."""

from __future__ import annotations

import io
import random
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings

from eligibility import made_answers as made
from tasuki.eligibility import json_text, xml_text
from tasuki.eligibility.answer import read_answer
from tasuki.eligibility.elements import CONTAINERS
from tasuki.eligibility.json_text import read_json, write_json
from tasuki.eligibility.message import SHIFT_JIS, UTF8, Message, Node
from tasuki.eligibility.reading import read_message, read_messages, write_zip
from tasuki.eligibility.view import message_text
from tasuki.eligibility.xml_text import DEEPEST, MOST_BYTES, read_xml, write_xml
from tasuki.kernel.finding import BadInput
from tasuki.kernel.messages import sentence

QUICK = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def codes_of(data: bytes) -> list[str]:
    with pytest.raises(BadInput) as refused:
        list(read_messages(data, "x"))
    assert [sentence(each) for each in refused.value.findings]
    return [each.code for each in refused.value.findings]


@pytest.mark.parametrize("encoding", [UTF8, SHIFT_JIS])
def test_a_message_with_every_element_comes_back_whole_and_without_findings(encoding):
    root = made.full_message()
    said = "0" if encoding == UTF8 else "1"
    head = root.children[0]
    root = root._replace(
        children=(
            head._replace(
                children=tuple(
                    each._replace(text=said) if each.name == "CharacterCodeIdentifier" else each
                    for each in head.children
                )
            ),
            *root.children[1:],
        )
    )
    data = write_xml(Message(root, encoding))
    assert "架空".encode("cp932" if encoding == SHIFT_JIS else "utf-8") in data
    found = read_message(data)
    assert (found.root, found.encoding) == (root, encoding)
    assert found.findings == ()
    assert read_json(write_json(found)).root == root


@QUICK
@given(made.containers("XmlMsg"))
def test_reading_what_was_written_gives_the_same_tree(root):
    for encoding in (UTF8, SHIFT_JIS):
        data = write_xml(Message(root, encoding))
        again = read_xml(data)
        assert (again.root, again.encoding) == (root, encoding)
        assert write_xml(again) == data
    assert read_xml(write_xml(read_json(write_json(Message(root))))).root == root


def shuffled(node: Node, chosen: random.Random) -> Node:
    children = [shuffled(each, chosen) for each in node.children]
    chosen.shuffle(children)
    return node._replace(children=tuple(children))


def test_the_order_of_elements_does_not_matter():
    root = made.full_message()
    expected = read_answer(Message(root))
    assert expected.persons[0].qualifications[0].diseases[0].limit_yen == 20000
    for seed in range(5):
        mixed = read_xml(write_xml(Message(shuffled(root, random.Random(seed)))))
        found = read_answer(mixed)
        assert found.persons[0].qualifications == expected.persons[0].qualifications
        assert found.persons[0].eligibility == expected.persons[0].eligibility
        assert sorted(found.persons[0].tickets[0].items) == sorted(expected.persons[0].tickets[0].items)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><XmlMsg>&x;</XmlMsg>', "OQS-F-02"),
        (b'<!DOCTYPE a [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><XmlMsg>&b;</XmlMsg>', "OQS-F-02"),
        (b"<!DOCTYPE XmlMsg><XmlMsg/>", "OQS-F-02"),
        (b"<XmlMsg>&unknown;</XmlMsg>", "OQS-F-01"),
        (b"<XmlMsg><MessageHeader></XmlMsg>", "OQS-F-01"),
        (b"", "OQS-F-01"),
        (b"<Other/>", "OQS-F-06"),
        (b"<XmlMsg>" + b"<a>" * DEEPEST + b"</a>" * DEEPEST + b"</XmlMsg>", "OQS-F-03"),
        (b" " * (MOST_BYTES + 1), "OQS-F-03"),
        (b'<?xml version="1.0" encoding="UTF-16"?><XmlMsg/>', "OQS-F-05"),
        (b'<?xml version="1.0" encoding="EUC-JP"?><XmlMsg/>', "OQS-F-05"),
        (b"\xff\xfe<\x00", "OQS-F-05"),
        ('<?xml version="1.0" encoding="UTF-8"?><XmlMsg>架空</XmlMsg>'.encode("cp932"), "OQS-F-04"),
        (b'{"XmlMsg": {}, "XmlMsg": {}}', "OQS-F-10"),
        (b'{"Other": {}}', "OQS-F-06"),
        (b'{"XmlMsg": [{}, {}]}', "OQS-F-06"),
        (b"PK\x03\x04 broken", "OQS-F-11"),
    ],
)  # fmt: skip
def test_what_is_no_message_is_refused(data, code):
    assert codes_of(data) == [code]


@pytest.mark.parametrize(
    "data",
    [
        b"<XmlMsg>" + b"<a/>" * 1_000 + b"</XmlMsg>",
        b'{"XmlMsg": {"a": [' + b"0," * 1_000 + b"0]}}",
        b'{"XmlMsg": {"a": "' + b"0" * 8 * 1024 * 1024 + b'"}}',
    ],
    ids=["xml", "json", "long json"],
)
def test_too_many_elements_are_refused(data, monkeypatch):
    for module in (xml_text, json_text):
        monkeypatch.setattr(module, "MOST_ELEMENTS", 1_000)
    assert codes_of(data) == ["OQS-F-03"]


def zipped(files: dict[str, bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return held.getvalue()


def test_a_bulk_answer_may_come_as_a_zip():
    unit = made.full("BulkConfirmUnit")
    root = Node("XmlMsg", "", (Node("MessageHeader"), Node("MessageBody", "", (unit, unit))))
    data = write_xml(Message(root))
    found = list(
        read_messages(zipped({"OQSmuquc02res_1.xml": data, "memo.txt": b"", "2.xml": data}), "a.zip")
    )
    assert [each.name for each in found] == ["a.zip!OQSmuquc02res_1.xml", "a.zip!2.xml"]
    assert [len(read_answer(each).persons) for each in found] == [2, 2]
    again = list(read_messages(write_zip([("1.xml", found[0]), ("2.xml", found[1])])))
    assert [(each.name, each.root) for each in again] == [("1.xml", root), ("2.xml", root)]
    assert codes_of(zipped({"memo.txt": b""})) == ["OQS-F-12"]
    assert codes_of(zipped({f"{number}.xml": b"" for number in range(1001)})) == ["OQS-F-03"]
    # A small archive that unpacks to more than a message may have.
    assert codes_of(zipped({"big.xml": b" " * (MOST_BYTES + 10)})) == ["OQS-F-03"]


@pytest.mark.parametrize(
    ("path", "element", "text", "code"),
    [
        ("ResultList/ResultOfQualificationConfirmation", "Birthdate", "20260230", "OQS-V-01"),
        ("", "QualificationValidity", "7", "OQS-V-02"),
        ("ResultList/ResultOfQualificationConfirmation", "InsuredCardSymbol", "１" * 21, "OQS-V-03"),
        ("", "AccessCode", "12", "OQS-V-04"),
        ("PublicExpenseResultList/MedicalTicketInfo", "SelfPayAmount", "千円", "OQS-V-05"),
        ("ResultList/ResultOfQualificationConfirmation", "InsurerNumber", "138057", "OQS-V-06"),
        ("ResultList/ResultOfQualificationConfirmation", "InsurerNumber", "00138057", "OQS-V-07"),
        ("ResultList/ResultOfQualificationConfirmation", "InsurerNumber", "06139464", "OQS-V-07"),
        ("", "PrescriptionInfo", "###", "OQS-V-08"),
        ("", "Unheard", "1", "OQS-F-07"),
    ],
)  # fmt: skip
def test_a_value_outside_the_table_is_told_with_its_place(path, element, text, code):
    node = Node(element, text)
    for name in reversed(path.split("/") if path else []):
        node = Node(name, "", (node,))
    data = write_xml(Message(Node("XmlMsg", "", (Node("MessageBody", "", (node,)),))))
    found = read_message(data, "OQSsiquc01res_1.xml").findings
    if text == "00138057":
        # Zeros are no padding: read as eight digits, the number is another one.
        assert {each.code for each in found} <= {"OQS-V-07"}
        return
    assert [each.code for each in found] == [code]
    where = found[0].where
    assert (where.file, where.field) == ("OQSsiquc01res_1.xml", element)
    assert where.record == "/".join(("XmlMsg", "MessageBody", *(path.split("/") if path else ())))
    assert element in sentence(found[0]) and "{" not in sentence(found[0])


def test_an_element_given_twice_and_a_wrong_character_code_are_told():
    data = (
        b"<XmlMsg><MessageHeader><CharacterCodeIdentifier>1</CharacterCodeIdentifier></MessageHeader>"
        b"<MessageBody>text<ReceptionNumber>1</ReceptionNumber><ReceptionNumber>2</ReceptionNumber>"
        b"</MessageBody></XmlMsg>"
    )
    assert [each.code for each in read_message(data).findings] == ["OQS-F-13", "OQS-F-08", "OQS-F-09"]


@pytest.mark.parametrize(
    ("root", "encoding", "code"),
    [
        (Node("XmlMsg", "\x00"), UTF8, "OQS-W-02"),
        (Node("XmlMsg", "", (Node("Name", "𠮷野"),)), SHIFT_JIS, "OQS-W-01"),
        (Node("XmlMsg", "", (Node("a b"),)), UTF8, "OQS-W-03"),
    ],
)
def test_what_cannot_be_written_is_refused_and_never_replaced(root, encoding, code):
    with pytest.raises(BadInput) as refused:
        write_xml(Message(root, encoding))
    assert [each.code for each in refused.value.findings] == [code]
    assert sentence(refused.value.findings[0])


def test_broken_bytes_are_read_or_refused():
    sample = write_xml(Message(made.full_message()))
    others = [write_xml(Message(made.full_message(), SHIFT_JIS)), write_json(Message(made.full_message())),
              zipped({"a.xml": sample})]  # fmt: skip
    chosen = random.Random(7)
    refused = 0
    for number in range(400):
        data = bytearray([sample, *others][number % 4])
        for _ in range(chosen.randint(1, 4)):
            at = chosen.randrange(len(data))
            match chosen.randrange(4):
                case 0:
                    data[at] = chosen.randrange(256)
                case 1:
                    del data[at : at + chosen.randrange(1, 60)]
                case 2:
                    data[at:at] = chosen.randbytes(3)
                case 3:
                    data = data[: max(at, 10)]
        try:
            for message in read_messages(bytes(data), "x"):
                assert all(sentence(each) for each in message.findings)
                read_answer(message)
        except BadInput as bad:
            refused += 1
            assert all(sentence(each) for each in bad.findings)
    assert 100 < refused < 400


def test_a_name_from_outside_reaches_no_terminal():
    data = b'{"XmlMsg": {"MessageBody": {"\\u001b[2Jevil": "\\u001b[2J"}}}'
    (found,) = read_message(data, "x").findings
    shown = sentence(found) + message_text(read_message(data, "x"))
    assert "evil" in shown and "\x1b" not in shown


def test_every_container_is_reached_from_the_root():
    reached, left = set(), ["XmlMsg"]
    while left:
        name = left.pop()
        if name not in reached:
            reached.add(name)
            left.extend(CONTAINERS[name].containers)
    assert reached == set(CONTAINERS)
