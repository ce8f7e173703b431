# SPDX-License-Identifier: Apache-2.0
"""検査・病理診断 — rules of chapter 2 parts 3 and 13 (D, N)."""

from __future__ import annotations

from tasuki.calculation.rules.tests import (
    body_tests,
    bone_density,
    both_sides,
    endoscopy,
    eye_tests,
    judgment_fees,
    limited_sets,
    load_tests,
    microbiology,
    pathology,
    prompt_tests,
    repeated_tests,
    same_item,
    specimens,
    target_patients,
    tumour_markers,
)

__all__ = [
    "body_tests",
    "bone_density",
    "both_sides",
    "endoscopy",
    "eye_tests",
    "judgment_fees",
    "limited_sets",
    "load_tests",
    "microbiology",
    "pathology",
    "prompt_tests",
    "repeated_tests",
    "same_item",
    "specimens",
    "target_patients",
    "tumour_markers",
]
