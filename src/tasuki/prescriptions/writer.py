# SPDX-License-Identifier: Apache-2.0
"""処方データの書出 — records from named items, and the exact bytes of a format.

The rules themselves say what becomes of a text that cannot stand: a comma is written full-width, a character outside
JIS X 0208 as ■. Each such change is told; nothing is cut short.

Cite: JAHIS 院外処方箋２次元シンボル記録条件規約 Ver.1.10 記録の規則
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from tasuki.kernel.finding import BadInput, Finding, Severity, Where
from tasuki.kernel.shift_jis import OUTSIDE as STRANGE
from tasuki.kernel.shift_jis import TO_CP932, outside
from tasuki.prescriptions import messages as _messages  # noqa: F401
from tasuki.prescriptions.item_checks import item_faults
from tasuki.prescriptions.records import Document, Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tasuki.prescriptions.layout import Field, Format

Value = str | int | Decimal | None
_CONTROLS = re.compile("[\x00-\x1f\x7f]+")
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")


class Composed(NamedTuple):
    """作成レコード — the record, and what was changed in it or cannot be written."""

    record: Record
    findings: tuple[Finding, ...]


def compose(form: Format, number: str, items: Mapping[str, Value], owner: str = "") -> Composed:
    """レコード作成 — a record with exactly its items, absent ones empty. Raises ``KeyError`` for an unknown name.

    >>> from tasuki.prescriptions.outside_layout import OUTSIDE
    >>> compose(OUTSIDE, "81", {"order": 1, "text": "朝,昼　髙橋"}).record.values
    ('81', '1', '', '朝，昼\u3000■橋')
    """
    layout = form.layouts[number]
    values = [number, *("" for _ in layout.fields)]
    findings: list[Finding] = []
    for name, value in items.items():
        field = layout.field(name)
        text, codes = _written(form, field, value)
        values[field.number] = text
        findings.extend(
            _finding(
                owner, code, Severity.ADVICE, number, field.number, "write", {"term": field.term, **facts}
            )
            for code, facts in codes
        )
    findings.extend(
        _finding(owner, fault.code, Severity.BLOCK, number, fault.number, "check", dict(fault.facts))
        for fault in item_faults(layout, tuple(values))
    )
    return Composed(Record(0, tuple(values), form.line_end), tuple(findings))


def number_text(value: int | Decimal) -> str:
    """数値の記録 — no zeros before or behind, one before the point.

    >>> [number_text(Decimal(t)) for t in ("1.50", "0.5", "3.0", "0012", "1E+2")]
    ['1.5', '0.5', '3', '12', '100']
    """
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _written(form: Format, field: Field, value: Value) -> tuple[str, list[tuple[str, dict[str, object]]]]:
    if value is None:
        return "", []
    if not isinstance(value, str):
        return number_text(value), []
    told: list[tuple[str, dict[str, object]]] = []
    text = _SELECTORS.sub("", value)
    plain = _CONTROLS.sub("", text)
    if plain != text:
        told.append(("RX-W-03", {}))
    text = plain.strip(" \u3000")
    if text != plain:
        told.append(("RX-W-04", {}))
    if "," in text:
        told.append(("RX-W-02", {}))
        text = text.replace(",", "，")
    if form.encoding == "shift_jis":
        strange = outside(text)
        if strange:
            told.append(("RX-W-01", {"characters": strange}))
            text = STRANGE.sub("■", text.translate(TO_CP932))
        else:
            text = text.translate(TO_CP932)
    return text, told


def new_document(
    form: Format, records: Iterable[Record], header: tuple[str, ...] = (), name: str = ""
) -> Document:
    """処方データの作成 — of the version that is written; ``header`` are the items after it (お薬手帳 has one)."""
    return Document(
        form,
        Record(1, (f"{form.prefix}{form.version}", *header), form.line_end),
        tuple(records),
        form.encoding,
        b"\x1a" if form.has_end else b"",
        name=name,
    )


def write_prescription(document: Document) -> bytes:
    """処方データの書出 — as its format has it, whatever the bytes were that it was read from.

    Raises :class:`BadInput` for a character the format cannot hold and for an item with a separator in it.
    """
    form = document.format
    lines = [",".join(each.values) + form.line_end for each in (document.header, *document.records)]
    bad = list(_unwritable(document))
    if bad:
        raise BadInput(bad)
    text = "".join(lines)
    body = text.translate(TO_CP932).encode("cp932") if form.encoding == "shift_jis" else text.encode()
    return body + (b"\x1a" if form.has_end else b"")


def _unwritable(document: Document) -> Iterator[Finding]:
    for record in (document.header, *document.records):
        for number, text in enumerate(record.values):
            if "," in text or _CONTROLS.search(text):
                yield _finding(document.name, "RX-W-05", Severity.BLOCK, record.number, number, "write", {})
            elif document.format.encoding == "shift_jis" and not _is_encodable(text):
                facts: dict[str, object] = {"characters": outside(text)}
                yield _finding(
                    document.name, "RX-W-06", Severity.BLOCK, record.number, number, "write", facts
                )


def _is_encodable(text: str) -> bool:
    try:
        text.translate(TO_CP932).encode("cp932")
    except UnicodeEncodeError:
        return False
    return True


def _finding(
    owner: str, code: str, severity: Severity, record: str, field: int, part: str, facts: Mapping[str, object]
) -> Finding:
    where = Where(owner, 0, record, str(field or ""))
    return Finding(code, severity, where, f"prescription.{part}.{code}", facts)
