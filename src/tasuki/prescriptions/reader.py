# SPDX-License-Identifier: Apache-2.0
"""処方データの読取 — bytes of a symbol or file to records, losing nothing; what departs from the rules is told."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, NoReturn

from tasuki.kernel.finding import BadInput, Finding, Severity, Where
from tasuki.kernel.printable import printable
from tasuki.prescriptions import messages as _messages  # noqa: F401
from tasuki.prescriptions.checks import check_document
from tasuki.prescriptions.dispensing_layout import DISPENSED
from tasuki.prescriptions.notebook_layout import NOTEBOOK
from tasuki.prescriptions.outside_layout import OUTSIDE
from tasuki.prescriptions.records import Document, Record
from tasuki.prescriptions.service_layout import SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tasuki.prescriptions.layout import Format

# Sixteen symbols hold less than fifty kilobytes.
MOST_BYTES = 1024 * 1024
MOST_RECORDS = 20_000
MOST_ITEMS = 500
_BOM = b"\xef\xbb\xbf"
_EOF = b"\x1a"
_HEADER = re.compile(r"(JAHISTC|JAHIS|SJ|CJ)([0-9]{1,2})")
_FORMATS = {each.prefix: each for each in (OUTSIDE, SERVICE, NOTEBOOK, DISPENSED)}
_CODECS = {"shift_jis": "cp932", "utf-8": "utf-8"}
_SHOWN = {"shift_jis": "シフトJIS", "utf-8": "UTF-8"}
# What UTF-8 takes two bytes for are two half-width katakana of Shift_JIS.
_SHORT = re.compile("[\u0080-\u07ff]")
_LONG = re.compile("[\u0800-\U0010ffff]")


def read_prescription(data: bytes, name: str = "") -> Document:
    """処方データの読取 — of the format its header names, with what was found.

    Raises :class:`BadInput` for what has no such header, is too large, or cannot be decoded: a drug's name is never
    guessed.

    >>> found = read_prescription("JAHIS10\\r\\n1,1,1234567,13,架空医院\\r\\n\\x1a".encode("cp932"))
    >>> found.format.name, found.version, found.value("1", "institution_name")
    ('JAHIS', '10', '架空医院')
    """
    if len(data) > MOST_BYTES:
        _refuse(name, "RX-F-03", what="バイト数", limit=MOST_BYTES)
    has_bom = data.startswith(_BOM)
    body = data.removeprefix(_BOM)
    end = body.find(_EOF)
    body, tail = (body, b"") if end < 0 else (body[:end], body[end:])
    text, encoding = _decode(body, name)
    lines = re.findall(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+\Z", text)
    if len(lines) > MOST_RECORDS:
        _refuse(name, "RX-F-03", what="レコードの数", limit=MOST_RECORDS)
    records = [_record(number, line, name) for number, line in enumerate(lines, 1)]
    found = _HEADER.fullmatch(records[0].number) if records else None
    if found is None:
        _refuse(name, "RX-F-01", text=printable(records[0].number, 20) if records else "")
    kept = b"" if text.encode(_CODECS[encoding]) == body else body
    document = Document(
        _FORMATS[found[1]], records[0], tuple(records[1:]), encoding, tail, has_bom, kept, name
    )
    return replace(document, findings=(*_shape_findings(document), *check_document(document)))


def _record(number: int, line: str, name: str) -> Record:
    body = line.rstrip("\r\n")
    if body.count(",") > MOST_ITEMS:
        _refuse(name, "RX-F-03", what="項目の数", limit=MOST_ITEMS)
    return Record(number, tuple(body.split(",")), line[len(body) :])


def _decode(body: bytes, name: str) -> tuple[str, str]:
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as wrong:
        at = wrong.start
    else:
        if text.isascii():
            return text, "shift_jis"
        # What the service takes is UTF-8 by its rules; elsewhere a few bytes may be text in both.
        if body.startswith((b"SJ", b"CJ")) or not _SHORT.search(text) or _LONG.search(text):
            return text, "utf-8"
        at = 0
    try:
        return body.decode("cp932"), "shift_jis"
    except UnicodeDecodeError as wrong:
        _refuse(name, "RX-F-02", at=max(at, wrong.start))


def _shape_findings(document: Document) -> Iterator[Finding]:
    form: Format = document.format
    is_ascii = all(value.isascii() for record in document.records for value in record.values)
    if (document.encoding != form.encoding and not is_ascii) or document.has_bom:
        facts = {"format": form.term, "found": _SHOWN[document.encoding], "expected": _SHOWN[form.encoding]}
        yield _finding(document, "RX-F-04", Severity.CONFIRM, **facts)
    strange = sum(1 for each in (document.header, *document.records) if each.end not in ("", form.line_end))
    if strange:
        # The service refuses any line end but LF (EPSB0052E).
        yield _finding(document, "RX-F-05", Severity.CONFIRM, count=strange)
    if form.has_end and not document.tail:
        yield _finding(document, "RX-F-06", Severity.ADVICE)
    extra = len(document.tail) - (1 if form.has_end and document.tail else 0)
    if extra and not (form.name == "JAHISTC" and document.tail == _EOF):
        yield _finding(document, "RX-F-08", Severity.ADVICE, count=extra)
    if document.version != form.version:
        facts = {"version": document.version, "format": form.term, "known": form.version}
        yield _finding(document, "RX-F-09", Severity.ADVICE, **facts)


def restore(document: Document) -> bytes:
    """元のバイト列 — what was read, byte for byte, whatever departed from the rules.

    >>> data = "JAHIS10\\n1,1,1234567,13,\\n".encode()
    >>> restore(read_prescription(data)) == data
    True
    """
    text = "".join(",".join(each.values) + each.end for each in (document.header, *document.records))
    body = document.kept or text.encode(_CODECS[document.encoding])
    return (_BOM if document.has_bom else b"") + body + document.tail


def _finding(document: Document, code: str, severity: Severity, **facts: object) -> Finding:
    return Finding(code, severity, Where(document.name), f"prescription.read.{code}", facts)


def _refuse(name: str, code: str, **facts: object) -> NoReturn:
    raise BadInput([Finding(code, Severity.BLOCK, Where(name), f"prescription.read.{code}", facts)])
