# SPDX-License-Identifier: Apache-2.0
"""点検用の表のファイル — the rows of the masters as Arrow tables, written once for all processes of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tasuki.claims.columns.schema import arrow
from tasuki.claims.tables.masters import Limit, Pair, Price, TableRows, WardAdditionRow, WardFeeRow

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

MASTER_TABLES = ("pairs", "limits", "prices", "base_fees", "ward_fees", "ward_additions")
_TEXTS = frozenset({"source", "unit_name"})


def master_tables(rows: TableRows) -> dict[str, Any]:
    """点検用の表の列 — by the names the SQL asks."""
    pa = arrow()

    def table(form: Any, found: Iterable[Any]) -> Any:
        schema = pa.schema([(name, pa.string() if name in _TEXTS else pa.int64()) for name in form._fields])
        columns = list(zip(*found, strict=True)) or [()] * len(schema)
        arrays = [pa.array(list(each), field.type) for each, field in zip(columns, schema, strict=True)]
        return pa.table(arrays, schema=schema)

    return {
        "pairs": table(Pair, rows.pairs),
        "limits": table(Limit, rows.limits),
        "prices": table(Price, rows.prices),
        "ward_fees": table(WardFeeRow, rows.ward_fees),
        "ward_additions": table(WardAdditionRow, rows.ward_additions),
        "base_fees": pa.table({"code": pa.array(rows.base_fees, pa.int64())}),
    }


def write_master_tables(rows: TableRows, folder: Path) -> None:
    """点検用の表の書出し — one Parquet file a table."""
    from pyarrow import parquet

    folder.mkdir(parents=True, exist_ok=True)
    for name, table in master_tables(rows).items():
        parquet.write_table(table, folder / f"{name}.parquet")
