# SPDX-License-Identifier: Apache-2.0
"""紙面の引換番号 — what may be handed over for each prescription of a visit: a number, a copy, or nothing yet."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from django.utils import timezone

from tasuki.kernel.finding import BadInput
from tasuki.prescriptions.contents import PrescriptionContents, PrescriptionKey
from tasuki_server.documents.exchange_numbers import RegisteredPrescription
from tasuki_server.eprescribing.contents import is_same_prescription, signed_prescriptions
from tasuki_server.eprescribing.models import Registration, RegistrationAct, Stage
from tasuki_server.eprescribing.planning import standing_of
from tasuki_server.reception.models import Visit

# 紙は待たない: so long a paper prescription waits for its number, then it goes without one.
PATIENCE = timedelta(seconds=10)


def registered_of(visit: Visit) -> Mapping[PrescriptionKey, RegisteredPrescription]:
    """登録した処方箋 — each by what sets it apart; nothing where nothing is registered or on its way."""
    standing = standing_of(visit)
    if not standing:
        return {}
    try:
        made = signed_prescriptions(visit).contents
    except BadInput:
        return {}
    found = {key: _registered(made.get(key), row) for key, row in standing.items()}
    return {key: each for key, each in found.items() if each is not None}


def _registered(contents: PrescriptionContents | None, row: Registration) -> RegisteredPrescription | None:
    if row.stage == Stage.PLANNED:
        if row.is_electronic or _is_still_waiting(row):
            return RegisteredPrescription("", row.is_electronic, refusal="document.waiting")
        return None
    if contents is None or not is_same_prescription(row.contents, contents):
        # The service holds another version of it (a pharmacy was faster): handing over a second one would be dispensed twice.
        return RegisteredPrescription(row.access_code, row.is_electronic, refusal="document.held")
    before = row.replaces
    void = before.access_code if before is not None and before.stage == Stage.REPLACED else ""
    return RegisteredPrescription(row.access_code, row.is_electronic, void)


def _is_still_waiting(row: Registration) -> bool:
    act = RegistrationAct.objects.filter(registration=row).order_by("place").first()
    return act is not None and act.tries <= 1 and timezone.now() - act.made_at < PATIENCE
