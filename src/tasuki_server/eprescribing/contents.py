# SPDX-License-Identifier: Apache-2.0
"""処方内容の控え — what paper, symbol and electronic document are made of (``documents.prescription``), kept with its registration."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from tasuki.chart.coverage import InsuranceKind
from tasuki.prescriptions.contents import PrescriptionContents, PrescriptionKey
from tasuki_server.chart.values import coverage_value
from tasuki_server.documents.prescription import prescription_contents, signed_orders
from tasuki_server.institutions.models import Staff
from tasuki_server.reception.models import Visit

_CARDS = frozenset({InsuranceKind.EMPLOYEES, InsuranceKind.NATIONAL, InsuranceKind.LATE_ELDERLY})


class SignedPrescriptions(NamedTuple):
    """署名した処方 — whose they are, and each by what sets it apart."""

    doctor: Staff
    contents: dict[PrescriptionKey, PrescriptionContents]


def signed_prescriptions(visit: Visit) -> SignedPrescriptions:
    """署名した処方 — of a visit. Raises ``BadInput`` as the paper does."""
    return SignedPrescriptions(signed_orders(visit).doctor, prescription_contents(visit))


def has_card(visit: Visit) -> bool:
    """被保険者証の有無 — the service knows people by their health insurance; without it nothing is registered."""
    insurance = coverage_value(visit).insurance
    return insurance is not None and insurance.kind in _CARDS


def kept_contents(contents: PrescriptionContents) -> dict[str, Any]:
    """処方内容の控え — as JSON members, losing nothing."""
    kept: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(contents))
    return kept


def read_contents(kept: dict[str, Any]) -> PrescriptionContents:
    """処方内容の読取 — what was kept."""
    return msgspec.convert(kept, PrescriptionContents, strict=False)


def is_same_prescription(kept: dict[str, Any], contents: PrescriptionContents) -> bool:
    """同じ処方か — whoever of the doctors signed last does not make another prescription of the same drugs."""
    # Read first: what an older release kept has none of the members that came later.
    before, now = kept_contents(read_contents(kept)), kept_contents(contents)
    return {**before, "doctor": None} == {**now, "doctor": None}
