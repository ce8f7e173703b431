# SPDX-License-Identifier: Apache-2.0
"""通則 — rules of what reaches over several chapters, and part 14 その他 (O)."""

from __future__ import annotations

from tasuki.calculation.rules.general import (
    addition_serials,
    age_additions,
    base_up,
    general_age,
    guidelines,
    noted_pairs,
    price_response,
    remote_nurse,
    unmet_standards,
)

__all__ = [
    "addition_serials",
    "age_additions",
    "base_up",
    "general_age",
    "guidelines",
    "noted_pairs",
    "price_response",
    "remote_nurse",
    "unmet_standards",
]
