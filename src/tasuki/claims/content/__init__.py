# SPDX-License-Identifier: Apache-2.0
"""内容の点検 — what a receipt says of diseases, drugs, other months and eligibility; advice, seldom more."""

from __future__ import annotations

from tasuki.claims.content.given import Content, PersonKey, Terms, person_of, receipts_by_person
from tasuki.claims.content.pharmacy import Dispensed, Prescribed, dispensed_by_person
from tasuki.claims.content.snapshot import EligibilitySnapshot

__all__ = [
    "Content",
    "Dispensed",
    "EligibilitySnapshot",
    "PersonKey",
    "Prescribed",
    "Terms",
    "dispensed_by_person",
    "person_of",
    "receipts_by_person",
]
