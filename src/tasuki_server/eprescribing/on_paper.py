# SPDX-License-Identifier: Apache-2.0
"""紙面の引換番号 — what may be handed over for each prescription of a visit: a number, a copy, or nothing yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from django.utils import timezone

from tasuki.kernel.finding import BadInput
from tasuki.prescriptions.contents import PrescriptionContents
from tasuki_server.documents.exchange import Exchange, Issue
from tasuki_server.documents.prescription import prescription_source
from tasuki_server.eprescribing.contents import contents_of, is_same_prescription
from tasuki_server.eprescribing.models import Registration, RegistrationAct, Stage
from tasuki_server.eprescribing.planning import standing_of
from tasuki_server.eprescribing.setting import is_used
from tasuki_server.eprescribing.validation import symbol_of
from tasuki_server.reception.models import Visit

# 紙は待たない: so long a paper prescription waits for its number, then it goes without one.
PATIENCE = timedelta(seconds=10)


def exchange_of(visit: Visit) -> Mapping[int, Exchange]:
    """引換番号 — by the number of refills; nothing where the institution does not register."""
    standing = standing_of(visit)
    if not standing and not is_used():
        return {}
    try:
        made = contents_of(prescription_source(visit))
    except BadInput:
        return {}
    return {refills: _exchange(contents, standing.get(refills)) for refills, contents in made.items()}


def _exchange(contents: PrescriptionContents, row: Registration | None) -> Exchange:
    if row is None:
        return Exchange(symbol=symbol_of(contents))
    if row.stage == Stage.PLANNED:
        if row.is_electronic or _is_still_waiting(row):
            return Exchange(Issue.WAITING)
        return Exchange(symbol=symbol_of(contents))
    if not is_same_prescription(row.contents, contents):
        # The service holds another version of it (a pharmacy was faster): handing over a second one would be dispensed twice.
        return Exchange(Issue.HELD)
    before = row.replaces
    void = before.access_code if before is not None and before.stage == Stage.REPLACED else ""
    if row.is_electronic:
        return Exchange(Issue.ELECTRONIC, row.access_code, void)
    numbered = replace(contents, exchange_number=row.access_code)
    return Exchange(Issue.PAPER, row.access_code, void, symbol_of(numbered))


def _is_still_waiting(row: Registration) -> bool:
    act = RegistrationAct.objects.filter(registration=row).order_by("place").first()
    return act is not None and act.tries <= 1 and timezone.now() - act.made_at < PATIENCE
