# SPDX-License-Identifier: Apache-2.0
"""電子点数表の点検 — 背反, 包括 and 算定回数 over many receipts: one text of SQL, run partition by partition.

:class:`~tasuki.claims.tables.partition.PartitionCheck` checks the columns of one partition, whoever schedules it.
DuckDB and PyArrow are needed, which the extra ``tasuki[claims]`` brings.
"""

from __future__ import annotations

from tasuki.claims.tables.partition import PartitionCheck, check_tables

__all__ = ["PartitionCheck", "check_tables"]
