# SPDX-License-Identifier: Apache-2.0
"""提供の同意 — a Consent that denies hides a patient's resources from every institution but the one that wrote them.

Fail closed: any denial in an active consent counts, whatever narrower permission stands beside it, and a period that
cannot be read has no end.

Cite: HL7 FHIR R4 Consent (status, policyRule, provision.type, provision.period)
"""

# ruff: noqa: S608 - tables and columns of our own; what was asked goes in as arguments

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from tasuki_server.exchange.moments import first_moment, last_moment
from tasuki_server.exchange.outcome import refuse

_REFUSALS = frozenset(("OPTOUT", "OPTOUTE"))
DEPTH = 20


class Denied(NamedTuple):
    """提供の拒否 — of one patient, from when until when; None is without bound."""

    patient: str
    since: datetime | None
    until: datetime | None


def visible(alias: str, caller: str) -> str:
    """見える条件 — SQL over a row of ``exchange_resource`` for the institution in the parameter named."""
    return (
        f"({alias}.writer_id = {caller} OR {alias}.patient IS NULL OR NOT EXISTS (SELECT 1 FROM exchange_denial d"
        f" WHERE d.patient = {alias}.patient AND coalesce(d.since, '-infinity') <= now()"
        " AND coalesce(d.until, 'infinity') > now()))"
    )


def denial_of(consent: dict[str, Any], patient: str | None) -> Denied | None:
    """同意からの拒否 — None when it denies nothing. Raises when it denies and says not whose data."""
    if consent.get("status") != "active" or not (_opts_out(consent) or _denies(consent.get("provision"))):
        return None
    if patient is None:
        raise refuse("consent")
    period = (consent.get("provision") or {}).get("period") or {}
    return Denied(patient, first_moment(period.get("start")), last_moment(period.get("end")))


def _opts_out(consent: dict[str, Any]) -> bool:
    rule = consent.get("policyRule")
    codes = rule.get("coding", ()) if isinstance(rule, dict) else ()
    return any(isinstance(each, dict) and each.get("code") in _REFUSALS for each in codes)


def _denies(provision: Any, depth: int = 0) -> bool:
    if not isinstance(provision, dict):
        return False
    if provision.get("type") == "deny" or depth > DEPTH:
        return True
    return any(_denies(each, depth + 1) for each in provision.get("provision", ()))
