# SPDX-License-Identifier: Apache-2.0
"""在宅療養支援診療所等の区分 — which of the four kinds of institutions the fees of home care tell apart.

Cite: 特掲診療料の施設基準等 第三の六, 第四の一, 第四の一の二; 通知 C000 (8)
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from tasuki.calculation.flags import Flag
from tasuki.facility.institution import InstitutionKind
from tasuki.facility.standards import HOME_SUPPORT_BEDS

if TYPE_CHECKING:
    from tasuki.calculation.case import Case

STRENGTHENED = ("3055", "3056", "3057", "3058")
SUPPORTING = ("3168", "3169")


class SupportTier(IntEnum):
    """在宅療養支援の区分 — 機能強化型 with beds or without, other 在支診・在支病, and the rest."""

    WITH_BEDS = 0
    WITHOUT_BEDS = 1
    SUPPORT = 2
    OTHER = 3


def tier_of(case: Case) -> SupportTier:
    """在宅療養支援の区分 — by the notified standards and the beds of the institution or of its partners."""
    held = case.standards
    if not held.isdisjoint(STRENGTHENED):
        has_beds = case.institution.beds > 0 or HOME_SUPPORT_BEDS in held
        is_hospital = case.institution.kind is InstitutionKind.HOSPITAL
        return SupportTier.WITH_BEDS if has_beds or is_hospital else SupportTier.WITHOUT_BEDS
    return SupportTier.OTHER if held.isdisjoint(SUPPORTING) else SupportTier.SUPPORT


def tier_for_patient(case: Case) -> SupportTier:
    """患者に対する区分 — a patient who was given no contact in writing has the fees of other institutions.

    Cite: 通知 C002 (4)
    """
    return SupportTier.OTHER if case.has_flag(Flag.NO_CONTACT_DOCUMENT) else tier_of(case)
