# SPDX-License-Identifier: Apache-2.0
"""請求ファイルの列 — claim files as Arrow tables, cut as bytes so that only the text that is asked for is decoded.

The object reader (:mod:`tasuki.claims.reader`) stays the judge: a receipt that does not have the plain form is
handed to it, and tests compare both. NumPy and PyArrow are needed, which the extra ``tasuki[claims]`` brings.
"""

from __future__ import annotations

from tasuki.claims.columns.chunk import Columns, columns_of
from tasuki.claims.columns.objects import Source
from tasuki.claims.columns.ranges import ByteRange, ranges_of, read_range

__all__ = ["ByteRange", "Columns", "Source", "columns_of", "ranges_of", "read_range"]
