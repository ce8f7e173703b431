# SPDX-License-Identifier: Apache-2.0
"""請求ファイルの読取と書出 — nothing is lost, and what conforms comes back byte for byte."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claims import invented_file as made
from tasuki.claims.layout import DAY_FIELDS, LAYOUTS, MONTH_FIELDS, NUMBER_FIELDS
from tasuki.claims.points import file_totals, payer_sums
from tasuki.claims.reader import ClaimReader, read
from tasuki.claims.receipt import Receipt
from tasuki.claims.records import GO, HO, IR, IY, KO, RE, SI, SY, TO, Record, View
from tasuki.claims.rewrite import conform, kept_lines, rewrite
from tasuki.claims.writer import compose, encode_record, write
from tasuki.kernel.finding import BadInput, Severity
from tasuki.kernel.messages import sentence

VIEWS: tuple[type[View], ...] = (IR, RE, HO, KO, SY, SI, IY, TO, GO)


def test_the_made_up_file_holds_every_record() -> None:
    assert {record.id for record in made.rows() if not record.is_history} == set(LAYOUTS)


def test_a_conformant_file_is_read_without_findings_and_written_byte_for_byte() -> None:
    data = made.data()
    file = made.file()
    assert file.findings == ()
    assert kept_lines(file) == ()
    assert rewrite(data) == data == conform(data)
    assert b"".join(encode_record(r) for r in file.records) + b"\x1a" == data
    assert [len(r.values) for r in file.records if not r.is_history] == [
        LAYOUTS[r.id].size for r in file.records if not r.is_history
    ]


@pytest.mark.parametrize("view", VIEWS)
def test_views_name_the_items_the_layout_numbers(view: type[View]) -> None:
    items = {
        name: item for kind in view.__mro__ for name, item in vars(kind).items() if hasattr(item, "parse")
    }
    assert items
    for name, item in items.items():
        assert LAYOUTS[view.__name__].number_of(name) == item.number


def test_number_day_and_month_items_exist() -> None:
    names = {field.name for layout in LAYOUTS.values() for field in layout.fields}
    assert names >= NUMBER_FIELDS | DAY_FIELDS | MONTH_FIELDS


def test_views_give_typed_values() -> None:
    first, combined, alone, inpatient = made.file().receipts
    assert first.header.patient_name == "架空　一郎"
    assert first.header.born_on == date(1980, 4, 4)
    assert first.diseases[1].disease_name == "架空性頭痛"
    lines = first.lines
    assert isinstance(lines[3], IY)
    assert (lines[3].amount, lines[3].days) == (Decimal("1.5"), ((1, 7), (8, 7)))
    assert isinstance(lines[6], TO)
    assert (lines[6].unit_price, lines[6].product_name) == (Decimal("40.5"), "架空テープ　１号")
    assert [(s.kind, s.text) for s in first.narratives] == [("01", "頭痛が続く。"), ("", "発熱はない。")]
    assert combined.header.special_notes == ("29",)
    assert alone.insurer is None
    assert [r.value(4) for r in inpatient.history] == ["MN", "RE", "RC"]


def test_sums_come_from_the_lines_by_payer_and_meals_apart() -> None:
    first, combined, alone, inpatient = made.file().receipts
    assert payer_sums(first)[0].points == 291 + 75 + 5 * 14 + 52 + 8
    assert [one.points for one in payer_sums(combined)[:2]] == [466, 175]
    assert [one.points for one in payer_sums(alone)[:2]] == [0, 291]
    assert payer_sums(inpatient)[0] == (1700, 2, 1340)  # the donor's 500 points are not the insurer's
    assert file_totals(made.file().receipts) == (5, 496 + 466 + 291 + 1700)


def test_reduction_items_are_taken_off() -> None:
    receipt = Receipt(
        [made.record(k, **i) for k, i in (made.act("80", "120000001", 40), made.act("80", "189999999", 10))]
    )
    assert payer_sums(receipt)[0].points == 50
    assert payer_sums(receipt, {"189999999"})[0].points == 30


def test_a_group_starts_where_the_section_is_filled() -> None:
    found = made.file().receipts[0].groups
    assert [(g.section, len(g.units)) for g in found] == [("11", 1), ("12", 1), ("21", 2), ("40", 2)]
    assert [unit.points for unit in found[2].units] == [
        5,
        None,
    ]  # the comment after the points ends the group


STRANGE = {
    "LF": (lambda d: d.replace(b"\r\n", b"\n"), ["UKE-F-03"]),
    "no EOF": (lambda d: d[:-1], ["UKE-F-04"]),
    "two EOF and a line end": (lambda d: d + b"\x1a\r\n", ["UKE-F-05"]),
    "EOF on the last line": (lambda d: d[:-3] + b"\x1a", []),
    "UTF-8": (lambda d: d.decode("cp932").encode(), ["UKE-F-01"]),
    "UTF-8 with mark": (lambda d: b"\xef\xbb\xbf" + d.decode("cp932").encode(), ["UKE-F-01", "UKE-F-02"]),
    "era months": (lambda d: d.replace(b",202606,", b",50806,").replace(b",202607,", b",50807,"), ["UKE-F-06"]),
    "bytes that are no text": (lambda d: d.replace(b"1,RE,4", b"1,\x81\x20,4"), ["UKE-F-07"]),
    "record before the first receipt": (lambda d: d.replace(b"RE,1,1112", b"SY,1\r\nRE,1,1112"), ["UKE-F-08"]),
    "receipt after the totals": (lambda d: d[:-1] + b"RE,5\r\n\x1a", ["UKE-F-09"]),
    "unknown record": (lambda d: d.replace(b"SN,", b"ZZ,"), ["UKE-F-10"]),
    "short, long and blank lines": (lambda d: d.replace(b"MF,", b"MF\r\n\r\nMF,,,,"), ["UKE-F-10"]),
}  # fmt: skip


@pytest.mark.parametrize("name", STRANGE)
def test_strange_files_are_read_reported_and_written_as_they_were(name: str) -> None:
    change, codes = STRANGE[name]
    data = change(made.data())
    file = read(data, "x")
    assert [f.code for f in file.findings] == codes
    assert rewrite(data) == data
    assert len(file.receipts) == (5 if "after" in name else 4)
    assert all(sentence(f) for f in file.findings)


def test_utf8_lf_old_dates_become_the_conformant_file() -> None:
    old = made.data()[:-1].replace(b",202606,", b",50806,").replace(b",19800404,", b",3550404,")
    assert conform(old.decode("cp932").replace("\r\n", "\n").encode()) == made.data()


def test_conforming_fills_short_records_and_plain_numbers() -> None:
    data = b"RE,01,1112,202606,A B,1,19800404\r\nHO,01130012,1,2,01,0100\r\nIY,21,1,620000001,1.50,1,1\r\n"
    lines = conform(data).split(b"\r\n")
    assert [line.count(b",") + 1 for line in lines[:3]] == [38, 15, 44]
    assert lines[1].startswith(b"HO,01130012,1,2,1,100,")
    assert lines[2].startswith(b"IY,21,1,620000001,1.5,1,1,")


def test_conforming_refuses_what_it_would_have_to_change() -> None:
    with pytest.raises(BadInput) as raised:
        conform("RE,1,1112,202606,髙橋　一,1,19800404\n".encode())
    (finding,) = raised.value.findings
    assert (finding.code, finding.where.line, finding.where.field) == ("UKE-W-01", 1, "5")
    assert "髙" in sentence(finding)


def test_a_line_over_a_megabyte_is_no_claim_file() -> None:
    with pytest.raises(BadInput):
        read(b"x" * 3_000_000, "x")


def test_dental_receipts_start_with_their_own_institution_record() -> None:
    data = b"UK,1\r\nIR,1\r\nRE,1\r\nSS,1\r\nIR,2\r\nRE,2\r\nGO,2\r\n\x1a"
    file = read(data)
    assert [[r.id for r in receipt.records] for receipt in file.receipts] == [
        ["IR", "RE", "SS"],
        ["IR", "RE"],
    ]
    assert rewrite(data) == data


def test_returned_files_keep_reasons_and_history_with_their_receipt() -> None:
    data = b"HI,1\r\nRE,1,1112\r\nHR,50807\r\n1,1,1,MN,12345678901234567\r\n1,2,1,RC,AB\r\nHG,1\r\n\x1a"
    file = read(data)
    assert file.before[0].id == "HI"
    assert [r.id for r in file.receipts[0].records] == ["RE", "HR", "1", "1"]
    assert len(file.receipts[0].history) == 2
    assert rewrite(data) == data


def test_the_stream_reader_gives_the_same_receipts_over_chunk_borders() -> None:
    body = made.data()[:-1]
    data = body * 600 + b"\x1a"
    assert len(data) > 1 << 20
    reader = ClaimReader(BytesIO(data), "x")
    assert sum(1 for _ in reader) == 2400
    assert rewrite(data) == data


LINE = st.lists(
    st.text(st.characters(codec="cp932", exclude_characters=",\r\n\x00\x1a¢£¬‖−〜"), max_size=6),
    min_size=1,
    max_size=6,
)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_read_and_written_back(data: bytes) -> None:
    assert rewrite(data) == data


@settings(max_examples=200, deadline=None)
@given(st.lists(LINE, min_size=1, max_size=8))
def test_items_survive_encoding_and_decoding(lines: list[list[str]]) -> None:
    records = [Record(n, b"", ("ZZ", *values)) for n, values in enumerate(lines, 1)]
    try:
        data = write(records)
    except UnicodeEncodeError:
        return
    again = read(data)
    if again.facts.encoding == "shift_jis":
        assert [r.values for r in again.records] == [r.values for r in records]


def test_what_cannot_be_written_names_the_item() -> None:
    cases = (
        ("RE", {"patient_name": "髙橋　一"}, "UKE-W-01", "5"),
        ("RE", {"patient_name": "あ" * 21}, "UKE-W-02", "5"),
        ("HO", {"total_points": "12a"}, "UKE-W-03", "6"),
        ("HO", {"insurer_number": "０１１３"}, "UKE-W-04", "2"),
        ("HO", {"insurer_number": "0113"}, "UKE-W-05", "2"),
        ("KO", {"payer_number": ""}, "UKE-W-06", "2"),
        ("RE", {"patient_name": "葛\U000e0100城　一"}, "UKE-W-07", "5"),
        ("RE", {"patient_name": "架空　凜"}, "UKE-W-08", "5"),
        ("CO", {"text": "一,二"}, "", ""),
        ("RE", {"chart_number": "1,2"}, "UKE-W-09", "14"),
    )  # fmt: skip
    for record_id, items, code, number in cases:
        found = [
            f
            for f in compose(record_id, items, "P1").findings
            if LAYOUTS[record_id].fields[int(f.where.field) - 1].name in items
        ]
        assert [f.code for f in found] == ([code] if code else []), (record_id, items)
        if code:
            assert (found[0].where.file, found[0].where.record, found[0].where.field) == (
                "P1",
                record_id,
                number,
            )
            assert found[0].severity is (
                Severity.ADVICE if code in ("UKE-W-07", "UKE-W-08") else Severity.BLOCK
            )
            assert sentence(found[0])
