# SPDX-License-Identifier: Apache-2.0
"""基本診療料 — rules of chapter 1: 初診料, 再診料, 外来診療料 and what is added to them (A)."""

from __future__ import annotations

from tasuki.calculation.rules.basic import (
    after_hours_response,
    basic_fees,
    community_care,
    detailed_statement,
    digital_information,
    functional_enhancement,
    infant_additions,
    infection_control,
    online_prescription,
    out_of_hours,
    outpatient_management,
    related_diseases,
)

__all__ = [
    "after_hours_response",
    "basic_fees",
    "community_care",
    "detailed_statement",
    "digital_information",
    "functional_enhancement",
    "infant_additions",
    "infection_control",
    "online_prescription",
    "out_of_hours",
    "outpatient_management",
    "related_diseases",
]
