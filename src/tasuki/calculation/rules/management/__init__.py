# SPDX-License-Identifier: Apache-2.0
"""医学管理等 — rules of chapter 2 part 1 (B)."""

from __future__ import annotations

from tasuki.calculation.rules.management import (
    after_first_visit,
    cancer_pain,
    chemotherapy_care,
    community_care_fee,
    comprehensive_additions,
    comprehensive_fees,
    course_stages,
    guided_care,
    information_provision,
    lifestyle_additions,
    lifestyle_disease_management,
    measured_care,
    paediatric_outpatient,
    specific_disease_management,
)

__all__ = [
    "after_first_visit",
    "cancer_pain",
    "chemotherapy_care",
    "community_care_fee",
    "comprehensive_additions",
    "comprehensive_fees",
    "course_stages",
    "guided_care",
    "information_provision",
    "lifestyle_additions",
    "lifestyle_disease_management",
    "measured_care",
    "paediatric_outpatient",
    "specific_disease_management",
]
