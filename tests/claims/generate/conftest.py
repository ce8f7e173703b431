# SPDX-License-Identifier: Apache-2.0
"""生成の材料 — of the starter set, made once."""

from __future__ import annotations

from datetime import date

import pytest

from tasuki.claims.generate import Pool, pool_of
from tasuki.masters.starter import load_starter


@pytest.fixture(scope="session")
def pool() -> Pool:
    return pool_of(load_starter(), date(2026, 6, 15))
