# SPDX-License-Identifier: Apache-2.0
"""A made-up claim file that holds every record kind, every receipt of it conformant."""

from __future__ import annotations

from collections.abc import Mapping

from tasuki.claims.reader import read
from tasuki.claims.receipt import ClaimFile
from tasuki.claims.records import Record
from tasuki.claims.writer import Value, compose, write

Row = tuple[str, dict[str, Value]]

INSTITUTION: Row = (
    "IR",
    {
        "payer": "1", "prefecture": "13", "fee_table": "1", "institution_code": "9999991",
        "institution_name": "架空たすきクリニック", "claim_month": "202607", "volume": "00",
        "telephone": "03-0000-0000",
    },
)  # fmt: skip


def record(record_id: str, **items: Value) -> Record:
    """A record that must be faultless: the tests' own rows are."""
    made = compose(record_id, items)
    assert not made.findings, made.findings
    return made.record


def header(number: int, receipt_type: str, name: str, **items: Value) -> Row:
    base: dict[str, Value] = {
        "receipt_number": number, "receipt_type": receipt_type, "service_month": "202606",
        "patient_name": name, "sex": "1", "born_on": "19800404", "chart_number": f"{number:05}",
    }  # fmt: skip
    return "RE", base | items


def insurer(points: int, days: int = 1, **items: Value) -> Row:
    base: dict[str, Value] = {
        "insurer_number": "01130012", "symbol": "12345678", "number": "１２", "visit_days": days,
        "total_points": points,
    }  # fmt: skip
    return "HO", base | items


def programme(payer: str, recipient: str, points: int, days: int = 1, **items: Value) -> Row:
    base: dict[str, Value] = {
        "payer_number": payer, "recipient_number": recipient, "visit_days": days, "total_points": points
    }  # fmt: skip
    return "KO", base | items


def disease(code: str = "8833421", since: str = "20260601", **items: Value) -> Row:
    return "SY", {"disease_code": code, "since_on": since, "outcome": "1"} | items


def act(section: str, code: str, points: int | None, day: int = 1, **items: Value) -> Row:
    base: dict[str, Value] = {
        "section": section, "payer_code": "1", "code": code, "points": points, "count": 1, f"day_{day}": 1
    }  # fmt: skip
    return "SI", base | items


def drug(section: str, code: str, amount: str, points: int | None, day: int = 1, **items: Value) -> Row:
    kind, row = act(section, code, points, day, amount=amount)
    return "IY" if kind else "", row | items


# 1: insurer alone, a drug unit over two days, comments of both kinds, narrative.
PLAIN: tuple[Row, ...] = (
    header(1, "1112", "架空　一郎", patient_kana="カクウイチロウ"),
    insurer(496, 2),
    ("SN", {"bearer_kind": "1", "confirmation": "01", "branch": "01"}),
    ("JD", {"bearer_kind": "1", "day_1": 1, "day_8": 1}),
    ("MF", {"counter_kind": "00"}),
    disease(main="01"),
    disease("0000999", disease_name="架空性頭痛", comment="右"),
    act("11", "111000110", 291),
    act("12", "112007410", 75, 8, comment_1_code="810000001", comment_1_text="午後受診"),
    drug("21", "620000001", "3", None, count=14, day_1=7, day_8=7),
    drug("", "620000002", "1.5", 5, count=14, day_1=7, day_8=7),
    ("CO", {"section": "", "payer_code": "1", "code": "810000001", "text": "毎食後"}),
    act("40", "140000610", 52),
    ("TO", {"section": "", "payer_code": "1", "code": "710010001", "amount": "2", "points": 8, "count": 1,
            "unit_code": "001", "unit_price": "40.5", "product_name": "架空テープ　１号", "day_1": 1}),
    ("SJ", {"kind": "01", "text": "頭痛が続く。"}),
    ("SJ", {"kind": "", "text": "発熱はない。"}),
)  # fmt: skip

# 2: insurer with one programme, part of the receipt under it.
COMBINED: tuple[Row, ...] = (
    header(2, "1122", "架空　花子", sex="2", benefit_percent=None, special_notes="29"),
    insurer(466, symbol="１２３４５６７８"),
    programme("54136015", "1234566", 175, share_yen=0),
    disease(),
    act("11", "111000110", 291, payer_code="1"),
    act("60", "160000310", 175, payer_code="2"),
)

# 3: programme alone; 4: late elderly with a history block of a returned receipt.
ALONE: tuple[Row, ...] = (
    header(3, "1212", "架空　次郎"),
    programme("12131234", "7654321", 291),
    disease(),
    act("11", "111000110", 291, payer_code="5"),
)
INPATIENT: tuple[Row, ...] = (
    header(4, "1111", "架空　三郎", admitted_on="20260610", ward_kinds="07", share_class=None,
           search_number="20260712345678901"),
    insurer(1700, 1, meal_count=2, meal_yen=1340),
    ("GR", {"reason": "06", "dpc_code": ""}),
    disease(),
    act("90", "190000001", 1700, 10),
    act("97", "197000001", 670, 10, count=2, day_10=2),
    ("TI", {"organ_kind": "1", "place_kind": "1"}),
    ("TR", {"receipt_number": 1, "receipt_type": "1991", "service_month": "202606", "sex": "2",
            "born_on": "19700101"}),
    ("TS", {"visit_days": 1, "total_points": 500}),
    disease(),
    act("50", "150000001", 500, 10),
)  # fmt: skip
TRAILER: Row = ("GO", {"receipt_count": 5, "total_points": 496 + 466 + 291 + 1700, "volume": "99"})
HISTORY = (
    "1,1,1,MN,,,20260712345678901", "1,2,1,RE,4,1111,202606", "1,3,1,RC,0123456789ABCDEF",
)  # fmt: skip


def rows() -> list[Record]:
    everything = (INSTITUTION, *PLAIN, *COMBINED, *ALONE, *INPATIENT)
    made = [record(kind, **items) for kind, items in everything]
    history = [Record(0, b"", tuple(line.split(","))) for line in HISTORY]
    return [*made, *history, record(TRAILER[0], **TRAILER[1])]


def data() -> bytes:
    """The bytes of the file."""
    return write(rows())


def file() -> ClaimFile:
    return read(data(), "架空.UKE")


def one_receipt(*parts: Row, institution: Mapping[str, Value] | None = None) -> bytes:
    """A file of one receipt with the totals that its insurer or first programme names."""
    made = [compose(kind, items).record for kind, items in parts]
    payers = [one for one in made if one.id in ("HO", "KO")]
    points = payers[0].value(6) if payers else "0"
    head = record("IR", **(INSTITUTION[1] | dict(institution or {})))
    tail = compose("GO", {"receipt_count": len(payers), "total_points": points, "volume": "99"}).record
    return write([head, *made, tail])
