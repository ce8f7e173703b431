# SPDX-License-Identifier: Apache-2.0
"""請求ファイルの書直し — what was read, written again: as it was, or as a payer accepts it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasuki.claims import characters
from tasuki.claims.fee_tables import FeeTable, fee_table_of
from tasuki.claims.item_values import parse_amount, parse_day, parse_month
from tasuki.claims.layout import DAY_FIELDS, LAYOUTS, MONTH_FIELDS, NUMBER_FIELDS, Field, Layout
from tasuki.claims.reader import read
from tasuki.claims.records import Record
from tasuki.claims.writer import CRLF, EOF, encode_record, number_text, write_item
from tasuki.kernel.finding import BadInput, Finding, Severity, Where

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tasuki.claims.receipt import ClaimFile

BOM = b"\xef\xbb\xbf"


def rewrite(data: bytes, name: str = "") -> bytes:
    """書直し — decode and encode every record in the file's own encoding and line ends.

    A conformant file comes back byte for byte. A line that its own items cannot reproduce (bytes that
    are no text) is written from the bytes kept with it, so that nothing is ever lost.
    """
    return restore(read(data, name))


def restore(file: ClaimFile) -> bytes:
    """復元 — the bytes of a file as it was read."""
    mark = BOM if file.facts.has_bom else b""
    kept = (restore_record(record, file.facts.encoding)[0] for record in file.records)
    return mark + b"".join(kept) + file.facts.tail


def restore_record(record: Record, encoding: str) -> tuple[bytes, bool]:
    """レコードの復元 — the bytes of one line, and whether its items alone give them."""
    line = _from_items(record, encoding)
    return (line, True) if line == record.raw else (record.raw, False)


def restore_records(records: Sequence[Record], encoding: str) -> tuple[bytes, tuple[int, ...]]:
    """レコード群の復元 — the bytes of some lines, and which of them only their kept bytes can reproduce."""
    raw = b"".join([record.raw for record in records])
    # What conforms is the same as a whole; only where it is not each line is asked.
    try:
        whole = "\r\n".join([*[",".join(record.values) for record in records], ""]).encode(_codec(encoding))
    except UnicodeEncodeError:
        whole = b""
    if whole == raw:
        return raw, ()
    return raw, tuple(record.line for record in records if not restore_record(record, encoding)[1])


def kept_lines(file: ClaimFile) -> tuple[int, ...]:
    """原文保持行 — the lines that only their kept bytes can reproduce; none in a conformant file."""
    return tuple(r.line for r in file.records if not restore_record(r, file.facts.encoding)[1])


def conform(data: bytes, name: str = "") -> bytes:
    """適合 — the file as the specification asks: Shift_JIS, CRLF, EOF, Western dates, plain numbers.

    History rows, records without a layout and files of other fee tables keep their items. Short records are filled up with empty
    items. Raises :class:`BadInput` when an item cannot be written without changing what it says.
    """
    file = read(data, name)
    findings: list[Finding] = []
    lines: list[bytes] = []
    has_dpc = any(receipt.of("BU") for receipt in file.receipts)
    is_medical = fee_table_of(file.before) is FeeTable.MEDICAL and not has_dpc
    for record in file.records:
        line, faults = conform_record(record, file.facts.encoding, name, is_medical=is_medical)
        findings.extend(faults)
        if not findings:
            lines.append(line)
    if findings:
        raise BadInput(findings)
    return b"".join(lines) + EOF


def conform_record(
    record: Record, encoding: str, name: str = "", *, is_medical: bool = True
) -> tuple[bytes, tuple[Finding, ...]]:
    """レコードの適合 — one line as a payer accepts it; no bytes, but findings, where that would change it."""
    findings: list[Finding] = []
    if record.is_history and encoding == "shift_jis":
        settled = record._replace(raw=record.raw.rstrip(b"\r\n") + CRLF)
    else:
        settled = _conformed(record._replace(raw=b""), name, findings, LAYOUTS if is_medical else {})
    return (b"" if findings else encode_record(settled)), tuple(findings)


def _codec(encoding: str) -> str:
    return "cp932" if encoding == "shift_jis" else "utf-8"


def _from_items(record: Record, encoding: str) -> bytes | None:
    end = CRLF if record.raw.endswith(CRLF) else b"\n" if record.raw.endswith(b"\n") else b""
    try:
        return ",".join(record.values).encode(_codec(encoding)) + end
    except UnicodeEncodeError:
        return None


def _conformed(record: Record, name: str, findings: list[Finding], layouts: dict[str, Layout]) -> Record:
    layout = layouts.get(record.id)
    if layout is None or record.is_history:
        strange = characters.outside(",".join(record.values))
        if strange:
            where = Where(name, record.line, record.id)
            facts = {"term": record.id, "characters": strange}
            findings.append(
                Finding("UKE-W-01", Severity.BLOCK, where, "claims.write.UKE-W-01", facts)
            )  # fmt: skip
        return record
    values = [record.id]
    if len(record.values) > layout.size and any(record.values[layout.size :]):
        facts_of_count = {"found": len(record.values), "count": layout.size}
        where = Where(name, record.line, record.id)
        findings.append(
            Finding("UKE-W-11", Severity.BLOCK, where, "claims.write.UKE-W-11", facts_of_count)
        )  # fmt: skip
    for field in layout.fields[1:]:
        text = _conformed_text(field, record.value(field.number))
        text, faults = write_item(field, text)
        values.append(text)
        where = Where(name, record.line, record.id, str(field.number))
        findings.extend(
            Finding(
                f.code, f.severity, where, f"claims.write.{f.code}", {"term": field.term, **dict(f.facts)}
            )
            for f in faults
            if f.severity is Severity.BLOCK and f.code not in _JUDGED_ELSEWHERE
        )
    return Record(record.line, record.raw, tuple(values))


# An empty or short item is the check's business: rewriting does not make it worse, and cannot mend it.
_JUDGED_ELSEWHERE = frozenset({"UKE-W-02", "UKE-W-03", "UKE-W-04", "UKE-W-05", "UKE-W-06"})


def _conformed_text(field: Field, text: str) -> str:
    if field.name in DAY_FIELDS and len(text) == 7:
        day = parse_day(text)
        return f"{day:%Y%m%d}" if day else text
    if field.name in MONTH_FIELDS and len(text) == 5:
        month = parse_month(text)
        return month.text if month else text
    if field.name in NUMBER_FIELDS:
        amount = parse_amount(text.strip())
        return number_text(amount) if amount is not None else text
    return text if field.is_fixed else text.rstrip(" ")
