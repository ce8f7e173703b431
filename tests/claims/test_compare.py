# SPDX-License-Identifier: Apache-2.0
"""請求ファイルの比較 — receipts matched by whose they are, changes named by record and item."""

from __future__ import annotations

import json
import random
import tempfile
import tracemalloc
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from claims import invented_file as made
from tasuki.claims.compare import ReceiptChange, compare_receipts
from tasuki.claims.reader import read
from tasuki.claims.writer import write
from tasuki_server.cli.claims_given import InPlace, Spooled, given_file
from tasuki_server.cli.claims_pairs import Pairs
from tasuki_server.cli.main import main


def differences(before: bytes, after: bytes) -> list[tuple[str, int, list[tuple[str, int]]]]:
    return [
        (
            change.kind,
            change.points_difference,
            [(one.after or one.before).id and ((one.after or one.before).id, len(one.items)) for one in change.records],  # type: ignore[union-attr]
        )
        for change in compare_receipts(read(before).receipts, read(after).receipts)
    ]  # fmt: skip


def test_a_file_does_not_differ_from_itself_in_another_order() -> None:
    file = made.file()
    records = [*file.before]
    for number, receipt in enumerate(reversed(file.receipts), 1):
        head, *rest = receipt.records
        records.append(head._replace(values=(head.values[0], str(number), *head.values[2:])))
        records.extend(rest)
    turned = write([*records, *file.after])
    assert turned != made.data()
    assert differences(made.data(), turned) == []


def test_changed_points_name_the_items_and_the_difference() -> None:
    after = made.data().replace(
        b"HO,01130012,12345678,\x82P\x82Q,2,496", b"HO,01130012,12345678,\x82P\x82Q,2,497"
    )
    after = after.replace(b"140000610,,52,1", b"140000610,,53,1")
    assert after != made.data()
    assert differences(made.data(), after) == [("changed", 1, [("HO", 1), ("SI", 1)])]


def test_receipts_and_records_only_on_one_side() -> None:
    short = write([r for r in made.rows() if r not in read(made.data()).receipts[0].of("SJ")])
    alone = read(made.data())
    without = write([*alone.before, *(r for one in alone.receipts[1:] for r in one.records), *alone.after])
    assert differences(made.data(), without) == [("removed", -496, [])]
    assert differences(without, made.data()) == [("added", 496, [])]
    assert short
    added = made.data().replace(b"SJ,01", b"SJ,07,\x94M\r\nSJ,01")
    assert differences(made.data(), added) == [("changed", 0, [("SJ", 0)])]


def test_twins_of_one_card_are_told_apart_by_their_chart_numbers() -> None:
    first = made.one_receipt(made.header(1, "1112", "架空　一", chart_number="1"), made.insurer(291))
    second = made.one_receipt(made.header(1, "1112", "架空　二", chart_number="2"), made.insurer(291))
    assert [kind for kind, _, _ in differences(first, second)] == ["removed", "added"]


def test_a_corrected_name_or_insurer_is_the_same_receipt_by_its_chart_number() -> None:
    first = made.one_receipt(made.header(1, "1112", "架空　一", chart_number="1"), made.insurer(291))
    second = made.one_receipt(
        made.header(1, "1112", "架空　市", chart_number="1"), made.insurer(291, number="９")
    )
    assert differences(first, second) == [("changed", 0, [("RE", 1), ("HO", 1)])]


def test_the_command_answers_1_when_files_differ(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a, b = tmp_path / "a.UKE", tmp_path / "b.UKE"
    a.write_bytes(made.data())
    b.write_bytes(made.data())
    assert main(["claims", "diff", str(a), str(b)]) == 0
    b.write_bytes(made.data().replace(b"140000610,,52,1", b"140000610,,53,1"))
    capsys.readouterr()
    assert main(["claims", "diff", str(a), str(b)]) == 1
    assert "6 点数: 52 → 53" in capsys.readouterr().out
    assert main(["claims", "diff", str(a), str(b), "--format", "json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["changed"], told["added"], told["is_equal"]) == (1, 0, False)
    assert told["receipts"][0]["records"][0]["items"] == [
        {"number": 6, "term": "点数", "before": "52", "after": "53"}
    ]
    assert main(["claims", "diff", str(a), str(tmp_path / "none")]) == 2


def people(numbers: Iterable[int], points: int = 76, *, names: int = 3) -> list[str]:
    """Receipts of one birthday, whose names and cards repeat; every fifth has no chart number."""
    return [
        "\r\n".join((
            f"RE,{at},1112,202606,架空　{number % names},1,19700401,,,,,,,{number if number % 5 else ''}" + "," * 24,
            f"HO,01130012,12345678,{number % (names + 4)},1,{points},,,,,,,,,",
            "SY,8833421,20240401,1,,,01,",
            f"SI,12,1,112007410,,{points},1" + "," * 19 + "1" + "," * 18,
        )) + "\r\n"
        for at, number in enumerate(numbers, 1)
    ]  # fmt: skip


def file_of(receipts: list[str]) -> bytes:
    head = "IR,1,13,1,9999991,,架空たすきクリニック,202607,00,\r\n"
    return (head + "".join(receipts) + f"GO,{len(receipts)},0,99\r\n\x1a").encode("cp932")


def told(changes: Iterable[ReceiptChange]) -> list[Any]:
    """What is told of each change: the records as they are, without their bytes, which nobody is shown."""
    return [
        (
            each.kind,
            each.points_difference,
            *(
                (None if one is None else [r.values for r in one.records])
                for one in (each.before, each.after)
            ),
            [(r.before and r.before[::2], r.after and r.after[::2], r.items) for r in each.records],
        )
        for each in changes
    ]


def of_files(before: Path, after: Path, *, in_place: tuple[bool, bool]) -> list[Any]:
    with Pairs() as pairs:
        for path, is_in_place in zip((before, after), in_place, strict=True):
            # A name that is no file is a stream.
            given = given_file(str(path) if is_in_place else "-", BytesIO(path.read_bytes()))
            assert isinstance(given, InPlace if is_in_place else Spooled)
            pairs.read(given)
        return told(pairs.changes())


@pytest.mark.parametrize("seed", range(6))
def test_files_that_are_not_held_give_the_changes_of_lists_that_are(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Names, cards and whole receipts that repeat, all of one birthday: the same pairs in the same order."""
    dice = random.Random(seed)
    numbers = [dice.randrange(40) for _ in range(60)]
    before = people(numbers)
    kept = [number for number in numbers if dice.random() < 0.8] + [dice.randrange(50) for _ in range(10)]
    dice.shuffle(kept)
    after = [dice.choice((one, other)) for one, other in zip(people(kept), people(kept, 77), strict=True)]
    # One who was born on another day is another person.
    after.append(people([1])[0].replace(",19700401,", ",19710401,"))
    a, b = file_of(before), file_of(after)
    whole = told(compare_receipts(read(a).receipts, read(b).receipts))
    assert {kind for kind, *_ in whole} == {"added", "removed", "changed"}
    one, other = tmp_path / "a.UKE", tmp_path / "b.UKE"
    one.write_bytes(a)
    other.write_bytes(b)
    monkeypatch.setattr("tasuki_server.cli.claims_given._RANGE_BYTES", 3_000)
    for in_place in ((True, True), (True, False), (False, False)):
        assert of_files(one, other, in_place=in_place) == whole
    # The same content in another encoding and with other line ends is no change.
    other.write_bytes(a.decode("cp932").replace("\r\n", "\n").encode())
    assert of_files(one, other, in_place=(True, False)) == []


def test_receipts_are_cut_in_place_as_the_reader_cuts_them(tmp_path: Path) -> None:
    """A head without items, a blank line, a number that is missing: each receipt as the reader has it."""
    path = tmp_path / "a.UKE"
    lines = [*"".join(people(range(9))).split("\r\n")[:-1]]
    lines[4:4] = ["RE", "", "RE,5", "HO,5"]
    path.write_bytes(file_of(["\r\n".join((*lines, ""))]))
    given = given_file(str(path), BytesIO())
    assert isinstance(given, InPlace)
    found = [given.receipt(*placed[:3]) for placed in given.receipts()]
    given.close()
    file = read(path.read_bytes())
    assert [one.records for one in found] == [one.records for one in file.receipts]
    assert (given.before, given.after) == (file.before, file.after)


@given(
    st.lists(st.tuples(st.integers(1, 15), st.sampled_from(["\r\n", "\n", " \n"])), max_size=6),
    st.lists(st.tuples(st.integers(1, 15), st.sampled_from(["\r\n", "\n"])), max_size=3),
    st.integers(60, 900),
)
@example([(4, "\n")], [], 900)
@settings(max_examples=25, deadline=None)
def test_blank_lines_are_where_they_are_whichever_way_a_file_is_read(blanks, others, size) -> None:
    """Between and within receipts, of one line end or the other: cut in place, from a copy and in memory alike."""

    def blanked(lines: list[str], given: list[tuple[int, str]]) -> bytes:
        for at, blank in given:
            lines = [*lines[:at], blank, *lines[at:]]
        return file_of(["".join(lines)])

    before = "".join(people(range(1, 5))).splitlines(keepends=True)
    after = "".join(people((1, 2, 4, 5), 77)).splitlines(keepends=True)
    a, b = blanked(before, blanks), blanked(after, others)
    whole = told(compare_receipts(read(a).receipts, read(b).receipts))
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr("tasuki_server.cli.claims_given._RANGE_BYTES", size)
        one, other = Path(folder, "a.UKE"), Path(folder, "b.UKE")
        one.write_bytes(a)
        other.write_bytes(b)
        given = given_file(str(one), BytesIO())
        assert isinstance(given, InPlace)
        found = [given.receipt(*placed[:3]).records for placed in given.receipts()]
        given.close()
        file = read(a)
        assert found == [each.records for each in file.receipts]
        assert (given.before, given.after) == (file.before, file.after)
        for in_place in ((True, True), (False, False), (False, True)):
            assert of_files(one, other, in_place=in_place) == whole
        assert of_files(one, one, in_place=(True, False)) == []


def test_a_file_of_people_of_one_birthday_is_not_held_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three times the receipts, of which half differ and nobody has a name of their own, take no more than their places."""
    monkeypatch.setattr("tasuki.claims.reader._CHUNK", 1 << 12)
    peaks = []
    for count in (800, 2_400):
        a = file_of(people(range(count), names=1))
        b = file_of([*people(range(0, count, 2), names=1), *people(range(1, count, 2), 77, names=1)])
        tracemalloc.start()
        with Pairs() as pairs:
            pairs.read(Spooled(BytesIO(a), "a"))
            pairs.read(Spooled(BytesIO(b), "b"))
            assert sum(1 for _ in pairs.changes()) == count // 2
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    # Held as objects a receipt of four records takes some kilobytes; blocks of rows grow to their size below 800.
    assert peaks[1] - peaks[0] < 1_600 * 100, peaks
