# SPDX-License-Identifier: Apache-2.0
"""The same partition run inside Spark; skipped with the reason where Java or PySpark is not installed."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

import pytest

from tasuki.calculation.batch import PartitionRun
from tasuki.calculation.batch.tables import statement_table_schema

pytest.importorskip("pyarrow", reason="pyarrow (the extra tasuki[batch]) is not installed")
pyspark_sql = pytest.importorskip("pyspark.sql", reason="pyspark is not installed")
pytestmark = pytest.mark.skipif(
    shutil.which("java") is None, reason="Spark needs Java, which is not installed"
)

EXAMPLE = (Path(__file__).parents[2] / "docs" / "guide" / "examples" / "visit.json").read_text("utf-8")


def test_map_in_arrow_gives_what_the_partition_gives_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    from pyspark.sql.pandas.types import from_arrow_schema

    # The workers run the Python of the tests and find the same packages.
    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
    clinic = json.loads(EXAMPLE)["institution"]["code"]
    rows = [
        {"institution": clinic, "patient": f"p{n % 5}", "visit": f"v{n}", "document": EXAMPLE}
        for n in range(20)
    ]
    spark = (
        pyspark_sql.SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
    )
    try:
        keys = ["institution", "patient"]
        visits = spark.createDataFrame(rows).repartition(3, *keys).sortWithinPartitions(*keys)
        found = visits.mapInArrow(PartitionRun(), from_arrow_schema(statement_table_schema())).collect()
    finally:
        spark.stop()
    import pyarrow as pa

    alone = pa.RecordBatch.from_pylist(sorted(rows, key=lambda row: row["patient"]))
    expected = [each for out in PartitionRun()(iter([alone])) for each in out.to_pylist()]
    assert {each["visit"]: each["total_points"] for each in found} == {
        each["visit"]: each["total_points"] for each in expected
    }
    assert len(found) == len(rows)
