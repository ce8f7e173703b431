# SPDX-License-Identifier: Apache-2.0
"""運用者の行為の記録 — what an operator does to a connection by command stands in the record of use, as what the desk does."""

from __future__ import annotations

from datetime import datetime

from tasuki_server.platform.models import ConnectedInstitution, ServiceEvent

DONE = "1"


def note_act(operation: str, institution: ConnectedInstitution, at: datetime, **detail: str) -> None:
    """運用者の行為の記録 — about which institution, by whom where that is said."""
    ServiceEvent.objects.create(
        at=at, caller=institution, operation=operation, person_id=None, outcome=DONE, detail=detail
    )
