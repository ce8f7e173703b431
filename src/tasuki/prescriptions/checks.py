# SPDX-License-Identifier: Apache-2.0
"""処方データの点検 — every record by its layout, then what records say of one another: order, RPs, drugs."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING

from tasuki.kernel.finding import Finding, Severity, Where
from tasuki.kernel.kept import LONGEST_KEPT
from tasuki.kernel.printable import printable
from tasuki.prescriptions import messages as _messages  # noqa: F401
from tasuki.prescriptions.dispensing_layout import DISPENSED
from tasuki.prescriptions.item_checks import Fault, item_faults
from tasuki.prescriptions.layout import Repeat
from tasuki.prescriptions.notebook_layout import NOTEBOOK
from tasuki.prescriptions.outside_layout import OUTSIDE
from tasuki.prescriptions.service_layout import OPEN_RECORDS, SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tasuki.prescriptions.layout import Format, Layout
    from tasuki.prescriptions.records import Document, Record

_FORMS = {each.name: each for each in (OUTSIDE, SERVICE, NOTEBOOK, DISPENSED)}
_OF_RP = frozenset((Repeat.RP, Repeat.RP_MANY, Repeat.DRUG, Repeat.DRUG_MANY))
# Formats whose dispensings begin with their day.
_NOTEBOOKS = frozenset(("JAHISTC", "CJ"))
_OF_DRUG = frozenset((Repeat.DRUG, Repeat.DRUG_MANY))


def check_document(document: Document) -> tuple[Finding, ...]:
    """処方データの点検 — in the order of the lines, then what is missing. Nothing is changed."""
    found: list[Finding] = []
    for record in document.records:
        layout = document.layout(record)
        if layout is None:
            found.append(
                _finding(document, "RX-F-07", record, "", "read", found=printable(record.number, 20))
            )
        elif layout.number not in OPEN_RECORDS:
            found.extend(
                Finding(
                    fault.code,
                    fault.severity,
                    Where(document.name, record.line, record.number, str(fault.number or "")),
                    f"prescription.check.{fault.code}",
                    dict(fault.facts),
                )
                for fault in _faults_of(document.format, layout, record.values)
            )
    found.extend(_repeats(document))
    if document.format.name in _NOTEBOOKS:
        found.extend(_notebook(document))
    else:
        found.extend(_order(document))
        found.extend(_rps(document))
    return tuple(found)


def _faults_of(form: Format, layout: Layout, values: tuple[str, ...]) -> tuple[Fault, ...]:
    """Records of drugs and usages are alike in a thousand prescriptions; those of persons are not kept."""
    if layout.repeat in _OF_RP and sum(map(len, values)) <= LONGEST_KEPT:
        return _kept_faults(form.name, layout.number, values)
    return tuple(item_faults(layout, values))


@lru_cache(maxsize=16_384)
def _kept_faults(form: str, number: str, values: tuple[str, ...]) -> tuple[Fault, ...]:
    return tuple(item_faults(_FORMS[form].layouts[number], values))


def _repeats(document: Document) -> Iterator[Finding]:
    counts = Counter(record.number for record in document.records)
    for layout in document.format.layouts.values():
        if layout.is_needed and not counts[layout.number]:
            yield _of_file(document, "RX-C-10", layout)
        if layout.repeat is Repeat.ONCE and counts[layout.number] > 1:
            second = list(document.of(layout.number))[1]
            yield _finding(document, "RX-C-11", second, "", term=layout.term, number=layout.number,
                           count=counts[layout.number])  # fmt: skip
    if document.format.name in _NOTEBOOKS:
        return
    for repeat in (Repeat.RP, Repeat.DRUG):
        size = 2 if repeat is Repeat.RP else 3
        seen: Counter[tuple[str, ...]] = Counter()
        for record in document.records:
            known = document.layout(record)
            if known is not None and known.repeat is repeat:
                key = record.values[:size]
                seen[key] += 1
                if seen[key] == 2:
                    yield _finding(
                        document, "RX-C-11", record, "", term=known.term, number=known.number, count=2
                    )


def _order(document: Document) -> Iterator[Finding]:
    """Numbers ascend up to 82, then in each RP, then in each drug; the service's own records come last."""
    last: tuple[int, int, int, int] = (0, 0, 0, 0)
    for record in document.records:
        layout = document.layout(record)
        if layout is None:
            continue
        number = int(layout.number)
        rp = _whole(record.item(1)) if layout.repeat in _OF_RP else 0
        order = _whole(record.item(2)) if layout.repeat in _OF_DRUG else 0
        place = (rp if rp else (10**9 if number > 300 else 0), order, number, 0)
        if place < last:
            yield _finding(document, "RX-C-12", record, "", term=layout.term, number=layout.number)
        last = max(last, place)


def _rps(document: Document) -> Iterator[Finding]:
    layouts = document.format.layouts
    have = {number: {record.item(1) for record in document.of(number)} for number in ("101", "111", "201")}
    drugs = {(record.item(1), record.item(2)) for record in document.of("201")}
    rps: dict[str, Record] = {}
    for record in document.records:
        layout = document.layout(record)
        if layout is not None and layout.repeat in _OF_RP:
            rps.setdefault(record.item(1), record)
            if layout.repeat in _OF_DRUG and (record.item(1), record.item(2)) not in drugs:
                facts = {"rp": printable(record.item(1), 10), "order": printable(record.item(2), 10)}
                yield _finding(document, "RX-C-14", record, "", **facts)
    for rp, first in rps.items():
        for number in ("101", "111", "201"):
            if rp not in have[number]:
                yield _finding(
                    document,
                    "RX-C-13",
                    first,
                    "",
                    rp=printable(rp, 10),
                    term=layouts[number].term,
                    number=number,
                )
    burdens = {(record.item(1), record.item(2)) for record in document.of("231")}
    if burdens and drugs - burdens:
        yield _finding(document, "RX-C-15", next(document.of("231")), "")


def _notebook(document: Document) -> Iterator[Finding]:
    """A dispensing begins with its day (5); 201 and 301 of an RP belong together; 31 names a 3."""
    layouts = document.format.layouts
    category = document.header.item(1)
    if document.format.name == "JAHISTC" and category not in ("1", "2"):
        yield _finding(document, "RX-C-05", document.header, "1", term="出力区分", text=printable(category))
    if category == "1":
        for record in document.of("11"):
            for name in ("prefecture", "fee_table", "institution_code"):
                if not document.item(record, name):
                    field = layouts["11"].field(name)
                    facts = {"term": field.term, "reason": "患者への提供（出力区分1）"}
                    yield _finding(document, "RX-C-19", record, str(field.number), **facts)
    orders = {document.item(record, "order") for record in document.of("3")}
    begun = False
    block: dict[str, dict[str, Record]] = {"201": {}, "301": {}}
    for record in document.records:
        layout = document.layout(record)
        if layout is None:
            continue
        if record.number == "5":
            yield from _pairs(document, block)
            begun, block = True, {"201": {}, "301": {}}
        elif not begun and (layout.repeat in _OF_RP or record.number in ("11", "15", "51", "55")):
            yield _finding(document, "RX-C-12", record, "", term=layout.term, number=layout.number)
        if record.number in block:
            block[record.number].setdefault(record.item(1), record)
        if record.number == "31" and record.item(1) not in orders:
            facts = {"order": printable(record.item(1), 10), "term": layouts["3"].term, "number": "3"}
            yield _finding(document, "RX-C-21", record, "1", **facts)
    yield from _pairs(document, block)


def _pairs(document: Document, block: dict[str, dict[str, Record]]) -> Iterator[Finding]:
    for mine, other in (("201", "301"), ("301", "201")):
        for rp, record in block[mine].items():
            if rp not in block[other]:
                facts = {
                    "rp": printable(rp, 10),
                    "term": document.format.layouts[other].term,
                    "number": other,
                }
                yield _finding(document, "RX-C-13", record, "", **facts)


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 9 else 0


def _of_file(document: Document, code: str, layout: Layout) -> Finding:
    facts = {"term": layout.term, "number": layout.number}
    return Finding(code, Severity.CONFIRM, Where(document.name), f"prescription.check.{code}", facts)


def _finding(
    document: Document, code: str, record: Record, field: str, part: str = "check", **facts: object
) -> Finding:
    where = Where(document.name, record.line, printable(record.number, 20), field)
    return Finding(code, Severity.CONFIRM, where, f"prescription.{part}.{code}", facts)
