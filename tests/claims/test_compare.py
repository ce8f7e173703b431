# SPDX-License-Identifier: Apache-2.0
"""請求ファイルの比較 — receipts matched by whose they are, changes named by record and item."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from claims import invented_file as made
from tasuki.claims.compare import compare_receipts
from tasuki.claims.reader import read
from tasuki.claims.writer import write
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


def test_many_parts_give_the_same_changes_as_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = tmp_path / "a.UKE", tmp_path / "b.UKE"
    a.write_bytes(made.data())
    b.write_bytes(
        made.data().replace(b"140000610,,52,1", b"140000610,,53,1").replace(b"RE,3,1212", b"RE,3,1211")
    )
    main(["claims", "diff", str(a), str(b), "--format", "json"])
    whole = json.loads(capsys.readouterr().out)
    monkeypatch.setattr("tasuki_server.cli.claims_diff._PART", 200)
    main(["claims", "diff", str(a), str(b), "--format", "json"])
    parts = json.loads(capsys.readouterr().out)
    order = lambda one: json.dumps(one, sort_keys=True)  # noqa: E731
    assert sorted(whole.pop("receipts"), key=order) == sorted(parts.pop("receipts"), key=order)
    assert whole == parts
