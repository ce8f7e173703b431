# SPDX-License-Identifier: Apache-2.0
"""算定ルール — rules by chapter of the fee table; importing this package registers them all.

A rule stands here only when no official table says it. One module per topic, named for it.
"""

from __future__ import annotations

from tasuki.calculation.rules import (
    after_hours_response,
    age_additions,
    base_up,
    basic_fees,
    bone_density,
    detailed_statement,
    digital_information,
    dispensing_fees,
    functional_enhancement,
    imaging,
    infant_additions,
    infection_control,
    injections,
    judgment_fees,
    lifestyle_disease_management,
    limited_sets,
    out_of_hours,
    outpatient_management,
    prescription_additions,
    prescription_checks,
    prescription_fees,
    price_response,
    procedure_hours,
    procedures,
    prompt_tests,
    repeated_tests,
    specific_disease_management,
    specimens,
)

__all__ = [
    "after_hours_response",
    "age_additions",
    "base_up",
    "basic_fees",
    "bone_density",
    "detailed_statement",
    "digital_information",
    "dispensing_fees",
    "functional_enhancement",
    "imaging",
    "infant_additions",
    "infection_control",
    "injections",
    "judgment_fees",
    "lifestyle_disease_management",
    "limited_sets",
    "out_of_hours",
    "outpatient_management",
    "prescription_additions",
    "prescription_checks",
    "prescription_fees",
    "price_response",
    "procedure_hours",
    "procedures",
    "prompt_tests",
    "repeated_tests",
    "specific_disease_management",
    "specimens",
]
