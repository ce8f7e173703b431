# SPDX-License-Identifier: Apache-2.0
"""精神科専門療法 — rules of chapter 2 part 8 (I)."""

from __future__ import annotations

from tasuki.calculation.rules.psychiatry import (
    continued_support,
    day_care,
    psychotherapy,
    psychotherapy_additions,
    special_therapies,
)

__all__ = ["continued_support", "day_care", "psychotherapy", "psychotherapy_additions", "special_therapies"]
