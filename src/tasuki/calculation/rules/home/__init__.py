# SPDX-License-Identifier: Apache-2.0
"""在宅医療 — rules of chapter 2 part 2 (C)."""

from __future__ import annotations

from tasuki.calculation.rules.home import (
    cancer_care,
    comprehensive_management,
    contained_procedures,
    device_patients,
    devices,
    fee_patients,
    glucose_tests,
    house_calls,
    management_additions,
    monthly_additions,
    nursing,
    planned_visits,
    self_injection,
    terminal_care,
    visiting_extras,
)

__all__ = [
    "cancer_care",
    "comprehensive_management",
    "contained_procedures",
    "device_patients",
    "devices",
    "fee_patients",
    "glucose_tests",
    "house_calls",
    "management_additions",
    "monthly_additions",
    "nursing",
    "planned_visits",
    "self_injection",
    "terminal_care",
    "visiting_extras",
]
