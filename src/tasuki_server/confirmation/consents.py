# SPDX-License-Identifier: Apache-2.0
"""閲覧の同意 — which information of a patient may be seen now, and until when."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from tasuki.eligibility.elements import CONSENTS
from tasuki_server.confirmation.models import ConsentTerm, InformationKind

TERMS = dict(CONSENTS)
CHECKUPS, DRUGS, ACTS, OPERATIONS = (name for name, _ in CONSENTS[:4])
# What is fetched by one message, and the consents that open a part of it.
OPENS = {InformationKind.DRUGS: (DRUGS, ACTS, OPERATIONS), InformationKind.CHECKUP: (CHECKUPS,)}


class OpenConsent(NamedTuple):
    """有効な同意 — to one kind of information, until when."""

    name: str
    term: str
    until_at: datetime


def open_consents(patient_id: UUID, at: datetime) -> list[OpenConsent]:
    """有効な同意 — the newest word on each kind counts: one who refuses today is not shown by yesterday's consent."""
    newest: dict[str, ConsentTerm] = {}
    for row in ConsentTerm.objects.filter(patient=patient_id).order_by("answer__arrived_at", "id"):
        newest[row.name] = row
    return [
        OpenConsent(name, TERMS.get(name, name), row.until_at)
        for name, row in newest.items()
        if row.is_given and row.until_at is not None and at <= row.until_at
    ]


def end_of(kind: InformationKind, found: Iterable[OpenConsent]) -> datetime | None:
    """閲覧の終わり — the earliest end of the consents that open a message; None when none does."""
    return min((each.until_at for each in found if each.name in OPENS[kind]), default=None)
