# SPDX-License-Identifier: Apache-2.0
"""返戻と審査結果 — made-up HEN and 増減点 files; what is claimed again keeps history and 検索番号.

No real file of these kinds is public: the rows follow public descriptions and are invented.
"""

from __future__ import annotations

import pytest

from claims import invented_file as made
from claims.other_files import HISTORY, NUMBER, returned_file
from tasuki.claims.checks.run import check_file
from tasuki.claims.item_values import Month
from tasuki.claims.reader import read
from tasuki.claims.receipt import Receipt
from tasuki.claims.returns import reclaim_file, returned_receipts
from tasuki.claims.review_results import result_rows, review_cuts
from tasuki.kernel.finding import BadInput
from tasuki.kernel.messages import sentence


def test_reasons_are_values_and_old_months_are_read() -> None:
    (returned,) = returned_receipts(read(returned_file()))
    (reason,) = returned.reasons
    assert reason.handled_month == Month(2026, 8)
    assert (reason.kind, reason.reason_code, reason.reason) == ("1", "L3133", "資格喪失後の受診")
    assert reason.corrections == ("01",)
    assert reason.notice_month is None
    assert reason.search_number == returned.search_number == NUMBER


def test_a_receipt_claimed_again_keeps_history_and_search_number_byte_for_byte() -> None:
    (returned,) = returned_receipts(read(returned_file()))
    corrected = read(made.data().replace(b",12345678,", b",87654321,")).receipts[0]
    data = reclaim_file(made.record("IR", **made.INSTITUTION[1]), [(returned, corrected)])
    file = read(data, "x")
    (receipt,) = file.receipts
    assert b"".join(one.raw for one in receipt.history) == "\r\n".join((*HISTORY, "")).encode("cp932")
    assert receipt.header.search_number == NUMBER
    assert receipt.insurer is not None
    assert receipt.insurer.symbol == "87654321"
    assert [one.id for one in file.records if one.id in ("HI", "HR", "HG")] == []
    assert file.after[0].values == ("GO", "1", "496", "99")
    assert [f for f in check_file(file) if f.where.record not in ("1",)] == []


def test_the_returned_receipt_itself_can_be_the_corrected_one() -> None:
    (returned,) = returned_receipts(read(returned_file()))
    file = read(reclaim_file(made.record("IR", **made.INSTITUTION[1]), [(returned, returned.receipt)]))
    assert [one.id for one in file.receipts[0].records].count("HR") == 0
    assert len(file.receipts[0].history) == len(HISTORY)


@pytest.mark.parametrize(
    ("number", "old", "new", "code"),
    [
        ("", "", "", "UKE-R-01"),
        ("20260799999999999", NUMBER, NUMBER, "UKE-R-02"),
        (NUMBER, "202606", "202605", "UKE-R-03"),
    ],
)
def test_what_cannot_be_claimed_again_is_refused_with_its_reason(
    number: str, old: str, new: str, code: str
) -> None:
    (returned,) = returned_receipts(read(returned_file(number=number)))
    (source,) = returned_receipts(read(returned_file()))
    head = source.receipt.header.record
    values = tuple(new if value == old else value for value in head.values)
    corrected = Receipt((head._replace(values=values), *source.receipt.records[1:]))
    with pytest.raises(BadInput) as raised:
        reclaim_file(made.record("IR", **made.INSTITUTION[1]), [(returned, corrected)])
    assert [f.code for f in raised.value.findings] == [code]
    assert sentence(raised.value.findings[0])


def cut_row(kind: str, **items: str) -> str:
    values = [kind, *[""] * 29]
    for key, value in items.items():
        values[int(key[1:]) - 1] = value
    return ",".join(values)


CUTS = "\r\n".join(
    (
        cut_row("1"),
        cut_row("2"),
        cut_row("3", n2="50806", n3="12", n18="架空　一郎", n19="00012", n20="40", n22="01", n23="-216", n24="B ",
                n26="52", n28="26", n29=NUMBER),
        cut_row("4", n20="97", n23="-¥7000", n24="AD"),
        cut_row("3", n2="50805", n3="13", n18="架空　花子", n23="x"),
        cut_row("5", n23="-9999"),
    )
).replace("¥", "\\").encode("cp932")  # fmt: skip


def test_cuts_are_filled_down_and_points_are_not_yen() -> None:
    first, second, third = review_cuts(CUTS)
    assert (first.service_month, first.receipt_number, first.points, first.yen) == (
        Month(2026, 6),
        "12",
        -216,
        None,
    )
    assert first.reasons == ("B",)
    assert (second.patient_name, second.section, second.points, second.yen) == (
        "架空　一郎",
        "97",
        None,
        -7000,
    )
    assert second.reasons == ("A", "D")
    assert second.search_number == NUMBER
    # A first detail starts anew: nothing of the patient above flows into it.
    assert (third.chart_number, third.search_number, third.points, third.yen) == ("", "", None, None)
    assert len(result_rows(CUTS)) == 6
