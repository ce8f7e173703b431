# SPDX-License-Identifier: Apache-2.0
"""麻酔 — rules of chapter 2 part 11 (L)."""

from __future__ import annotations

from tasuki.calculation.rules.anaesthesia import blocks, one_anaesthesia

__all__ = ["blocks", "one_anaesthesia"]
