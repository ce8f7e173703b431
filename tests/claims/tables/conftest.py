# SPDX-License-Identifier: Apache-2.0
"""点検用の表 — of the starter set, made and written once; and one person's acts as a partition."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

pytest.importorskip("pyarrow")
pytest.importorskip("duckdb")

from tasuki.claims.generate import Pool, pool_of
from tasuki.claims.tables.master_tables import write_master_tables
from tasuki.claims.tables.masters import TableRows, table_rows
from tasuki.masters.starter import load_starter


@pytest.fixture(scope="session")
def pool() -> Pool:
    return pool_of(load_starter(), date(2026, 6, 15))


@pytest.fixture(scope="session")
def rows() -> TableRows:
    return table_rows(load_starter())


@pytest.fixture(scope="session")
def masters(rows: TableRows, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("masters")
    write_master_tables(rows, folder)
    return folder
