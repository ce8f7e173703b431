# SPDX-License-Identifier: Apache-2.0
"""レセプトの列 — the columns of receipts that were read as objects: the readable way, and the oracle of the fast one."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from tasuki.claims.columns.patient import BUCKETS, bucket_of, patient_key
from tasuki.claims.columns.schema import TABLES, arrow, table_schema
from tasuki.claims.reader import decode_line
from tasuki.claims.records import HO, KO, Line, Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tasuki.claims.receipt import Receipt

Rows = dict[str, list[dict[str, Any]]]


class Source(NamedTuple):
    """出所 — the file some receipts are of: its number, institution, partitions, and whether it is a past month."""

    file: int
    institution: str
    buckets: int = BUCKETS
    is_past: bool = False


def records_of(data: bytes, first_line: int) -> Iterator[Record]:
    """レコード — of lines of Shift_JIS, numbered as in their file."""
    for number, raw in enumerate(_lines(data)):
        text, _ = decode_line(raw.removesuffix(b"\n").removesuffix(b"\r"), "shift_jis")
        yield Record(first_line + number, raw, tuple(text.split(",")))


def _lines(data: bytes) -> Iterator[bytes]:
    for line in data.removesuffix(b"\n").split(b"\n"):
        yield line + b"\n"


def columns_of_receipts(receipts: Iterable[Receipt], source: Source) -> tuple[Any, ...]:
    """レセプトの列 — the four tables."""
    rows: Rows = {name: [] for name in TABLES}
    for receipt in receipts:
        _add(receipt, source, rows)
    table = arrow().Table.from_pylist
    return tuple(table(rows[name], schema=table_schema(name)) for name in TABLES)


def _add(receipt: Receipt, source: Source, rows: Rows) -> None:
    header = receipt.header
    record = header.record
    payers: list[tuple[int, HO | KO]] = [
        *((0, HO(each)) for each in receipt.of("HO")),
        *((nth, each) for nth, each in enumerate(receipt.programmes, 1)),
    ]
    patient = patient_key(source.institution, _identity(receipt, payers))
    month = header.service_month
    keys = {"receipt": source.file * (1 << 32) + record.line, "patient": patient}
    rows["receipts"].append({
        **keys, "line": record.line, "file": source.file, "bucket": bucket_of(patient, source.buckets),
        "institution": source.institution, "number": _int64(header.receipt_number), "type": header.receipt_type,
        "month": int(month.text) if month else 0, "sex": header.sex, "born_on": header.born_on,
        "chart_number": header.chart_number,
        "insurer": payers[0][1].record.value(2) if payers else "", "is_past": source.is_past,
    })  # fmt: skip
    for position, payer in sorted(payers, key=lambda each: each[1].record.line):
        rows["payers"].append({**keys, **_payer(position, payer)})
    for disease in receipt.diseases:
        rows["diseases"].append({
            **keys, "line": disease.record.line, "code": disease.disease_code, "since_on": disease.since_on,
            "outcome": disease.outcome, "modifiers": disease.record.value(5), "name": disease.disease_name,
            "is_main": disease.main == "01",
        })  # fmt: skip
    section = ""
    for line in receipt.lines:
        section = line.section or section
        if isinstance(line, Line):
            for row in _billed(line, header.service_month):
                rows["lines"].append({**keys, "section": section, **row})


def _identity(receipt: Receipt, payers: list[tuple[int, HO | KO]]) -> Iterator[bytes]:
    header = receipt.header.record
    chart = header.value(14)
    card = ("", "", "")
    if payers and not chart:
        position, payer = payers[0]
        value = payer.record.value
        card = (value(2), "", value(3)) if position else (value(2), value(3), value(4))
    for item in (chart, *card, header.value(7), header.value(6)):
        yield item.encode("cp932", "replace")


def _payer(position: int, payer: HO | KO) -> dict[str, Any]:
    value = payer.record.value
    return {
        "line": payer.record.line, "position": position, "number": value(2),
        "symbol": "" if position else value(3), "holder": value(3) if position else value(4),
        "visit_days": _int64(payer.visit_days), "total_points": _int64(payer.total_points),
        "share_yen": _int64(payer.share_yen), "meal_yen": _int64(payer.meal_yen),
    }  # fmt: skip


def _billed(line: Line, month: Any) -> Iterator[dict[str, Any]]:
    code = line.code
    common = {
        "line": line.record.line, "kind": line.record.id, "payer_code": line.payer_code,
        "code": int(code) if len(code) == 9 and code.isascii() and code.isdigit() else None,
        "amount": line.record.value(5), "points": _int64(line.points),
        "times": _int64(line.count),
        "month": int(month.text) if month else 0,
    }  # fmt: skip
    for number, count in line.days:
        yield {**common, "day": _day(month, number), "count": _int64(count) or 0}
    if not line.days:
        yield {**common, "day": None, "count": _int64(line.count) or 0}


def _int64(number: int | None) -> int | None:
    """A number no item of a claim file has room for is out of form, as letters are."""
    return None if number is None or number > _MOST else number


_MOST = (1 << 63) - 1


def _day(month: Any, number: int) -> date | None:
    return month.day(number) if month and number <= month.last_day else None
