# SPDX-License-Identifier: Apache-2.0
"""請求ファイルを列にするほかの方法 — the peers of ``bench/claims.py``: Python's csv, Polars and DuckDB over the same files.

The csv peers make the same four tables with the same values, all columns but the key of the patient and the partition,
which are not asked of them, and the benchmark compares them with ours. They trust what they read: no item is judged, no
broken record is told. One lets lists grow for each column, which took care to write; the other makes a dict of each row and
leaves the rest to ``pyarrow.Table.from_pylist``, as it is done where nobody looked at the time. Polars and DuckDB make two columns of the acts and their days.
"""

from __future__ import annotations

import csv
import io
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa

from tasuki.claims.columns.schema import TABLES, duckdb, table_schema

NOT_ASKED = frozenset({"patient", "bucket"})
_FIRST_DAY = {"SI": 13, "IY": 13, "TO": 17}
_EPOCH = date(1970, 1, 1).toordinal()


def by_csv(paths: list[Path]) -> list[Any]:
    """The four tables of ``tasuki/claim-columns/2``, one of each for every file, by lists that grow row by row."""
    return [_tables(path, number) for number, path in enumerate(paths, 1)]


def by_csv_rows(paths: list[Path]) -> list[Any]:
    """The same tables from a dict for each row."""
    return [_tables(path, number, as_rows=True) for number, path in enumerate(paths, 1)]


def _tables(path: Path, number: int, *, as_rows: bool = False) -> tuple[Any, ...]:
    kind = _Rows if as_rows else _Lists
    tables = [kind(table) for table in TABLES]
    receipts, payers, diseases, lines = tables
    institution, section, key, month, first, position = "", "", 0, 0, 0, 0
    has_insurer = False
    for line, row in enumerate(csv.reader(io.StringIO(path.read_bytes().decode("cp932"))), 1):
        record = row[0]
        if record in _FIRST_DAY:
            section = row[1] or section
            at = _FIRST_DAY[record]
            times = _whole(row[6])
            common = (key, line, record, section, row[2], int(row[3]), row[4], _whole(row[5]), times, month)
            days = [(day, text) for day, text in enumerate(row[at : at + 31]) if text]
            for day, text in days:
                lines.append((*common, first + day, int(text)))
            if not days:
                lines.append((*common, None, times or 0))
        elif record == "CO":
            section = row[1] or section
        elif record == "SY":
            diseases.append((key, line, row[1], _day(row[2]), row[3], row[4], row[5], row[6] == "01"))
        elif record == "HO":
            has_insurer = True
            receipts.set_last("insurer", row[1])
            numbers = (_whole(row[4]), _whole(row[5]), _whole(row[11]), _whole(row[8]))
            payers.append((key, line, 0, row[1], row[2], row[3], *numbers))
        elif record == "KO":
            position += 1
            if not has_insurer:
                has_insurer = True
                receipts.set_last("insurer", row[1])
            numbers = (_whole(row[4]), _whole(row[5]), _whole(row[6]), _whole(row[11]))
            payers.append((key, line, position, row[1], "", row[2], *numbers))
        elif record == "RE":
            key, month, section, position = number * (1 << 32) + line, int(row[3]), "", 0
            has_insurer = False
            first = date(month // 100, month % 100, 1).toordinal() - _EPOCH
            head = (key, line, number, institution, _whole(row[1]), row[2], month, row[5], _day(row[6]))
            receipts.append((*head, row[13], "", False))
        elif record == "IR":
            institution = row[2] + row[3] + row[4]
    return tuple(each.table() for each in tables)


class _Lists:
    """A list for each column."""

    def __init__(self, table: str) -> None:
        self.schema = _schema(table)
        self.columns: dict[str, list[Any]] = {name: [] for name in self.schema.names}
        self._appends = [column.append for column in self.columns.values()]

    def append(self, values: tuple[Any, ...]) -> None:
        for append, value in zip(self._appends, values, strict=True):
            append(value)

    def set_last(self, name: str, value: str) -> None:
        self.columns[name][-1] = value

    def table(self) -> Any:
        arrays = [
            pa.array(values, pa.int32()).cast(pa.date32()) if field.type == pa.date32() else pa.array(values, field.type)
            for field, values in zip(self.schema, self.columns.values(), strict=True)
        ]  # fmt: skip
        return pa.Table.from_arrays(arrays, schema=self.schema)


class _Rows:
    """A dict for each row."""

    def __init__(self, table: str) -> None:
        self.schema = _schema(table)
        self.rows: list[dict[str, Any]] = []

    def append(self, values: tuple[Any, ...]) -> None:
        self.rows.append(dict(zip(self.schema.names, values, strict=True)))

    def set_last(self, name: str, value: str) -> None:
        self.rows[-1][name] = value

    def table(self) -> Any:
        plain = pa.schema(
            field.with_type(pa.int32()) if field.type == pa.date32() else field for field in self.schema
        )
        return pa.Table.from_pylist(self.rows, schema=plain).cast(self.schema)


def _schema(table: str) -> Any:
    schema = table_schema(table)
    return pa.schema(schema.field(name) for name in schema.names if name not in NOT_ASKED)


def _whole(text: str) -> int | None:
    return int(text) if text else None


def _day(text: str) -> int | None:
    return date(int(text[:4]), int(text[4:6]), int(text[6:])).toordinal() - _EPOCH if text else None


def by_polars(paths: list[Path]) -> int:
    """Whole lines transcoded and split by Polars: the acts, one row per billed day."""
    rows = 0
    for path in paths:
        text = path.read_bytes().decode("cp932").encode()
        frame = pl.read_csv(text, separator="\x01", has_header=False, new_columns=["line"], quote_char=None)
        acts = frame.with_row_index("at").filter(pl.col("line").str.slice(0, 2).is_in(["SI", "IY"]))
        split = acts.with_columns(pl.col("line").str.strip_chars("\r").str.split(","))
        days = split.select(
            "at", pl.col("line").list.get(3).cast(pl.Int64, strict=False).alias("code"),
            pl.col("line").list.get(5).cast(pl.Int64, strict=False).alias("points"),
            pl.col("line").list.slice(13, 31).alias("count"),
        ).with_columns(pl.int_ranges(1, 32).alias("day"))  # fmt: skip
        rows += days.explode("count", "day").filter(pl.col("count") != "").height
    return rows


def by_duckdb(paths: list[Path]) -> int:
    """The same in DuckDB, from text transcoded by Python."""
    rows = 0
    connection = duckdb().connect(config={"threads": 1})
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "lines.txt"
        for path in paths:
            place.write_bytes(path.read_bytes().decode("cp932").encode())
            text = f"""
                SELECT COUNT(*) FROM (
                  SELECT TRY_CAST(f[4] AS BIGINT) AS code, TRY_CAST(f[6] AS BIGINT) AS points,
                         UNNEST(f[14:44]) AS count, UNNEST(range(1, 32)) AS day
                  FROM (SELECT string_split(rtrim(column0, chr(13)), ',') AS f
                        FROM read_csv('{place}', sep = chr(1), header = false, quote = '', escape = '',
                                      columns = {{'column0': 'VARCHAR'}}, null_padding = true)
                        WHERE column0[1:2] IN ('SI', 'IY'))
                ) WHERE count <> ''"""
            rows += connection.execute(text).fetchall()[0][0]
    return rows
