# SPDX-License-Identifier: Apache-2.0
"""リハビリテーション — rules of chapter 2 part 7 (H)."""

from __future__ import annotations

from tasuki.calculation.rules.rehabilitation import (
    early_additions,
    other_programmes,
    plans_and_visits,
    units_and_days,
)

__all__ = ["early_additions", "other_programmes", "plans_and_visits", "units_and_days"]
