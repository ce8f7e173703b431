# SPDX-License-Identifier: Apache-2.0
"""許可した人の登録 — the Practitioner that an identity names (``fhirUser``), written where the app will read it."""

from __future__ import annotations

import json

from tasuki_server.institutions.models import Institution, Staff
from tasuki_server.platform.wire import Asker, NotReached, wire_of


class NotKept(Exception):
    """登録できない — the exchange did not take the Practitioner; nothing is allowed that could not be shown."""


def keep_practitioner(staff: Staff) -> None:
    """許可した人の登録 — name alone, once; a changed name is written again. Raises :class:`NotKept`."""
    row = Institution.objects.get()
    wire = wire_of(Asker(row.id, row.prefecture, row.code, row.name))
    value = {"resourceType": "Practitioner", "id": str(staff.id), "name": [{"text": staff.name}]}
    try:
        there = wire("GET", f"fhir/Practitioner/{staff.id}")
        if there.status == 200 and json.loads(there.body).get("name") == value["name"]:
            return
        body = json.dumps(value, ensure_ascii=False).encode()
        kept = wire("PUT", f"fhir/Practitioner/{staff.id}", body, {"content-type": "application/fhir+json"})
    except NotReached as broken:
        raise NotKept from broken
    if kept.status not in (200, 201):
        raise NotKept(str(kept.status))
