# SPDX-License-Identifier: Apache-2.0
"""請求ファイルの生成 — made-up months of claims, faultless by construction, with planted errors of known kind and place."""

from __future__ import annotations

from tasuki.claims.generate.months import MadeFile, MonthPlan, Planted, generate_month
from tasuki.claims.generate.pool import Pool, pool_of

__all__ = ["MadeFile", "MonthPlan", "Planted", "Pool", "generate_month", "pool_of"]
