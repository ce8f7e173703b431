# SPDX-License-Identifier: Apache-2.0
"""検査・病理診断 — rules of chapter 2 parts 3 and 13 (D, N)."""

from __future__ import annotations

from tasuki.calculation.rules.tests import (
    bone_density,
    judgment_fees,
    limited_sets,
    prompt_tests,
    repeated_tests,
    specimens,
)

__all__ = ["bone_density", "judgment_fees", "limited_sets", "prompt_tests", "repeated_tests", "specimens"]
