# SPDX-License-Identifier: Apache-2.0
"""投薬 — rules of chapter 2 part 5 (F)."""

from __future__ import annotations

from tasuki.calculation.rules.drugs import (
    dispensing_fees,
    prescription_additions,
    prescription_checks,
    prescription_fees,
)

__all__ = ["dispensing_fees", "prescription_additions", "prescription_checks", "prescription_fees"]
