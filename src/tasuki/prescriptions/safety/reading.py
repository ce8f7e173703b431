# SPDX-License-Identifier: Apache-2.0
"""医薬品知識の読取り — tab-separated text with a header to rows; what is wrong is named by file, row and column.

The layout is our own (``docs/guide`` shows it): UTF-8, a header line, one row a line, an empty cell for the
default. Unlike the tables the project ships for itself these are written by people, so every fault is collected.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, get_args

import msgspec

from tasuki.kernel.finding import BadInput, Finding, Severity, Where
from tasuki.kernel.printable import printable
from tasuki.kernel.validity import Validity
from tasuki.prescriptions.safety import messages as _messages  # noqa: F401
from tasuki.prescriptions.safety.rows import (
    ALWAYS,
    AgeCaution,
    AllergyClass,
    DiseaseCaution,
    DoseLimit,
    GroupMember,
    Interaction,
    KidneyCaution,
    KnowledgeRow,
    StateCaution,
    Strength,
    Tier,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

R = TypeVar("R", bound=KnowledgeRow)
# File name without its ending → the kind of its rows.
TABLES: Mapping[str, type[KnowledgeRow]] = {
    "groups": GroupMember,
    "interactions": Interaction,
    "diseases": DiseaseCaution,
    "doses": DoseLimit,
    "strengths": Strength,
    "ages": AgeCaution,
    "states": StateCaution,
    "kidney": KidneyCaution,
    "allergies": AllergyClass,
}
TIERS: Mapping[str, Tier] = {"禁忌": Tier.STOP, "注意": Tier.CAUTION, "情報": Tier.INFO}
_MOST_FINDINGS = 200
# Heads of 薬価基準収載医薬品コード, or a code of nine digits.
_HEAD = re.compile(r"\d{3}|\d{4}|\d{7}|\d{7}[A-Z]|\d{7}[A-Z]\d|\d{7}[A-Z][0-9A-Z]{4}|6\d{8}")
_DISEASE = re.compile(r"[A-Z]\d{0,5}|([A-Z])\d\d-\1\d\d|\d{7}")


class _BadCell(ValueError):
    """What a cell should have been."""


class Cell(NamedTuple):
    """セル — a column of the header and what stands in it."""

    column: str
    text: str


def read_table(kind: type[R], data: bytes, file: str, groups: Collection[str] | None = None) -> tuple[R, ...]:
    """医薬品知識の読取り — of one table; with ``groups`` the tokens of its drugs and diseases are judged too.

    Raises :class:`BadInput` with every fault found, up to two hundred.

    >>> rows = read_table(AgeCaution, "drug\\ttier\\tage_to\\tsource\\n2242001\\t禁忌\\t11\\t架空\\n".encode(), "ages.tsv")
    >>> rows[0].age_to, rows[0].tier.value
    (11, 'stop')
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as trouble:
        raise BadInput([_finding("RX-K-01", Where(file), at=trouble.start + 1)]) from trouble
    header, *lines = text.replace("\r\n", "\n").rstrip("\n").split("\n")
    columns = header.split("\t")
    findings = list(_header_faults(kind, columns, file))
    if findings:
        raise BadInput(findings)
    rows: list[R] = []
    for number, line in enumerate(lines, start=2):
        if not line.strip():
            continue
        where = Where(file, number)
        row, faults = read_row(kind, _cells(columns, line), where)
        if row is not None and groups is not None:
            faults = list(token_faults(row, where, groups))
        findings += faults
        if row is not None and not faults:
            rows.append(row)
    if findings:
        raise BadInput(findings[:_MOST_FINDINGS])
    return tuple(rows)


def token_faults(row: KnowledgeRow, where: Where, groups: Collection[str]) -> Iterator[Finding]:
    """鍵の誤り — tokens of a row that name no group and are no head of a code."""
    columns = ("head",) if isinstance(row, GroupMember) else ("head", "drug", "other")
    for column in columns:
        for token in getattr(row, column, "").split("|") if hasattr(row, column) else ():
            if token in groups:
                continue
            code = "RX-K-06" if token.isascii() else "RX-K-05"
            if code == "RX-K-05" or not _HEAD.fullmatch(token):
                place = Where(where.file, where.line, type(row).__name__, column)
                yield _finding(code, place, text=printable(token, 40))
    if isinstance(row, DiseaseCaution):
        for key in row.disease.split("|"):
            if not _DISEASE.fullmatch(key):
                place = Where(where.file, where.line, type(row).__name__, "disease")
                yield _finding("RX-K-07", place, text=printable(key, 40))


def read_row(kind: type[R], cells: Sequence[Cell], where: Where) -> tuple[R | None, list[Finding]]:
    """一行の読取り — the row, or None and what is wrong with its cells."""
    values: dict[str, Any] = {}
    faults = []
    fields = {field.name: field for field in msgspec.structs.fields(kind)}
    given = {cell.column: cell.text.strip() for cell in cells}
    for name, field in fields.items():
        if field.type is Validity:
            continue
        text = given.get(name, "")
        try:
            if text:
                values[name] = _read(field.type, text)
            elif field.required:
                raise _BadCell("空でない値")
        except _BadCell as bad:
            place = Where(where.file, where.line, kind.__name__, name)
            faults.append(_finding("RX-K-03", place, text=printable(text, 40), expected=str(bad)))
    try:
        values["validity"] = _validity(given)
    except _BadCell as bad:
        place = Where(where.file, where.line, kind.__name__, "since")
        faults.append(
            _finding("RX-K-03", place, text=printable(given.get("since", ""), 40), expected=str(bad))
        )
    return (None, faults) if faults else (kind(**values), [])


def encode_table(kind: type[R], rows: Sequence[R]) -> bytes:
    """医薬品知識の書出し — what :func:`read_table` reads back to the same rows."""
    names = [field.name for field in msgspec.structs.fields(kind) if field.type is not Validity]
    lines = ["\t".join([*names, "since", "until"])]
    for row in rows:
        cells = [_written(getattr(row, name)) for name in names]
        span = row.validity
        dates = (
            ["", ""]
            if span == ALWAYS
            else [span.since.isoformat(), span.until.isoformat() if span.until else ""]
        )
        lines.append("\t".join([*cells, *dates]))
    return ("\n".join(lines) + "\n").encode()


def _written(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, Tier):
        return next(word for word, tier in TIERS.items() if tier is value)
    if isinstance(value, bool):
        return "1" if value else ""
    return str(value.value if isinstance(value, StrEnum) else value)


def _header_faults(kind: type[KnowledgeRow], columns: Sequence[str], file: str) -> Iterator[Finding]:
    fields = [field for field in msgspec.structs.fields(kind) if field.type is not Validity]
    known = {field.name for field in fields} | {"since", "until"}
    for number, name in enumerate(columns, start=1):
        if name not in known:
            yield _finding("RX-K-02", Where(file, 1, kind.__name__, str(number)), text=printable(name, 40))
    for field in fields:
        if field.required and field.name not in columns:
            yield _finding("RX-K-04", Where(file, 1, kind.__name__, field.name), column=field.name)


def _cells(columns: Sequence[str], line: str) -> list[Cell]:
    parts = line.split("\t")
    return [Cell(*pair) for pair in zip(columns, [*parts, *[""] * len(columns)], strict=False)]


def _read(kind: Any, text: str) -> Any:
    options = [each for each in get_args(kind) if each is not type(None)]
    if options:
        return _read(options[0], text)
    if kind is Tier:
        if text not in TIERS:
            raise _BadCell("禁忌・注意・情報のどれか")
        return TIERS[text]
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        if text not in [each.value for each in kind]:
            raise _BadCell("・".join(each.value for each in kind) + "のどれか")
        return kind(text)
    if kind is bool:
        if text not in ("0", "1"):
            raise _BadCell("0か1")
        return text == "1"
    if kind is int:
        if not text.isascii() or not text.isdecimal() or len(text) > 3:
            raise _BadCell("3桁までの整数")
        return int(text)
    if kind is Decimal:
        return _amount(text)
    return text


def _amount(text: str) -> Decimal:
    try:
        found = Decimal(text) if text.isascii() else Decimal("NaN")
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite() or found < 0:
        raise _BadCell("0以上の数")
    return found


def _validity(given: Mapping[str, str]) -> Validity:
    if not given.get("since") and not given.get("until"):
        return ALWAYS
    try:
        since = date.fromisoformat(given["since"]) if given.get("since") else ALWAYS.since
        until = date.fromisoformat(given["until"]) if given.get("until") else None
    except ValueError as trouble:
        raise _BadCell("日付（2026-06-01の形）") from trouble
    if until is not None and until < since:
        raise _BadCell("untilより前の日付")
    return Validity(since, until)


def _finding(code: str, where: Where, **facts: object) -> Finding:
    return Finding(code, Severity.BLOCK, where, f"prescription.safety.{code}", facts)
