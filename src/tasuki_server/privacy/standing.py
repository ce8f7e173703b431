# SPDX-License-Identifier: Apache-2.0
"""職員と患者の間柄 — everything that decide() asks about a member of staff and the patients of a page, in one query.

診療の関係 (a care relation) is, in this clinic, any of: registered, received, given a document or an order within
:data:`RELATION_DAYS`; a draft by this person; a receipt that is held or came back and waits.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db import connections
from django.utils import timezone

from tasuki.security.conditions import Condition, Effect
from tasuki.security.decision import Circumstances, Whose

# A year and a month, so that who comes once a year is known: our choice.
RELATION_DAYS = 400


class Standing(NamedTuple):
    """間柄 — of one patient to the person who asks, and the break-glass that is open, if any."""

    patient_id: UUID
    number: int
    whose: Whose
    is_sealed: bool
    circumstances: Circumstances
    emergency_id: UUID | None
    emergency_until: datetime | None


def _current(alias: str, table: str) -> str:
    return (
        f"NOT {alias}.withdrawn AND NOT EXISTS (SELECT 1 FROM {table} n"  # noqa: S608 - constants
        f" WHERE n.record_id = {alias}.record_id AND n.version > {alias}.version)"
    )


_MARKS = f"FROM privacy_patientmark m WHERE m.patient_id = p.id AND {_current('m', 'privacy_patientmark')}"
_LINKS = f"privacy_staffpatient l WHERE {_current('l', 'privacy_staffpatient')}"
_OWN = f"SELECT l.patient_id FROM {_LINKS} AND l.staff_id = %(staff)s"  # noqa: S608 - constants
_HOUSEHOLDS = (
    "SELECT h.household, h.patient_id FROM patients_householdmember h"  # noqa: S608 - constants
    f" WHERE {_current('h', 'patients_householdmember')}"
)
_ADDRESSES = (
    "SELECT d.address FROM patients_demographics d WHERE d.address <> '' AND d.patient_id {whose}"
    " AND NOT EXISTS (SELECT 1 FROM patients_demographics n WHERE n.record_id = d.record_id AND n.version > d.version)"
)
_CHOICES = (
    "(SELECT jsonb_object_agg(c.rule_id, c.effect) FROM (SELECT DISTINCT ON (rule_id) rule_id, effect"
    " FROM privacy_policychoice ORDER BY rule_id, made_at DESC, id DESC) c)"
)
_SQL = f"""
SELECT p.id, p.number,
  p.registered_at >= %(since)s
    OR EXISTS (SELECT 1 FROM reception_visit v
      WHERE v.patient_id = p.id AND v.day >= %(since_day)s AND v.state <> 'cancelled')
    OR EXISTS (SELECT 1 FROM chart_draft d WHERE d.patient_id = p.id AND d.staff_id = %(staff)s)
    OR EXISTS (SELECT 1 FROM documents_issueddocument i WHERE i.patient_id = p.id AND i.made_at >= %(since)s)
    OR EXISTS (SELECT 1 FROM orders_placedorder o WHERE o.patient_id = p.id AND o.made_at >= %(since)s)
    OR EXISTS (SELECT 1 FROM claims_heldclaim w
      WHERE w.patient_id = p.id AND {_current("w", "claims_heldclaim")})
    OR EXISTS (SELECT 1 FROM claims_returnedclaim t JOIN claims_resultfile f ON f.id = t.file_id
      WHERE t.patient_id = p.id AND f.received_at >= %(since)s) AS is_related,
  EXISTS (SELECT 1 {_MARKS} AND m.kind = 'sealed' AND NOT m.readers @> to_jsonb(%(staff)s::text)) AS is_sealed,
  EXISTS (SELECT 1 {_MARKS} AND m.kind = 'vip') AS is_vip,
  EXISTS (SELECT 1 FROM {_LINKS} AND l.staff_id = %(staff)s AND l.patient_id = p.id AND l.relation = 'self') AS is_own,
  EXISTS (SELECT 1 FROM {_LINKS} AND l.staff_id = %(staff)s AND l.patient_id = p.id AND l.relation = 'family')
    OR EXISTS (SELECT 1 FROM ({_HOUSEHOLDS}) a JOIN ({_HOUSEHOLDS}) b ON a.household = b.household
      WHERE a.patient_id = p.id AND b.patient_id <> p.id AND b.patient_id IN ({_OWN} AND l.relation = 'self'))
    OR EXISTS ({_ADDRESSES.format(whose=f"IN ({_OWN} AND l.relation = 'self' AND l.patient_id <> p.id)")}
      INTERSECT {_ADDRESSES.format(whose="= p.id")}) AS is_family,
  EXISTS (SELECT 1 FROM {_LINKS} AND l.staff_id <> %(staff)s AND l.patient_id = p.id AND l.relation = 'self')
    AS is_colleague,
  EXISTS (SELECT 1 {_MARKS} AND m.kind = 'sealed') AS has_seal, e.id, e.until, {_CHOICES}
FROM patients_patient p
LEFT JOIN LATERAL (
  SELECT x.id, x.until FROM privacy_emergencyaccess x
  WHERE x.patient_id = p.id AND x.staff_id = %(staff)s AND x.until > %(now)s AND x.opened_at <= %(now)s
    AND NOT EXISTS (SELECT 1 FROM privacy_emergencyend y WHERE y.access_id = x.id)
  ORDER BY x.until DESC LIMIT 1) e ON true
WHERE p.id IN ({{patients}})
"""  # noqa: S608 - names of tables; every value is a parameter
_CONDITIONS = (
    Condition.SEALED,
    Condition.VIP,
    Condition.OWN_RECORD,
    Condition.FAMILY,
    Condition.COLLEAGUE,
)


def standings(staff_id: UUID, finders: Sequence[tuple[str, object]]) -> list[Standing]:
    """間柄の照会 — of every patient the finders lead to; rows that lead nowhere give none."""
    if not finders:
        return []
    moment = timezone.now()
    since = moment - timedelta(days=RELATION_DAYS)
    given: dict[str, object] = {
        "staff": staff_id,
        "now": moment,
        "since": since,
        "since_day": timezone.localdate(since),
    }
    parts = []
    for place, (sql, value) in enumerate(finders):
        parts.append(sql.replace("%s", f"%(v{place})s"))
        given[f"v{place}"] = value
    with connections["default"].cursor() as cursor:
        cursor.execute(_SQL.format(patients=" UNION ALL ".join(parts)), given)
        return [_standing(row) for row in cursor.fetchall()]


def standing_of(staff_id: UUID, patient_id: UUID) -> Standing | None:
    """一人の患者との間柄 — for a patient whose id is known, None when there is none of it."""
    found = standings(staff_id, [("SELECT %s::uuid", patient_id)])
    return found[0] if found else None


def _standing(row: tuple[object, ...]) -> Standing:
    patient_id, number, is_related, *rest = row
    held = [condition for condition, holds in zip(_CONDITIONS, rest[:5], strict=True) if holds]
    if not is_related:
        held.append(Condition.NO_CARE_RELATION)
    has_seal, emergency_id, until, choices = rest[5:]
    if isinstance(choices, str):
        choices = json.loads(choices)
    chosen = {str(name): Effect(int(value)) for name, value in dict(choices or {}).items()}  # type: ignore[call-overload]
    return Standing(
        patient_id,  # type: ignore[arg-type]
        number,  # type: ignore[arg-type]
        Whose(frozenset(held)),
        bool(has_seal),
        Circumstances(is_emergency_open=emergency_id is not None, choices=chosen),
        emergency_id,  # type: ignore[arg-type]
        until,  # type: ignore[arg-type]
    )
