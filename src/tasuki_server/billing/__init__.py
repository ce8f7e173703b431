# SPDX-License-Identifier: Apache-2.0
"""会計 — what was billed, kept for the next calculation."""

from __future__ import annotations
