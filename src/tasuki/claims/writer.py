# SPDX-License-Identifier: Apache-2.0
"""請求ファイルの書出 — items to records and records to the exact bytes a payer accepts.

:func:`compose` makes a record from named items and says which one cannot be written; nothing is cut
short or replaced. :func:`write` joins records as Shift_JIS with CRLF and the EOF byte.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from tasuki.claims import characters
from tasuki.claims import messages as _messages  # noqa: F401
from tasuki.claims.layout import LAYOUTS, NUMBER_FIELDS, Field
from tasuki.claims.records import Record
from tasuki.kernel.finding import Finding, Severity, Where

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

CRLF = b"\r\n"
EOF = b"\x1a"
Value = str | int | Decimal | None


class Composed(NamedTuple):
    """作成レコード — the record, and what could not be written as it should be."""

    record: Record
    findings: tuple[Finding, ...]


def compose(record_id: str, items: Mapping[str, Value], owner: str = "") -> Composed:
    """レコード作成 — a record with exactly its items; absent ones are empty.

    ``owner`` names whose receipt it is in findings. Text of 漢字 mode becomes full-width; numbers lose
    trailing zeros of their decimals. Raises ``KeyError`` for a name the record does not have.

    >>> compose("CO", {"section": "01", "payer_code": "1", "code": "810000001", "text": "右ｱｼ"}).record.values
    ('CO', '01', '1', '810000001', '右アシ')
    """
    size, fields, required = _SHAPES[record_id]
    values = [""] * size
    values[0] = record_id
    findings: list[Finding] = []
    for name, value in items.items():
        if value is None or value == "":
            continue
        field = fields[name]
        text, found = write_item(field, value)
        values[field.number - 1] = text
        findings.extend(_placed(one, owner, record_id, field) for one in found)
    findings.extend(
        _placed(_fault("UKE-W-06"), owner, record_id, field)
        for field in required
        if not values[field.number - 1]
    )
    return Composed(Record(0, b"", tuple(values)), tuple(findings))


class _Shape(NamedTuple):
    size: int
    fields: dict[str, Field]
    required: tuple[Field, ...]


_SHAPES = {
    layout.record_id: _Shape(
        layout.size,
        {field.name: field for field in layout.fields},
        tuple(field for field in layout.fields if field.need == "R"),
    )
    for layout in LAYOUTS.values()
}


class Fault(NamedTuple):
    """項目の誤り — what is wrong with one item, before its place is known."""

    code: str
    severity: Severity
    facts: tuple[tuple[str, object], ...]


def write_item(field: Field, value: Value) -> tuple[str, tuple[Fault, ...]]:
    """項目の記録 — the text of one item, and what keeps it from being accepted."""
    text = number_text(value) if isinstance(value, int | Decimal) else (value or "")
    faults: list[Fault] = []
    if not text:
        return "", (_fault("UKE-W-06"),) if field.need == "R" else ()
    plain = characters.without_selectors(text)
    if plain != text:
        faults.append(_fault("UKE-W-07", Severity.ADVICE))
    if field.mode == "K" or (field.mode == "T" and not characters.is_half(plain)):
        plain = characters.to_wide(plain)
    else:
        plain = characters.settle(plain)
    if field.name in NUMBER_FIELDS and not isinstance(value, str):
        plain = number_text(Decimal(plain)) if plain else ""
    faults.extend(_faults(field, plain))
    return plain, tuple(faults)


def number_text(value: int | Decimal) -> str:
    """数字の記録 — no exponent, no trailing zero of the decimals, no thousands comma.

    >>> [number_text(Decimal(t)) for t in ("1.10", "1.0", "0.00", "1E+3", "0.5")]
    ['1.1', '1', '0', '1000', '0.5']
    """
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _faults(field: Field, text: str) -> Iterable[Fault]:
    separators = "".join(dict.fromkeys(c for c in text if c in ',"' or ord(c) < 0x20 or ord(c) == 0x7F))
    if separators:
        yield _fault("UKE-W-09", characters=separators)
        return
    strange = characters.outside(text)
    if strange:
        yield _fault("UKE-W-01", characters=strange)
        return
    late = "".join(sorted(set(text) & characters.ADDED_IN_1990))
    if late:
        yield _fault("UKE-W-08", Severity.ADVICE, characters=late)
    if field.mode == "N" and not text.replace(".", "", 1 if field.name in NUMBER_FIELDS else 0).isdigit():
        yield _fault("UKE-W-03", text=text)
    elif field.mode in "NA" and not characters.is_half(text):
        yield _fault("UKE-W-04", text=text)
    length = characters.byte_length(text)
    if length > field.limit:
        yield _fault("UKE-W-02", bytes=length, limit=field.limit, wide=field.limit // 2)
    elif field.is_fixed and length < field.limit:
        yield _fault("UKE-W-05", bytes=length, limit=field.limit)


def _fault(code: str, severity: Severity = Severity.BLOCK, **facts: object) -> Fault:
    return Fault(code, severity, tuple(facts.items()))


def _placed(fault: Fault, owner: str, record_id: str, field: Field) -> Finding:
    where = Where(owner, 0, record_id, str(field.number))
    facts = {"term": field.term, **dict(fault.facts)}
    return Finding(fault.code, fault.severity, where, f"claims.write.{fault.code}", facts)


def encode_record(record: Record) -> bytes:
    """レコードの符号化 — the items joined by commas in Shift_JIS, CRLF after them.

    A row of a history block goes out as the bytes it came in: the payer compares them. The last row of a file
    may have come without its line end.

    Raises ``UnicodeEncodeError`` for a character a claim file cannot hold.
    """
    if record.raw and record.is_history:
        return record.raw if record.raw.endswith(b"\n") else record.raw.removesuffix(b"\r") + CRLF
    return characters.encode(",".join(record.values)) + CRLF


def write(records: Iterable[Record]) -> bytes:
    """請求ファイルの書出 — every record, then the EOF byte.

    Raises ``UnicodeEncodeError`` for a character a claim file cannot hold.
    """
    return b"".join(encode_record(record) for record in records) + EOF
