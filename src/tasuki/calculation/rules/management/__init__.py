# SPDX-License-Identifier: Apache-2.0
"""医学管理等 — rules of chapter 2 part 1 (B)."""

from __future__ import annotations

from tasuki.calculation.rules.management import (
    comprehensive_fees,
    lifestyle_disease_management,
    specific_disease_management,
)

__all__ = ["comprehensive_fees", "lifestyle_disease_management", "specific_disease_management"]
