# SPDX-License-Identifier: Apache-2.0
"""自前の表 — our own layout: tab-separated text with a header, one struct a line, defaults left blank."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import IntEnum
from typing import TYPE_CHECKING, Any, TypeVar, get_args, get_origin

import msgspec

from tasuki.kernel.finding import BadInput, Finding, Severity, Where
from tasuki.kernel.validity import Validity
from tasuki.masters.rows import AgeAddition, Step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

S = TypeVar("S", bound=msgspec.Struct)


def encode(kind: type[S], rows: Iterable[S]) -> bytes:
    """表の書出し — rows as UTF-8 text; columns no row uses are left out."""
    fields = msgspec.structs.fields(kind)
    lines: list[list[str]] = []
    for row in rows:
        cells: list[str] = []
        for field in fields:
            value = getattr(row, field.name)
            cells += _written(value) if not _is_default(field, value) else [""] * _width(field)
        lines.append(cells)
    header = [name for field in fields for name in _names(field)]
    used = [at for at in range(len(header)) if at < 2 or any(cells[at] for cells in lines)]
    text = ["\t".join(header[at] for at in used)]
    text += ["\t".join(cells[at] for at in used) for cells in lines]
    return ("\n".join(text) + "\n").encode()


def encode_many(kind: type[S], rows: Iterable[S], many: str) -> bytes:
    """まとめた表の書出し — rows that differ in one text only share a line, its texts joined by |."""
    shared: dict[tuple[Any, ...], list[str]] = {}
    for row in rows:
        others = msgspec.structs.astuple(msgspec.structs.replace(row, **{many: ""}))
        shared.setdefault(others, []).append(getattr(row, many))
    at = kind.__struct_fields__.index(many)
    return encode(kind, [kind(*key[:at], "|".join(texts), *key[at + 1 :]) for key, texts in shared.items()])


def decode_many(kind: type[S], data: bytes, many: str, file: str = "") -> tuple[S, ...]:
    """まとめた表の読取り — each text of the joined column is a row. Raises :class:`BadInput`."""
    at = kind.__struct_fields__.index(many)
    made: list[S] = []
    for row in decode(kind, data, file):
        values = msgspec.structs.astuple(row)
        before, after = values[:at], values[at + 1 :]
        made += [kind(*before, text, *after) for text in values[at].split("|")]
    return tuple(made)


def decode(kind: type[S], data: bytes, file: str = "") -> tuple[S, ...]:
    """表の読取り — rows from UTF-8 text.

    Raises :class:`BadInput` naming file, line and column; our own files are either right or a bug.
    """
    header, *lines = data.decode().rstrip("\n").split("\n")
    columns = header.split("\t")
    readers: dict[str, Callable[[str], Any]] = {
        field.name: _reader(field.type)
        for field in msgspec.structs.fields(kind)
        if field.type is not Validity
    }
    # A required text may be empty (free-text comment); an empty cell elsewhere means the default.
    needed = {f.name for f in msgspec.structs.fields(kind) if f.required and f.type is str}
    defaults = {f.name: f.default for f in msgspec.structs.fields(kind) if not f.required}
    try:
        return _by_column(kind, columns, lines, readers, defaults)
    except (ValueError, TypeError, ArithmeticError, KeyError):
        # Line by line from here: slower, and able to say where the file is wrong.
        return _by_line(kind, columns, lines, readers, needed, file)


def _by_column(
    kind: type[S],
    columns: list[str],
    lines: list[str],
    readers: dict[str, Callable[[str], Any]],
    defaults: dict[str, Any],
) -> tuple[S, ...]:
    """列ごとの読取り — each different cell of a column is read once; the columns repeat themselves a lot."""
    rows = [line.split("\t") for line in lines]
    cells = dict(zip(columns, zip(*rows, strict=True), strict=True))
    names: list[str] = []
    values: list[Iterable[Any]] = []
    for name, read in readers.items():
        if name in cells:
            known = {cell: read(cell) for cell in set(cells[name]) if cell or name not in defaults}
            if name in defaults:
                known[""] = defaults[name]
            names.append(name)
            values.append(map(known.__getitem__, cells[name]))
    if "since" in cells:
        until = cells.get("until", ("",) * len(rows))
        spans = {
            span: Validity(date.fromisoformat(span[0]), date.fromisoformat(span[1]) if span[1] else None)
            for span in set(zip(cells["since"], until, strict=True))
        }
        names.append("validity")
        values.append(map(spans.__getitem__, zip(cells["since"], until, strict=True)))
    return tuple(kind(**dict(zip(names, row, strict=True))) for row in zip(*values, strict=True))


def _by_line(
    kind: type[S],
    columns: list[str],
    lines: list[str],
    readers: dict[str, Callable[[str], Any]],
    needed: set[str],
    file: str,
) -> tuple[S, ...]:
    """行ごとの読取り — the same, a line at a time, so that a wrong cell is named."""
    plan = [(name, readers.get(name), name in needed) for name in columns]
    made: list[S] = []
    for number, line in enumerate(lines, start=2):
        cells = line.split("\t")
        values: dict[str, Any] = {}
        name = ""
        try:
            if len(cells) != len(columns):
                raise ValueError(f"{len(cells)} cells")
            for (name, read, is_needed), cell in zip(plan, cells, strict=True):
                if read is not None and (cell or is_needed):
                    values[name] = read(cell)
            if "since" in columns:
                since, until = cells[columns.index("since")], ""
                if "until" in columns:
                    until = cells[columns.index("until")]
                name = "since"
                values["validity"] = Validity(
                    date.fromisoformat(since), date.fromisoformat(until) if until else None
                )
            made.append(kind(**values))
        except (ValueError, TypeError, ArithmeticError) as error:
            where = Where(file=file, line=number, field=name)
            facts = {"value": str(error), "expected": "表の値"}
            raise BadInput(
                [Finding("masters.field", Severity.BLOCK, where, "masters.field", facts)]
            ) from error
    return tuple(made)


def _names(field: Any) -> list[str]:
    return ["since", "until"] if field.type is Validity else [field.name]


def _width(field: Any) -> int:
    return 2 if field.type is Validity else 1


def _is_default(field: Any, value: object) -> bool:
    return field.default is not msgspec.NODEFAULT and value == field.default


def _written(value: Any) -> list[str]:
    if isinstance(value, Validity):
        return [value.since.isoformat(), value.until.isoformat() if value.until else ""]
    if isinstance(value, bool):
        return ["1" if value else "0"]
    if isinstance(value, IntEnum):
        return [str(value.value)]
    if isinstance(value, Step):
        return [f"{value.above}/{value.upto}/{value.width}/{value.points}/{value.error_rule}"]
    if isinstance(value, tuple):
        return ["|".join(_part(part) for part in value)]
    text = str(value)
    if "\t" in text or "\n" in text:
        raise ValueError(f"a cell may not hold a tab or a line end: {text!r}")
    return [text]


def _part(part: Any) -> str:
    if isinstance(part, AgeAddition):
        return f"{part.age_from}:{part.age_to}:{part.code}"
    if isinstance(part, tuple):
        return ":".join(str(p) for p in part)
    return str(part)


def _step(cell: str) -> Step:
    above, upto, width, points, rule = cell.split("/")
    return Step(int(above), int(upto), int(width), Decimal(points), int(rule))


def _age_additions(cell: str) -> tuple[AgeAddition, ...]:
    return tuple(AgeAddition(*part.split(":")) for part in cell.split("|"))


def _pairs(cell: str) -> tuple[tuple[int, int], ...]:
    return tuple((int(a), int(b)) for a, b in (part.split(":") for part in cell.split("|")))


def _reader(kind: Any) -> Callable[[str], Any]:
    """項目の読み方 — by the type the struct declares."""
    options = [option for option in get_args(kind) if option is not type(None)]
    if get_origin(kind) is tuple:
        inner = get_args(kind)[0]
        if inner is AgeAddition:
            return _age_additions
        return _pairs if get_origin(inner) is tuple else lambda cell: tuple(cell.split("|"))
    if options:
        return _reader(options[0])
    if kind is Step:
        return _step
    if kind is date:
        return date.fromisoformat
    if kind is bool:
        return lambda cell: cell == "1"
    if isinstance(kind, type) and issubclass(kind, IntEnum):
        return lambda cell: kind(int(cell))
    if kind in (int, Decimal):
        return kind  # type: ignore[no-any-return]
    return lambda cell: cell
