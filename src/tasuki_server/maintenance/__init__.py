# SPDX-License-Identifier: Apache-2.0
"""保守作業 — vendors' people work inside an approved order, masked, recorded and reconciled."""

from __future__ import annotations
