# SPDX-License-Identifier: Apache-2.0
"""パーティションの点検 — the columns of one partition in, the findings of its receipts out.

A partition holds all rows of its patients at an institution, the past months among them. The process pool calls
it on Parquet files; Spark's ``mapInArrow`` may call it on the acts of each group of its own.
"""

from __future__ import annotations

from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tasuki.claims.columns.schema import arrow, duckdb
from tasuki.claims.tables.master_tables import MASTER_TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

STEPS = ("billed", "pairs", "limits", "wards", "found")
_MADE = (
    "listed", "billed", "frequency", "visits", "live", "driven", "beside", "met", "clashes", "contained",
    "standing", "frequent", "windows", "used", "stays", "granted", "refused", "found",
)  # fmt: skip
ACT_COLUMNS = ("patient", "receipt", "line", "code", "month_no", "day_no", "count", "is_past")
FOUND_COLUMNS = (
    "kind", "win", "is_doubtful", "patient", "receipt", "line", "day_no", "act", "code", "other", "partner",
    "partner_receipt", "partner_line", "partner_day_no", "row_no", "count", "most",
)  # fmt: skip
MEMORY = "700MB"


@cache
def step_text(name: str) -> str:
    """点検のSQL — the text of one of :data:`STEPS`."""
    return (files("tasuki.claims.tables") / "sql" / f"{name}.sql").read_text("utf-8")


@cache
def acts_schema() -> Any:
    """算定の列 — what a partition is checked by: acts with days and months as whole numbers."""
    pa = arrow()
    types = {
        "line": pa.int32(),
        "code": pa.int32(),
        "month_no": pa.int32(),
        "day_no": pa.int32(),
        "is_past": pa.int8(),
    }
    return pa.schema([(name, types.get(name, pa.int64())) for name in ACT_COLUMNS])


@cache
def found_schema() -> Any:
    """指摘の列 — one finding a row; see found.sql."""
    pa = arrow()
    return pa.schema([(name, pa.int64()) for name in FOUND_COLUMNS])


def acts_of(lines: Any, receipts: Any) -> Any:
    """算定 — the acts among the lines of ``tasuki/claim-columns/2``, as the checks want them."""
    import pyarrow.compute as pc

    pa = arrow()
    is_act = pc.and_(pc.equal(lines["kind"], "SI"), pc.greater(lines["month"], 0))
    chosen = lines.filter(pc.and_(is_act, pc.is_valid(lines["code"])))
    past = receipts.filter(receipts["is_past"])["receipt"].combine_chunks()
    month = chosen["month"]
    year = pc.divide(month, 100)
    number = pc.add(pc.multiply(year, 12), pc.subtract(pc.subtract(month, pc.multiply(year, 100)), 1))
    columns = [
        chosen["patient"], chosen["receipt"], chosen["line"], chosen["code"], number.cast(pa.int32()),
        chosen["day"].cast(pa.int32()), chosen["count"], pc.is_in(chosen["receipt"], value_set=past).cast(pa.int8()),
    ]  # fmt: skip
    return pa.Table.from_arrays(columns, schema=acts_schema())


class PartitionCheck:
    """パーティションの点検 — a callable for one partition of acts, as Spark's ``mapInArrow`` asks it.

    It carries only the folder of :func:`~tasuki.claims.tables.master_tables.write_master_tables`, so that it
    travels to other processes; each opens the tables once.
    """

    def __init__(self, masters: str) -> None:
        self.masters = masters

    def __call__(self, batches: Iterable[Any]) -> Iterator[Any]:
        """The findings by receipt and line, from the record batches of all acts of some patients."""
        acts = arrow().Table.from_batches(list(batches), schema=acts_schema())
        yield from check_tables(acts, self.masters).to_batches()


def check_tables(acts: Any, masters: str) -> Any:
    """電子点数表の点検 — of the acts of a partition, in the order of receipt and line."""
    connection = _connection(masters)
    connection.register("acts", acts)
    try:
        for name in STEPS:
            connection.execute(step_text(name))
        order = ", ".join(
            ("receipt", "line", "kind", "win", "row_no", "partner_receipt", "partner_line", "day_no")
        )
        columns = ", ".join(f"CAST({name} AS BIGINT) AS {name}" for name in FOUND_COLUMNS)
        text = f"SELECT {columns} FROM found ORDER BY {order}"  # noqa: S608 - names of our own
        table = connection.sql(text).to_arrow_table()
        return table.cast(found_schema())
    finally:
        for name in _MADE:
            connection.execute(f"DROP TABLE IF EXISTS {name}")
        connection.unregister("acts")


@lru_cache(maxsize=2)
def _connection(masters: str) -> Any:
    from pyarrow import parquet

    connection = duckdb().connect(":memory:")
    connection.execute(
        f"SET threads = 1; SET memory_limit = '{MEMORY}'; SET preserve_insertion_order = false"
    )
    for name in MASTER_TABLES:
        connection.register("given", parquet.read_table(Path(masters) / f"{name}.parquet"))
        connection.execute(f"CREATE TABLE {name} AS SELECT * FROM given")  # noqa: S608
        connection.unregister("given")
    return connection
