# SPDX-License-Identifier: Apache-2.0
"""一括算定 — many visits as tables of columns: the same calculation, partition by partition.

:mod:`~tasuki.calculation.batch.run` calculates the record batches of one partition, whoever hands them over:
the process pool of :mod:`~tasuki.calculation.batch.folders`, or Spark's ``mapInArrow``. PyArrow is needed,
which the extra ``tasuki[batch]`` brings.
"""

from __future__ import annotations

from tasuki.calculation.batch.run import PartitionRun

__all__ = ["PartitionRun"]
