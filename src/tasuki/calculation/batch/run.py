# SPDX-License-Identifier: Apache-2.0
"""パーティションの算定 — record batches of visits in, record batches of statements out."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tasuki.calculation.batch.tables import arrow, check_columns, statement_table_schema
from tasuki.calculation.calculate_file import calculate_case
from tasuki.calculation.visit_json import decode_visit
from tasuki.chart.visit import History
from tasuki.kernel.finding import BadInput, Finding, Severity, Where
from tasuki.kernel.messages import register, sentence
from tasuki.masters.starter import load_starter
from tasuki.masters.store import load_book

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tasuki.calculation.statement import Line, Statement
    from tasuki.calculation.visit_json import VisitCase
    from tasuki.chart.visit import PastLine
    from tasuki.masters.book import Book

register(
    {
        "calculation.rows_apart": "医療機関 {institution}・患者 {patient} の行が続いていません。並べ替えてから渡してください。",
        "calculation.other_institution": "行の医療機関 {institution} と document の {found} が違います。",
        "calculation.table_of_one_payer": "支払者を分ける受診（payers）は受診の表では計算しません。calculate か calculate batch に1行1受診のファイルで渡してください。",
        "calculation.visit_twice": "受診 {visit} が二度あります。",
        "calculation.row_empty": "列 {column} が空です。",
    }
)


class Row(NamedTuple):
    """行 — one visit of the table, with its place in the partition."""

    number: int
    institution: str
    patient: str
    visit: str
    document: str


class PartitionRun:
    """パーティションの算定 — a callable for one partition, as Spark's ``mapInArrow`` and the process pool ask it.

    It carries the path of the compiled masters only, so that it travels to other processes; each opens the
    book once. Without a path it is the starter. The rows of one patient at one institution stand together:
    the visits are calculated in the order of their time, each with those before it in its history.
    """

    def __init__(self, masters: str = "", name: str = "") -> None:
        self.masters = masters
        self.name = name

    def __call__(self, batches: Iterable[Any]) -> Iterator[Any]:
        """The statements of the partition, in batches of some thousand rows.

        Raises :class:`BadInput` for columns that are missing. What is wrong with a row is a finding of the row.
        """
        pa, schema = arrow(), statement_table_schema()
        book = book_at(self.masters)
        size = 0
        waiting: list[dict[str, Any]] = []
        seen: set[tuple[str, str]] = set()
        for key, rows in groupby(_rows(batches, self.name), key=lambda row: (row.institution, row.patient)):
            is_apart = key in seen
            seen.add(key)
            waiting.extend(_patient(list(rows), book, is_apart=is_apart))
            if len(waiting) >= BATCH_ROWS:
                size += len(waiting)
                yield pa.RecordBatch.from_pylist(waiting, schema=schema)
                waiting = []
        if waiting or not size:
            yield pa.RecordBatch.from_pylist(waiting, schema=schema)


BATCH_ROWS = 2_000


@lru_cache(maxsize=2)
def book_at(masters: str) -> Book:
    """点数表の本 — of a compiled store, the starter for "". One a process."""
    return load_book(Path(masters).read_bytes(), masters) if masters else load_starter()


def _rows(batches: Iterable[Any], name: str) -> Iterator[Row]:
    number = 0
    for batch in batches:
        check_columns(batch.schema, name)
        columns = [batch.column(column).to_pylist() for column in Row._fields[1:]]
        has_places = "row" in batch.schema.names
        places = (
            batch.column("row").to_pylist() if has_places else range(number + 1, number + batch.num_rows + 1)
        )
        number += batch.num_rows
        for place, *values in zip(places, *columns, strict=True):
            yield Row(place, *(value or "" for value in values))


def _patient(rows: list[Row], book: Book, *, is_apart: bool) -> Iterator[dict[str, Any]]:
    """The rows of one patient by the time of their visits; a row that cannot be used changes no other."""
    ready: list[tuple[VisitCase, Row]] = []
    seen: set[str] = set()
    for row in rows:
        found = _row_findings(row, seen, is_apart=is_apart)
        seen.add(row.visit)
        if found:
            yield _refused(row, found)
            continue
        try:
            case = decode_visit(row.document.encode())
        except BadInput as bad:
            yield _refused(row, bad.findings)
            continue
        if case.institution.code != row.institution:
            facts = {"institution": row.institution, "found": case.institution.code}
            yield _refused(row, [_finding("CAL-0124", "calculation.other_institution", "institution", facts)])
            continue
        if case.payers is not None:
            yield _refused(row, [_finding("CAL-0134", "calculation.table_of_one_payer", "payers", {})])
            continue
        ready.append((case, row))
    before: tuple[PastLine, ...] = ()
    ours = frozenset(row.visit for _, row in ready)
    for case, row in sorted(ready, key=lambda each: (each[0].visit.at, each[1].visit)):
        visit = replace(case.visit, id=row.visit)
        with_id = case._replace(visit=visit, history=_joined(case.history, before, ours))
        try:
            statement = calculate_case(with_id, book)
        except BadInput as bad:
            yield _refused(row, bad.findings)
            continue
        before = (*before, *statement.as_history())
        yield _answered(row, statement)


def _row_findings(row: Row, seen: set[str], *, is_apart: bool) -> list[Finding]:
    found = [
        _finding("CAL-0123", "calculation.row_empty", name, {"column": name})
        for name in Row._fields[1:]
        if not getattr(row, name)
    ]
    if row.visit in seen:
        found.append(_finding("CAL-0125", "calculation.visit_twice", "visit", {"visit": row.visit}))
    if is_apart:
        facts = {"institution": row.institution, "patient": row.patient}
        found.append(_finding("CAL-0126", "calculation.rows_apart", "patient", facts))
    return found


def _joined(told: History, before: tuple[PastLine, ...], ours: frozenset[str]) -> History:
    """What the document tells of visits outside the table, and what this run calculated before."""
    others = tuple(line for line in told.lines if line.visit_id not in ours)
    return History((*others, *before))


def _finding(code: str, key: str, field: str, facts: Mapping[str, object]) -> Finding:
    return Finding(code, Severity.BLOCK, Where(field=field), key, facts)


def _refused(row: Row, findings: Iterable[Finding]) -> dict[str, Any]:
    return {**_key(row), "lines": [], "findings": [_told(each) for each in findings]}


def _answered(row: Row, statement: Statement) -> dict[str, Any]:
    lines = [_line(line, unit.section, unit.times) for unit in statement.units for line in unit.lines]
    lines.extend(_line(line, "", 0) for line in (*statement.denied, *statement.advised))
    return {
        **_key(row),
        "day": statement.day,
        "revision": statement.revision,
        "kind": statement.kind.value,
        "total_points": statement.total_points,
        "lines": lines,
        "findings": [_told(each) for each in statement.findings],
    }


def _key(row: Row) -> dict[str, Any]:
    return {"institution": row.institution, "patient": row.patient, "visit": row.visit, "row": row.number}


def _line(line: Line, section: str, times: int) -> dict[str, Any]:
    reason = line.because[-1] if line.because else None
    return {
        "verdict": line.verdict.value,
        "section": section,
        "code": line.code,
        "name": line.name,
        "points": line.points,
        "times": times,
        "rule": reason.rule_id if reason else "",
        "cite": reason.cite if reason else "",
    }


def _told(finding: Finding) -> dict[str, str]:
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "field": finding.where.field,
        "message": sentence(finding),
    }
