# SPDX-License-Identifier: Apache-2.0
"""処置 — rules of chapter 2 part 9 (J)."""

from __future__ import annotations

from tasuki.calculation.rules.procedures import (
    areas,
    both_sides,
    burns,
    contained_procedures,
    corns,
    dialysis,
    dialysis_counts,
    nose_and_throat,
    one_of_a_day,
    oxygen_price,
    procedure_hours,
    punctures,
    sites,
)

__all__ = [
    "areas",
    "both_sides",
    "burns",
    "contained_procedures",
    "corns",
    "dialysis",
    "dialysis_counts",
    "nose_and_throat",
    "one_of_a_day",
    "oxygen_price",
    "procedure_hours",
    "punctures",
    "sites",
]
