# SPDX-License-Identifier: Apache-2.0
"""注射 — rules of chapter 2 part 6 (G)."""

from __future__ import annotations

from tasuki.calculation.rules.injections import (
    injection_additions,
    sterile_preparation,
    techniques,
    with_home_care,
)

__all__ = ["injection_additions", "sterile_preparation", "techniques", "with_home_care"]
