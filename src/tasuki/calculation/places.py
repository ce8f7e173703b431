# SPDX-License-Identifier: Apache-2.0
"""医療機関の条件 — what a rule may ask of the institution alone, answered once an institution and day (``@rule(at=...)``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasuki.facility.institution import InstitutionKind

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from tasuki.facility.premises import Premises

LARGE_BEDS = 200


def is_clinic(premises: Premises) -> bool:
    """診療所か — by the kind of the institution."""
    return premises.institution.kind is InstitutionKind.CLINIC


def is_large_hospital(premises: Premises) -> bool:
    """許可病床200床以上の病院か — all beds counted."""
    institution = premises.institution
    return institution.kind is InstitutionKind.HOSPITAL and institution.beds >= LARGE_BEDS


def has_few_beds(premises: Premises) -> bool:
    """許可病床200床未満の病院・診療所か — all beds counted, as 医学管理等 asks.

    Cite: 医科点数表 B000 注1, B001-3 注1, B001-3-3 注1
    """
    return premises.institution.beds < LARGE_BEDS


def bills_outpatient_fee(premises: Premises) -> bool:
    """外来診療料を算定する病院か — one of 200 or more general beds.

    Cite: 医科点数表 A002 注1
    """
    institution = premises.institution
    return institution.kind is InstitutionKind.HOSPITAL and institution.general_bed_count >= LARGE_BEDS


def bills_revisit_fee(premises: Premises) -> bool:
    """再診料を算定する医療機関か — every one that does not bill 外来診療料 in its place.

    Cite: 医科点数表 A001 注1, A002 注1
    """
    return not bills_outpatient_fee(premises)


def has_any(standards: Collection[str]) -> Callable[[Premises], bool]:
    """いずれかの施設基準の届出 — whether one of the standards is notified, or one that stands for it."""

    def is_notified(premises: Premises) -> bool:
        return any(premises.has_standard(standard) for standard in standards)

    return is_notified
