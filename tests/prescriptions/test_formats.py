# SPDX-License-Identifier: Apache-2.0
"""処方データ — round trips of the three formats, what is told of a record, symbols split and joined."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from prescriptions import made_prescriptions as made
from tasuki.kernel.finding import BadInput, Severity
from tasuki.kernel.messages import sentence
from tasuki.prescriptions.dispensing_layout import DISPENSED
from tasuki.prescriptions.notebook_layout import NOTEBOOK
from tasuki.prescriptions.orders import rp_orders
from tasuki.prescriptions.outside_layout import OUTSIDE
from tasuki.prescriptions.reader import MOST_BYTES, read_prescription, restore
from tasuki.prescriptions.records import Document, Record
from tasuki.prescriptions.service_layout import SERVICE
from tasuki.prescriptions.symbols import Symbol, join_symbols, order_parts, split_symbols
from tasuki.prescriptions.view import document_text, document_view
from tasuki.prescriptions.writer import compose, new_document, write_prescription

FORMATS = pytest.mark.parametrize("form", [OUTSIDE, SERVICE, NOTEBOOK, DISPENSED], ids=lambda form: form.name)
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))

SLIP = """JAHIS10
1,1,1234567,13,架空医院
5,,ｶｸｳ ﾀﾛｳ,架空　太郎
11,,架空　花子,ｶｸｳ ﾊﾅｺ
12,2
13,19600606
22,06139463
23,１２,３４５,1,01
51,20261130
101,1,1,,14
111,1,2,1013044400000000,１日３回毎食後,3
181,1,1,2,一包化,,
201,1,1,1,2,612170709,架空錠２．５ｍｇ,3,1,錠
241,1,1,1,
201,1,2,1,7,,架空カプセル,1.5,1,カプセル
""".replace("\n", "\r\n")


def codes_of(data: bytes) -> list[str]:
    with pytest.raises(BadInput) as refused:
        read_prescription(data, "x")
    assert [sentence(each) for each in refused.value.findings]
    return [each.code for each in refused.value.findings]


def read_text(text: str) -> Document:
    return read_prescription(text.encode("cp932") + b"\x1a", "rx")


def test_the_symbol_has_37_records():
    assert len(OUTSIDE.layouts) == 37


@FORMATS
def test_every_record_with_every_item_comes_back_without_findings(form):
    for layout in form.layouts.values():
        composed = made.full_record(form, layout)
        assert composed.findings == (), layout
    document = made.full_document(form)
    data = write_prescription(document)
    assert ("架空".encode("cp932") in data) == (form not in (SERVICE, DISPENSED))
    assert data.endswith(b"\x1a") == (form is OUTSIDE)
    assert (b"\r\n" in data) == (form not in (SERVICE, DISPENSED))
    found = read_prescription(data)
    assert found.findings == ()
    assert (found.format, found.version) == (form, form.version)
    assert [each.values for each in found.records] == [each.values for each in document.records]
    assert restore(found) == data == write_prescription(found)


@FORMATS
@QUICK
@given(data=st.data())
def test_reading_what_was_written_gives_the_same_records(form, data):
    document = data.draw(made.documents(form))
    written = write_prescription(document)
    found = read_prescription(written)
    assert [each.values for each in found.records] == [each.values for each in document.records]
    assert restore(found) == written
    if found.encoding == form.encoding or written.isascii():
        assert write_prescription(found) == written
    assert all(sentence(each) for each in found.findings)
    assert document_text(found) and document_view(found)


@pytest.mark.parametrize(
    "data",
    [
        b"JAHIS10",
        b"JAHIS10\r\n\r\n1,1\n12,2\r13,x",
        "JAHIS10\n11,,架空,\n".encode(),
        b"\xef\xbb\xbfJAHIS10\n",
        b"JAHIS10\r\n\x1a\x1a\x00tail",
        # The same sign by two codes of Shift_JIS.
        b"JAHIS10\r\n81,1,,\x81\xca\xfa\x54\xee\xf9\r\n\x1a",
    ],
)  # fmt: skip
def test_what_departs_from_the_rules_is_restored_byte_for_byte(data):
    found = read_prescription(data)
    assert restore(found) == data
    assert all(sentence(each) for each in found.findings)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "RX-F-01"),
        (b"NOT_JAHIS\r\n1,2", "RX-F-01"),
        (b"JAHIS\r\n", "RX-F-01"),
        (b"JAHIS10\r\n81,1,,\x81\xff\r\n", "RX-F-02"),
        (b"JAHIS10\r\n" + b"\r\n" * 30_000, "RX-F-03"),
        (b"JAHIS10\r\n" + b"," * 600, "RX-F-03"),
        (b" " * (MOST_BYTES + 1), "RX-F-03"),
    ],
)
def test_what_is_no_prescription_is_refused(data, code):
    assert codes_of(data) == [code]


def test_a_conforming_slip_has_no_finding_and_is_read_by_rp():
    found = read_text(SLIP)
    assert found.findings == ()
    (rp,) = rp_orders(found)
    assert (rp.dosage_form, rp.quantity, rp.usage_code, rp.notes) == (
        "1",
        14,
        "1013044400000000",
        ("一包化",),
    )
    assert [(each.name, str(each.amount), each.unit) for each in rp.drugs] == [
        ("架空錠２．５ｍｇ", "3", "錠"),
        ("架空カプセル", "1.5", "カプセル"),
    ]
    assert [record.number for record in rp.drugs[0].beside] == ["241"]


@pytest.mark.parametrize(
    ("old", "new", "code", "record"),
    [
        ("12,2\r\n", "12,2,1\r\n", "RX-C-01", "12"),
        ("12,2\r\n", "12,\r\n", "RX-C-02", "12"),
        ("101,1,1,,14", "101,1,1,,二", "RX-C-03", "101"),
        ("22,06139463", "22,061394630000000", "RX-C-04", "22"),
        ("12,2\r\n", "12,3\r\n", "RX-C-05", "12"),
        ("51,20261130", "51,20261131", "RX-C-06", "51"),
        ("カプセル,1.5,1", "カプセル,1/2,1", "RX-C-07", "201"),
        ("22,06139463", "22,０６", "RX-C-08", "22"),
        ("181,1,1,2,一包化,,", "181,1,1,2,一包化　,,", "RX-C-09", "181"),
        ("51,20261130\r\n", "", "RX-C-10", ""),
        ("12,2\r\n", "12,2\r\n12,1\r\n", "RX-C-11", "12"),
        ("241,1,1,1,\r\n", "241,1,1,1,\r\n241,1,1,1,\r\n", "RX-C-11", "241"),
        ("12,2\r\n13,19600606\r\n", "13,19600606\r\n12,2\r\n", "RX-C-12", "12"),
        ("111,1,2,1013044400000000,１日３回毎食後,3\r\n", "", "RX-C-10", ""),
        ("241,1,1,1,", "241,1,9,1,", "RX-C-14", "241"),
        ("241,1,1,1,", "231,1,1,1,,,", "RX-C-15", "231"),
        ("1013044400000000", "1013004400000000", "RX-C-16", "111"),
        ("181,1,1,2,一包化,,", "181,1,1,8,一包化,X0000000,", "RX-C-17", "181"),
        ("181,1,1,2,一包化,,", "181,1,1,9,左,,42X", "RX-C-18", "181"),
        ("181,1,1,2,一包化,,", "181,1,1,9,左,,", "RX-C-19", "181"),
        ("架空カプセル,1.5", ",1.5", "RX-C-19", "201"),
        ("51,20261130\r\n", "51,20261130\r\n63,2,3\r\n", "RX-C-20", "63"),
        ("22,06139463", "22,06139464", "RX-C-22", "22"),
        ("51,20261130\r\n", "27,1234567,\r\n51,20261130\r\n", "RX-C-23", "27"),
        ("12,2\r\n", "12,2\r\n15,1\r\n", "RX-F-07", "15"),
    ],
)  # fmt: skip
def test_what_departs_is_told_with_its_record(old, new, code, record):
    assert old in SLIP
    found = read_text(SLIP.replace(old, new)).findings
    assert code in [each.code for each in found]
    one = next(each for each in found if each.code == code)
    assert (one.where.file, one.where.record) == ("rx", record)
    assert "{" not in sentence(one)


def test_an_rp_without_its_usage_is_told():
    found = read_text(SLIP + "101,2,1,,7\r\n201,2,1,1,1,,架空散,1,1,ｇ\r\n").findings
    assert [(each.code, each.facts["number"], each.facts["rp"]) for each in found] == [
        ("RX-C-13", "111", "2")
    ]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("2,612170709", "2,", "RX-C-19"),
        ("31,1,架空成分", "31,7,架空成分", "RX-C-21"),
        ("301,1,毎食後,3,日分,1,1,,1", "301,2,毎食後,3,日分,1,1,,1", "RX-C-13"),
        ("5,20261130,1\r\n", "", "RX-C-12"),
        ("JAHISTC08,1", "JAHISTC08,3", "RX-C-05"),
        ("13,4,1234567", ",4,1234567", "RX-C-19"),
        ("911,12345678901234,3,2", "911,12345678901234,3,4", "RX-C-20"),
    ],
)
def test_a_notebook_is_held_together(old, new, code):
    text = (
        "JAHISTC08,1\r\n1,架空　花子,2,S350606,,,,,,,\r\n3,架空錠,20261101,,2,1,\r\n31,1,架空成分,1,,2\r\n"
        "5,20261130,1\r\n11,架空薬局,13,4,1234567,,,,1\r\n201,1,架空錠,1,錠,2,612170709,1,,,\r\n"
        "301,1,毎食後,3,日分,1,1,,1\r\n911,12345678901234,3,2\r\n"
    )
    assert read_prescription(text.encode("cp932")).findings == ()
    assert old in text
    assert code in [each.code for each in read_prescription(text.replace(old, new).encode("cp932")).findings]


def test_a_text_that_cannot_stand_is_written_by_the_rules_and_told():
    composed = compose(OUTSIDE, "11", {"patient_name": " 髙橋,\n花子"})
    assert composed.record.values == ("11", "", "■橋，花子", "")
    assert [(each.code, each.severity) for each in composed.findings] == [
        ("RX-W-03", Severity.ADVICE),
        ("RX-W-04", Severity.ADVICE),
        ("RX-W-02", Severity.ADVICE),
        ("RX-W-01", Severity.ADVICE),
    ]
    # The service takes UTF-8: the name stays.
    assert compose(SERVICE, "11", {"patient_name": "髙橋"}).record.values[2] == "髙橋"
    too_long = compose(OUTSIDE, "101", {"rp": 1, "dosage_form": "1", "quantity": 1000}).findings
    assert [(each.code, each.severity) for each in too_long] == [("RX-C-04", Severity.BLOCK)]
    with pytest.raises(KeyError):
        compose(OUTSIDE, "101", {"unheard": "1"})


@pytest.mark.parametrize(
    ("text", "code"), [("架空,医院", "RX-W-05"), ("架空\r\n999", "RX-W-05"), ("𠮷野", "RX-W-06")]
)
def test_a_separator_or_a_strange_character_never_reaches_the_bytes(text, code):
    with pytest.raises(BadInput) as refused:
        write_prescription(new_document(OUTSIDE, [Record(0, ("81", "1", "", text))]))
    assert [each.code for each in refused.value.findings] == [code]
    assert sentence(refused.value.findings[0])


def test_usage_of_the_master_of_the_service_is_known_there():
    text = "SJ1\n111,1,3,0X0XXXXXXXXX0000,架空の用法,\n60,,架空,03\n302,何か,1,2\n"
    found = read_prescription(text.encode())
    assert {"RX-C-05", "RX-C-16", "RX-F-07"}.isdisjoint(each.code for each in found.findings)
    assert "架空の用法" in document_text(found)


@QUICK
@given(st.binary(max_size=400), st.integers(30, 200), st.randoms())
def test_symbols_joined_in_any_order_give_the_data(data, capacity, chosen):
    parts = list(split_symbols(data, capacity))
    assert all(len(part.data) <= capacity for part in parts)
    assert max(len(p.data) for p in parts) - min(len(p.data) for p in parts) <= 1
    again = [*parts, chosen.choice(parts)]
    chosen.shuffle(again)
    assert join_symbols(again) == data


def test_a_missing_strange_or_changed_symbol_is_refused():
    parts = split_symbols(SLIP.encode("cp932"), 100)
    assert len(parts) == 4
    other = split_symbols(SLIP.replace("花子", "月子").encode("cp932"), 100)
    changed = [parts[0]._replace(data=b"x" * len(parts[0].data)), *parts[1:]]
    for given_, code in (
        (parts[1:], "RX-S-01"),
        ([*parts[1:], other[0]], "RX-S-02"),
        (changed, "RX-S-03"),
        ([*parts, changed[0]], "RX-S-05"),
        ([], "RX-S-06"),
        ([Symbol(1, 17, 0, b"")], "RX-S-02"),
    ):
        with pytest.raises(BadInput) as refused:
            join_symbols(given_)
        assert [each.code for each in refused.value.findings] == [code]
        assert sentence(refused.value.findings[0])
    with pytest.raises(BadInput) as refused:
        split_symbols(b"x" * 1601, 100)
    assert [each.code for each in refused.value.findings] == ["RX-S-04"]


def test_parts_of_a_notebook_are_put_in_order():
    parts = [
        read_prescription(f"JAHISTC08,1\r\n401,part {nth},1\r\n911,12345678901234,3,{nth}\r\n".encode())
        for nth in (3, 1, 2)
    ]
    assert [each.value("911", "part_nth") for each in order_parts(parts)] == ["1", "2", "3"]
    for given_ in (parts[1:], [], [read_prescription(b"JAHISTC08,1\r\n")]):
        with pytest.raises(BadInput):
            order_parts(given_)


def test_broken_bytes_are_read_or_refused():
    samples = [write_prescription(made.full_document(form)) for form in (OUTSIDE, SERVICE, NOTEBOOK)]
    chosen = random.Random(7)
    read = 0
    for number in range(600):
        data = bytearray(samples[number % 3])
        for _ in range(chosen.randint(1, 4)):
            at = chosen.randrange(len(data))
            match chosen.randrange(3):
                case 0:
                    data[at] = chosen.randrange(256)
                case 1:
                    del data[at : at + chosen.randrange(1, 40)]
                case 2:
                    data[at:at] = chosen.choice([b",", b"\r\n", b"\x1a", b"\x81", b"0"])
            data = data or bytearray(b"x")
        try:
            found = read_prescription(bytes(data), "x")
        except BadInput as bad:
            assert all(sentence(each) for each in bad.findings)
            continue
        read += 1
        assert restore(found) == bytes(data)
        assert all(sentence(each) for each in found.findings)
        assert document_text(found) and document_view(found)
        if found.format.name != "JAHISTC":
            rp_orders(found)
    assert 100 < read < 600


DISPENSING = """CJ1,
1,架空　花子,2,19600606,,,,,,,ｶｸｳ ﾊﾅｺ
4,手帳メモ,20261130,
5,20261130,
6,2,06139463,１２,３４５,01
7,0b54f6a4-0000-4000-8000-000000000001,
11,架空薬局,13,4,7654321,100-0000,東京都架空区1-1,,
15,架空　薬子,,
51,架空医院,13,1,1234567,
55,架空　太郎,内科,
201,1,架空錠２．５ｍｇ,3,錠,2,612170709,
301,1,1日3回 毎食後,14,日分,1,3,1013044400000000,
311,1,一包化,
411,残薬を確認しました,30,
511,999,用量を確かめました
"""


def test_a_dispensing_is_read_checked_and_written():
    read = read_prescription(DISPENSING.encode(), "cj")
    assert read.findings == ()
    assert (read.format.name, read.version, read.encoding) == ("CJ", "1", "utf-8")
    assert read.value("7", "prescription_id") == "0b54f6a4-0000-4000-8000-000000000001"
    assert read.value("511", "text") == "用量を確かめました"
    assert "内服" in document_text(read)
    records = [Record(0, each.values, "\n") for each in read.records]
    assert write_prescription(new_document(DISPENSED, records, ("",))) == DISPENSING.encode()
    without = DISPENSING.replace("301,1,1日3回 毎食後,14,日分,1,3,1013044400000000,\n", "")
    assert "RX-C-13" in [each.code for each in read_prescription(without.encode(), "cj").findings]
    crlf = DISPENSING.replace("\n", "\r\n").encode()
    assert [each.code for each in read_prescription(crlf, "cj").findings] == ["RX-F-05"]
