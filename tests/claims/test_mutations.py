# SPDX-License-Identifier: Apache-2.0
"""壊れたファイル、全種類 — files of every kind changed by chance, and what a long run of them found (tools/fuzz_claims.py)."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claims import exercises, mutations
from claims import invented_file as made
from claims.other_files import DENTAL, HISTORY, NUMBER, result_files, returned_file
from tasuki.claims.item_values import Month
from tasuki.claims.reader import ClaimReader, read
from tasuki.claims.result_files import PointChange, read_acceptance, read_payment, read_points, write_points
from tasuki.claims.returns import reclaim_file, returned_receipts
from tasuki.claims.rewrite import rewrite
from tasuki.kernel.finding import BadInput


@pytest.mark.parametrize("kind", mutations.KINDS)
@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 1 << 60))
def test_every_kind_is_read_told_and_written_back(kind: str, seed: int) -> None:
    exercises.full(kind, mutations.mutate(random.Random(seed), kind))


@pytest.mark.parametrize("kind", [kind for kind in mutations.KINDS if kind not in exercises.RESULTS])
def test_commands_and_columns_answer(kind: str) -> None:
    pytest.importorskip("pyarrow")
    for seed in range(12):
        data = mutations.mutate(random.Random(f"{kind}/{seed}"), kind)
        exercises.commands(data)
        exercises.columns(data)


def test_an_exercise_tells_what_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exercises, "restore", lambda file: b"")
    with pytest.raises(exercises.Broken, match="byte for byte"):
        exercises.light("medical", made.data())


def test_an_end_byte_in_the_middle_is_part_of_its_line_wherever_the_stream_is_cut() -> None:
    data = made.data().replace(b"\r\nSY,", b"\x1a\r\nSY,", 1)
    whole = read(data)
    for size in (1, 5, 100):
        reader = ClaimReader(exercises.Drops(data, size))
        assert tuple(reader) == whole.receipts
        assert (reader.after, reader.facts) == (whole.after, whole.facts)


def test_a_line_of_end_bytes_is_read_in_no_time() -> None:
    data = b"IR,1" + b"\x1a" * 900_000 + b"x\r\n"
    assert rewrite(data) == data
    assert len(read(data).records) == 1


def test_a_mark_that_comes_byte_by_byte_is_seen() -> None:
    reader = ClaimReader(exercises.Drops(b"\xef\xbb\xbf" + made.data().decode("cp932").encode(), 1))
    assert len(tuple(reader)) == 4
    assert reader.facts.has_bom


def test_a_misplaced_head_of_a_dental_receipt_keeps_its_place() -> None:
    lines = DENTAL.removesuffix(b"\x1a").splitlines(keepends=True)
    data = b"".join([*lines[:-1], lines[1], lines[-1], *lines[2:]]) + b"\x1a"
    assert rewrite(data) == data


def test_a_history_row_without_its_line_end_stays_a_row_of_its_own() -> None:
    whole = returned_file()
    data = whole[: whole.index(HISTORY[-1].encode()) + len(HISTORY[-1])]
    (returned,) = returned_receipts(read(data))
    again = read(reclaim_file(made.record("IR", **made.INSTITUTION[1]), [(returned, returned.receipt)]))
    assert [one.raw for one in again.receipts[0].history] == [f"{row}\r\n".encode() for row in HISTORY]
    assert again.trailer is not None


@pytest.mark.parametrize(
    "other",
    [
        {"patient_name": "見本　花子"}, {"chart_number": "13"}, {"service_month": Month(2026, 9)}, {"section": ""},
        {"law_code": ""},
    ],
)  # fmt: skip
def test_a_detail_of_anything_else_is_no_following_detail(other: dict[str, object]) -> None:
    row = {
        "service_month": Month(2026, 10), "number": 3, "patient_name": "架空　太郎", "chart_number": "12",
        "section": "60", "law_code": "01", "points": -144, "reasons": "B", "claimed": "", "corrected": "",
        "search_number": NUMBER,
    }  # fmt: skip
    changes = (PointChange(**row), PointChange(**(row | other)))  # type: ignore[arg-type]
    assert read_points(write_points("1", Month(2026, 11), changes)) == changes


def test_texts_of_point_changes_go_without_quotes_and_those_that_cannot_are_refused() -> None:
    row = PointChange(
        Month(2026, 10), 3, "架空　太郎", "12", "60", "01", -144, "B", '判断料 "144", 1回', "", NUMBER
    )
    (found,) = read_points(write_points("1", Month(2026, 11), (row,)))
    assert found.claimed == '判断料 "144"， 1回'
    with pytest.raises(BadInput):
        write_points("1", Month(2026, 11), (replace(row, claimed="二行\r\nある"),))


@pytest.mark.parametrize("text", ["202613", "2026" + "1" * 20, "20261", "２０２６１１"])
def test_a_month_that_is_none_is_refused(text: str) -> None:
    files = result_files()
    for kind, answer in (("acceptance", read_acceptance), ("payment", read_payment)):
        assert answer(files[kind])
        with pytest.raises(BadInput):
            answer(files[kind].replace(b",202611,", f",{text},".encode("cp932"), 1))


def test_a_day_that_is_none_is_refused() -> None:
    for text in ("20261331", "202612" + "9" * 30):
        with pytest.raises(BadInput):
            read_payment(result_files()["payment"].replace(b",20261221,", f",{text},".encode(), 1))


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.replace(b"\r\nHO,", b"\r\r\nHO,", 1).replace(b",,,\r\nIY", b",,,\r\r\nIY", 1),
        lambda data: data.replace(b",496,", b"," + b"9" * 25 + b",", 1),
        lambda data: data.replace(b"\r\nSI,12", b"\r\nGO,5,2953,99\r\nSI,12", 1),
        lambda data: data.replace(b",00,03-0000", b",0\xab,03-0000", 1),
        lambda data: data.replace(b",2953,", b",5\xfa00,", 1),
        lambda data: data.replace(b",202607,00,", b",50807,00,", 1),
        lambda data: data.replace(b",99\r\n", b",99\x1a\r\n", 1),
        lambda data: data.replace(b",12345678,", b",\xef\xbb\xbf,", 1),
        lambda data: data.replace(b"20260601,1,,,01", b"20260601,1,\xef\xbb\xbf,,01", 1),
    ],
)
def test_columns_of_odd_files_are_those_of_the_objects(change: object) -> None:
    pytest.importorskip("pyarrow")
    data = change(made.data())  # type: ignore[operator]
    assert data != made.data()
    exercises.columns(data)
