# SPDX-License-Identifier: Apache-2.0
"""支払額 — what the payers owe, by type of receipt, stated amounts and programmes, before and after a cut."""

from __future__ import annotations

import pytest

from tasuki.claims.payable import payable_yen, share_percent
from tasuki.claims.receipt import Receipt
from tasuki.claims.records import Record


def receipt(
    kind: str, points: int | None, share: str = "", programmes=(), benefit: str = "", marks: str = ""
) -> Receipt:
    header = ["RE", "1", kind, "202610", "架空　太郎", "1", "19600401", benefit, *[""] * 30]
    header[11] = marks
    records = [Record(0, b"", tuple(header))]
    if points is not None:
        payer = ["HO", "01130012", "", "", "1", str(points), *[""] * 9]
        payer[11] = share
        records.append(Record(0, b"", tuple(payer)))
    for own_points, own_share, base in programmes:
        row = ["KO", "54136015", "1", "", "1", str(own_points), own_share, base, *[""] * 4]
        records.append(Record(0, b"", tuple(row)))
    return Receipt(records)


# Kind of receipt, points, stated share, programmes (points, left to the patient, stated base), 給付割合, marks; owed.
CASES = [
    ("本人 3割", receipt("1112", 143), 1001),
    ("未就学 2割", receipt("1114", 143), 1144),
    ("高齢受給者 2割", receipt("1118", 143), 1144),
    ("高齢受給者 現役並み 3割", receipt("1110", 143), 1001),
    ("後期 1割", receipt("1318", 143), 1287),
    ("後期 一般Ⅱ 2割", receipt("1318", 143, marks="41"), 1144),
    ("国保 給付割合 8割", receipt("1112", 143, benefit="80"), 1144),
    ("高額療養費: 負担金額の記載", receipt("1112", 10000, share="57600"), 42400),
    ("難病: 1割を残す", receipt("1122", 1000, programmes=[(1000, "1000", "")]), 9000),
    ("難病: 公費給付対象一部負担金の記載", receipt("1122", 10000, share="57600", programmes=[(10000, "5000", "57600")]), 95000),
    ("公費2つ: 2つめが残りを払う", receipt("1132", 1000, programmes=[(1000, "1000", ""), (1000, "500", "")]), 9500),
    ("生活保護 単独", receipt("1212", None, programmes=[(300, "", "")]), 3000),
]  # fmt: skip


@pytest.mark.parametrize(("name", "given", "owed"), CASES, ids=[case[0] for case in CASES])
def test_what_the_payers_owe(name, given, owed):
    assert payable_yen(given) == owed


def test_a_cut_falls_on_payer_and_patient_by_their_shares_unless_the_share_is_stated():
    plain, stated = receipt("1112", 143), receipt("1112", 10000, share="57600")
    assert payable_yen(plain) - payable_yen(plain, 43) == 301
    assert payable_yen(stated) - payable_yen(stated, 43) == 430


def test_what_cannot_be_read_is_not_guessed():
    assert payable_yen(receipt("9999", 143)) is None
    assert payable_yen(receipt("1212", None)) is None
    assert share_percent(receipt("1212", None, programmes=[(300, "", "")])) is None
