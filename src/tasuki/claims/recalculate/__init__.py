# SPDX-License-Identifier: Apache-2.0
"""再算定 — a receipt priced again from its own acts, and every difference with its explanation."""

from __future__ import annotations

from tasuki.claims.recalculate.recalculating import Recalculation, ReceiptOutcome, recalculate
from tasuki.claims.recalculate.report import recalculation_markdown, recalculation_text, recalculation_trace

__all__ = [
    "Recalculation",
    "ReceiptOutcome",
    "recalculate",
    "recalculation_markdown",
    "recalculation_text",
    "recalculation_trace",
]
