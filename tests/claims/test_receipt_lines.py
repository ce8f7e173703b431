# SPDX-License-Identifier: Apache-2.0
"""明細の行 — every record of a receipt is one line, in its block, with what its unit is paid."""

from __future__ import annotations

from claims.invented_file import PLAIN, data, disease, file, header, insurer, one_receipt
from claims.test_view import BOOK
from tasuki.claims.checks.rule import Context
from tasuki.claims.checks.run import check_receipt
from tasuki.claims.reader import read
from tasuki.claims.records import Record
from tasuki.claims.view import receipt_lines


def _plain():
    (receipt,) = read(one_receipt(*PLAIN)).receipts
    return receipt


def test_every_record_is_one_line_and_no_line_is_told_twice() -> None:
    for receipt in file().receipts:
        numbers = [line.number for block in receipt_lines(receipt, None) for line in block.lines]
        wanted = [at for at, one in enumerate(receipt.records, 1) if not one.is_history]
        assert sorted(numbers) == wanted


def test_the_blocks_add_up_to_what_the_insurer_is_asked() -> None:
    receipt = _plain()
    blocks = receipt_lines(receipt, BOOK)
    assert [block.title for block in blocks][:2] == ["患者・保険・公費", "傷病名"]
    assert sum(block.points for block in blocks if block.section) == receipt.insurer.total_points
    lines = [line for block in blocks for line in block.lines]
    days = next(line for line in lines if line.record == "JD")
    assert days.days == (1, 8)
    assert next(line for line in lines if line.record == "SY").text == "高血圧症"
    paid = [line for line in lines if line.points is not None and line.times is not None]
    assert all(line.days for line in paid)
    assert {line.begins_unit for line in lines} == {True, False}


def test_a_finding_of_a_numbered_receipt_names_its_line() -> None:
    (receipt,) = read(
        one_receipt(header(1, "1112", "架空　一郎"), insurer(20), disease(since="20260701"))
    ).receipts
    numbered = type(receipt)(Record(at, b"", one.values) for at, one in enumerate(receipt.records, 1))
    found = [one for one in check_receipt(numbered, Context("1")) if one.where.record == "SY"]
    assert found and {one.where.line for one in found} == {3}
    (line,) = [line for block in receipt_lines(numbered, None) for line in block.lines if line.number == 3]
    assert line.record == "SY" and "2026-07-01開始" in line.detail


def test_a_returned_receipt_keeps_its_history_out_of_the_lines() -> None:
    (receipt, *_) = read(data()).receipts
    history = [Record(0, b"1,1,0,MN,1\r\n", ("1", "1", "0", "MN", "1"))]
    longer = type(receipt)([*receipt.records, *history])
    assert receipt_lines(longer, None) == receipt_lines(receipt, None)
