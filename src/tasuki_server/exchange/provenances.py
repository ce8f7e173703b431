# SPDX-License-Identifier: Apache-2.0
"""来歴（Provenance） — one that comes with a write in X-Provenance is kept with it, pointing at what was written.

Cite: HL7 FHIR R4 provenance.html 6.3.4.7 (X-Provenance)
"""

from __future__ import annotations

from collections.abc import Sequence

from tasuki_server.exchange.asked import Asked
from tasuki_server.exchange.bodies import read_body
from tasuki_server.exchange.checking import check
from tasuki_server.exchange.outcome import refuse
from tasuki_server.exchange.storing import Change
from tasuki_server.institutions.ids import new_name

HEADER = "x-provenance"


def with_provenance(asked: Asked, changes: Sequence[Change]) -> list[Change]:
    """来歴を添える — the changes, and the Provenance of them when one came."""
    text = asked.call.headers.get(HEADER, "")
    written = [each for each in changes if not each.is_deletion]
    if not text or not written:
        return list(changes)
    asked.need("Provenance", "c")
    # Headers are bytes; JSON in them is UTF-8.
    try:
        value = read_body(text.encode("latin-1"))
    except UnicodeEncodeError:
        value = read_body(text.encode())
    if not isinstance(value, dict) or value.get("resourceType") != "Provenance" or "target" in value:
        raise refuse("parameter", "X-Provenance", found="", wanted="target のないProvenance")
    targets = [{"reference": each.place} for each in written]
    value = {"resourceType": "Provenance", "target": targets, **value}
    check(value, "X-Provenance.")
    made = Change("POST", "Provenance", new_name(), value, "create", is_new=True)
    made.key = asked.spare_key
    return [*changes, made]
