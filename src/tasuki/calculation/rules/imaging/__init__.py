# SPDX-License-Identifier: Apache-2.0
"""画像診断 — rules of chapter 2 part 4 (E)."""

from __future__ import annotations

from tasuki.calculation.rules.imaging import colon_scans, radiographs, readings, scans

__all__ = ["colon_scans", "radiographs", "readings", "scans"]
