# SPDX-License-Identifier: Apache-2.0
"""手術 — rules of chapter 2 part 10 (K) and of 短期滞在手術等基本料1 (A400)."""

from __future__ import annotations

from tasuki.calculation.rules.surgery import (
    day_of_operation,
    day_surgery,
    endoscopic,
    fertility,
    named_diseases,
    same_field,
    series,
    surgical_drugs,
    tests_of_operation,
    transfusion,
    with_anaesthesia,
    wounds,
)

__all__ = [
    "day_of_operation",
    "day_surgery",
    "endoscopic",
    "fertility",
    "named_diseases",
    "same_field",
    "series",
    "surgical_drugs",
    "tests_of_operation",
    "transfusion",
    "with_anaesthesia",
    "wounds",
]
