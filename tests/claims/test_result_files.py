# SPDX-License-Identifier: Apache-2.0
"""審査結果ファイル — what is written reads back the same; what is not one of them is refused with its reason."""

from __future__ import annotations

from datetime import date

import pytest

from tasuki.claims.item_values import Month
from tasuki.claims.receipt import Receipt
from tasuki.claims.records import Record
from tasuki.claims.result_files import (
    Acceptance,
    AcceptanceLine,
    Payment,
    PaymentLine,
    PointChange,
    ReturnedReceipt,
    ReturnReason,
    history_of,
    read_acceptance,
    read_payment,
    read_points,
    read_returns,
    write_acceptance,
    write_payment,
    write_points,
    write_returns,
)
from tasuki.kernel.finding import BadInput

MONTH = Month(2026, 11)
NUMBER = "113999001012345678901"


def _receipt(name: str) -> Receipt:
    header = ["RE", "1", "1112", "202610", name, "1", "19600401", *[""] * 31]
    header[13], header[18] = "12", NUMBER
    payer = ["HO", "01130012", "21700023", "678", "1", "300", *[""] * 9]
    return Receipt([Record(0, b"", tuple(header)), Record(0, b"", tuple(payer))])


def _returned(name: str = "架空　太郎") -> ReturnedReceipt:
    reasons = (
        ReturnReason(MONTH, "2", "13", "L3148", "記号を確認してください。"),
        ReturnReason(MONTH, "1", "", "", "補足のある返戻", "別紙"),
    )
    return ReturnedReceipt(_receipt(name), reasons, NUMBER, history_of(NUMBER, "A1B2"))


def test_returns_read_back_with_reasons_and_history_byte_for_byte():
    given = [_returned(), _returned("見本　花子")]
    data = write_returns("1", ("13", "9990001", "架空医院"), given)
    assert data.startswith(b"HI,1,13,1,9990001,") and data.endswith(b"HG,2,600,99\r\n\x1a")
    found = read_returns(data)
    assert [each.reasons for each in found] == [each.reasons for each in given]
    assert [each.history for each in found] == [each.history for each in given]
    assert [each.search_number for each in found] == [NUMBER, NUMBER]
    assert [[r.values for r in each.receipt.records] for each in found] == [
        [r.values for r in each.receipt.records] for each in given
    ]
    assert found[0].reasons[0].kind_label == "審査返戻"


def test_a_following_detail_of_point_changes_repeats_what_stands_above():
    first = PointChange(
        Month(2026, 10), 3, "架空　太郎", "12", "60", "01", -144, "B", "判断料 144×1", "算定なし", NUMBER
    )
    second = PointChange(
        Month(2026, 10), 3, "架空　太郎", "12", "13", "01", -225, "D", "管理料 225×1", "", NUMBER
    )
    other = PointChange(Month(2026, 9), 4, "見本　花子", "7", "80", "39", 10, "K", "その他", "", "2" * 20)
    data = write_points("1", MONTH, (first, second, other))
    kinds = [row.split(b",")[0] for row in data.split(b"\r\n") if row]
    assert kinds == [b"1", b"2", b"3", b"4", b"3", b"6"]
    assert data.split(b"\r\n")[3].split(b",")[17] == b""
    assert read_points(data) == (first, second, other)


def test_acceptance_and_payment_read_back():
    lines = (AcceptanceLine(0, "", "", "UKE-L1-1928", "block", "IRがない, \"ファイル\""), AcceptanceLine(2, "202610", "架空　太郎", "UKE-L3-3148", "confirm", "記号"))  # fmt: skip
    accepted = Acceptance("1", MONTH, date(2026, 11, 8), False, 2, lines)
    assert read_acceptance(write_acceptance(accepted)) == accepted
    paid = Payment("2", MONTH, date(2026, 12, 21), 900, (PaymentLine("請求", 2, 130, 1000), PaymentLine("返戻", 1, -10, -100)))  # fmt: skip
    assert read_payment(write_payment(paid)) == paid


def test_a_payment_whose_lines_do_not_add_up_is_refused():
    wrong = Payment("2", MONTH, date(2026, 12, 21), 901, (PaymentLine("請求", 2, 130, 1000), PaymentLine("返戻", 1, -10, -100)))  # fmt: skip
    with pytest.raises(BadInput) as refused:
        read_payment(write_payment(wrong))
    assert refused.value.findings[0].code == "UKE-R-04"


@pytest.mark.parametrize("read", [read_acceptance, read_payment, read_points, read_returns])
@pytest.mark.parametrize(
    "data", [b"", b"IR,1,13\r\n\x1a", b"\x81\xff\xff", b"TASUKI-PAYMENT,1\r\n", b"3,50811\r\n"]
)
def test_anything_else_is_refused(read, data):
    with pytest.raises(BadInput):
        read(data)
