# SPDX-License-Identifier: Apache-2.0
"""在宅医療 — rules of chapter 2 part 2 (C)."""

from __future__ import annotations

from tasuki.calculation.rules.home import (
    comprehensive_management,
    house_calls,
    management_additions,
    planned_visits,
    terminal_care,
)

__all__ = [
    "comprehensive_management",
    "house_calls",
    "management_additions",
    "planned_visits",
    "terminal_care",
]
