# SPDX-License-Identifier: Apache-2.0
"""処置 — rules of chapter 2 part 9 (J)."""

from __future__ import annotations

from tasuki.calculation.rules.procedures import procedure_hours, sites

__all__ = ["procedure_hours", "sites"]
