# SPDX-License-Identifier: Apache-2.0
"""Made-up files of other fee tables, of returns and of results: what a payer sends, and what 医科 does not send."""

from __future__ import annotations

from datetime import date

from claims import invented_file as made
from tasuki.claims.item_values import Month
from tasuki.claims.result_files import (
    Acceptance,
    AcceptanceLine,
    Payment,
    PaymentLine,
    PointChange,
    write_acceptance,
    write_payment,
    write_points,
)
from tasuki.claims.writer import encode_record

NUMBER = "20260712345678901"
HISTORY = (f"1,1,1,MN,,,{NUMBER}", "1,2,1,RE,1,1112,202606, ,trailing ", "1,3,1,RC,0123456789ABCDEF")
REASON = f"HR,50808,1,,L3133,資格喪失後の受診,記号番号を確認,,01,,,{NUMBER}"


def row(*values: str, size: int = 0, **numbered: str) -> str:
    items = [*values, *[""] * max(0, size - len(values))]
    for key, value in numbered.items():
        items[int(key[1:]) - 1] = value
    return ",".join(items)


def encoded(*rows: str) -> bytes:
    return "\r\n".join(rows).encode("cp932") + b"\r\n\x1a"


DENTAL = encoded(
    row("UK", "1", "13", "3", "9999991", "", "架空歯科", "202607", "", "00"),
    row("IR", "1", "13", "3", "9999991", "", "202607", "", ""),
    row("RE", "1", "3112", "202606", "架空　一郎", "1", "19800404", size=27, n14="29", n16="00012"),
    row("HO", "01130012", "1", "2", "1", "226", size=14),
    row("HS", "", "", "102400", "5220063", size=13),
    row("SS", "11", "1", "301072810", size=109, n77="226", n78="1", n79="1"),
    row("GO", "1", "226", "99"),
)
DISPENSING = encoded(
    row("YK", "1", "13", "4", "9999992", "架空薬局", "202607", "00", ""),
    row("RE", "1", "4112", "202606", "架空　花子", "2", "19900101", size=42, n36="77", n12="9999991"),
    row("HO", "01130012", "1", "2", "1", "131", size=14),
    row("SH", "1", "1", "002", "", "4", size=10),
    row("CZ", "1", "20260601", "20260601", "1", "14", size=71, n10="430000001", n11="24", n14="56"),
    row("IY", "1", "620000001", "3", size=10),
    row("KI", "20260601", "1", "1", "410000001", "45", size=114),
    row("GO", "1", "131", "99"),
)
DPC = encoded(
    row("IR", "1", "13", "1", "9999993", "", "架空病院", "202607", "00", ""),
    row("RE", "1", "1111", "202606", "架空　三郎", "1", "19700101"),
    row("BU", "040080x099x0xx", "20260601"),
    row("GO", "1", "5000", "99"),
)
NURSING = encoded(
    row("HM", "1", "13", "6", "9999994", "架空訪問看護", "202607", "00", ""),
    row("RE", "1", "6112", "202606", "架空　四郎", "1", "19480101", size=31),
    row("HO", "01130012", "1", "2", "4", "22200", size=14),
    row("KA", "20260601", "1", "510000110", "5550", size=40),
    row("GO", "1", "22200", "99"),
)


def returned_file(*, number: str = NUMBER) -> bytes:
    """A HEN file of one receipt: HI, the receipt, its reason and history, HG."""
    rows = [made.record(kind, **items) for kind, items in made.PLAIN]
    head = rows[0]
    values = (*head.values[:18], number, *head.values[19:])
    lines = [encode_record(one) for one in (head._replace(values=values), *rows[1:])]
    history = [line.replace(NUMBER, number) for line in HISTORY]
    around = [REASON.replace(NUMBER, number), *history]
    return (
        b"HI,1,13,1,9999991\r\n"
        + b"".join(lines)
        + "\r\n".join(around).encode("cp932")
        + b"\r\nHG,1,496\r\n\x1a"
    )


def result_files() -> dict[str, bytes]:
    """受付結果, 増減点連絡書 and 振込額 of one made-up month, by what they are."""
    month = Month(2026, 11)
    person = (3, "架空　太郎", "12")
    changes = (
        PointChange(Month(2026, 10), *person, "60", "01", -144, "B", "判断料 144×1", "算定なし", NUMBER),
        PointChange(Month(2026, 10), *person, "13", "01", -225, "D", "管理料 225×1", "", NUMBER),
        PointChange(Month(2026, 9), 4, "見本　花子", "7", "80", "39", 10, "K", "その他", "", "2" * 20),
    )
    errors = (
        AcceptanceLine(0, "", "", "UKE-L1-1928", "block", 'IRがない, "ファイル"'),
        AcceptanceLine(2, "202610", "架空　太郎", "UKE-L3-3148", "confirm", "記号"),
    )
    parts = (PaymentLine("請求", 2, 130, 1000), PaymentLine("返戻", 1, -10, -100))
    return {
        "points": write_points("1", month, changes),
        "acceptance": write_acceptance(Acceptance("1", month, date(2026, 11, 8), False, 2, errors)),
        "payment": write_payment(Payment("2", month, date(2026, 12, 21), 900, parts)),
    }
