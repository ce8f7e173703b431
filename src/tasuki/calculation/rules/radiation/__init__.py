# SPDX-License-Identifier: Apache-2.0
"""放射線治療 — rules of chapter 2 part 12 (M)."""

from __future__ import annotations

from tasuki.calculation.rules.radiation import courses, external_beam, outpatient_visits

__all__ = ["courses", "external_beam", "outpatient_visits"]
