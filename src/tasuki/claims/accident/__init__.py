# SPDX-License-Identifier: Apache-2.0
"""労災・自賠責の月 — a person's visits under one payer that is no health insurer, summed as its statement prints them."""

from __future__ import annotations

from tasuki.claims.accident.month import accident_month

__all__ = ["accident_month"]
