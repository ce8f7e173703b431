# SPDX-License-Identifier: Apache-2.0
"""Spark schedules what the process pool does, and the findings are the same; skipped with the reason without Java or PySpark."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from claims.tables.partitions import table
from claims.tables.test_tables import random_acts
from tasuki.claims.columns.parquet import write_columns
from tasuki.claims.generate import MonthPlan, generate_month
from tasuki.claims.item_values import Month
from tasuki.claims.tables import month_run
from tasuki.claims.tables.month_run import MonthRun, check_bucket
from tasuki.claims.tables.partition import PartitionCheck, found_schema

pyspark_sql = pytest.importorskip("pyspark.sql", reason="pyspark is not installed")
pytestmark = pytest.mark.skipif(
    shutil.which("java") is None, reason="Spark needs Java, which is not installed"
)


@pytest.fixture
def spark(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    # The workers run the Python of the tests and find the same packages.
    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
    session = (
        pyspark_sql.SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
    )
    yield session
    session.stop()


def test_map_in_arrow_runs_the_same_partition_check(spark: Any, masters: Path, rows: Any) -> None:
    from pyspark.sql.pandas.types import from_arrow_schema

    acts = table(random_acts(rows, 2))
    alone = [row for batch in PartitionCheck(str(masters))(acts.to_batches()) for row in batch.to_pylist()]
    frame = spark.createDataFrame(acts).repartition(3, "patient")
    found = frame.mapInArrow(PartitionCheck(str(masters)), from_arrow_schema(found_schema())).collect()
    assert alone
    assert sorted(str(row.asDict()) for row in found) == sorted(str(row) for row in alone)


def test_from_files_to_findings_spark_gives_what_the_pool_gives(
    spark: Any, tmp_path: Path, pool: Any, rows: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Few receipts a partition, and a task a file, so that there is something to schedule.
    monkeypatch.setattr(month_run, "RECEIPTS_A_BUCKET", 60)
    monkeypatch.setattr("tasuki.claims.columns.parquet.TASK_BYTES", 1)
    paths = []
    for file in generate_month(pool, MonthPlan(Month(2026, 6), 400, 200, 3, 100)):
        paths.append(tmp_path / file.name)
        paths[-1].write_bytes(file.data)
    here = MonthRun(paths, (), tmp_path / "pool", "1")
    list(here.run(rows, "starter", 2))
    there = MonthRun(paths, (), tmp_path / "spark", "1")
    assert there.buckets > 3
    assert len(there.tasks) == len(paths)
    there.prepare(rows)
    folder = str(there.folder)
    context = spark.sparkContext
    tasks = [task for task, _ in there.tasks]
    reports = context.parallelize(tasks, len(tasks)).map(lambda task: write_columns(task, folder)).collect()
    assert sum(report.receipts for report in reports) == 400
    partitions = context.parallelize(range(there.buckets), there.buckets)
    told = partitions.map(lambda number: check_bucket(folder, number)).collect()
    found = [each.to_pylist() for each in there.findings()]
    expected = [each.to_pylist() for each in here.findings()]
    assert found == expected
    assert told == [len(each) for each in expected]
    assert sum(told) > 0
