# SPDX-License-Identifier: Apache-2.0
"""名前の伏せ — in lists and searches the name of a sealed patient stands only before who may read it.

Which patients those are is one query a transaction, and mostly finds none. The rule is ``sealed/identity``: where an
institution lets it pass with a mark, nothing is hidden.
"""

from __future__ import annotations

from contextvars import ContextVar
from uuid import UUID

from django.db import connections

from tasuki.security.conditions import RULES_BY_ID, Effect
from tasuki_server.institutions.work import Work, current_work, has_work

HIDDEN_NAME = "（閲覧制限）"
RULE = "sealed/identity"
# Whether a patient p is hidden from a member of staff; used for lists as it is, and in searches inside their SQL.
HIDDEN_SQL = """
SELECT m.patient_id FROM privacy_patientmark m
WHERE m.kind = 'sealed' AND NOT m.withdrawn AND NOT m.readers @> to_jsonb(%s::text)
  AND NOT EXISTS (SELECT 1 FROM privacy_patientmark n WHERE n.record_id = m.record_id AND n.version > m.version)
  AND NOT EXISTS (SELECT 1 FROM privacy_emergencyaccess x
    WHERE x.patient_id = m.patient_id AND x.staff_id = %s AND x.until > now()
      AND NOT EXISTS (SELECT 1 FROM privacy_emergencyend y WHERE y.access_id = x.id))
  AND coalesce((SELECT c.effect FROM privacy_policychoice c WHERE c.rule_id = %s
    ORDER BY c.made_at DESC, c.id DESC LIMIT 1), %s) >= %s
"""
_known: ContextVar[tuple[Work, frozenset[UUID]] | None] = ContextVar("tasuki_hidden", default=None)


def hidden_patients() -> frozenset[UUID]:
    """伏せる患者 — from whoever this transaction belongs to."""
    work = current_work()
    known = _known.get()
    if known is not None and known[0] is work:
        return known[1]
    staff = str(work.actor.staff_id) if work.actor.staff_id is not None else None
    with connections["default"].cursor() as cursor:
        default = int(RULES_BY_ID[RULE].effect)
        cursor.execute(HIDDEN_SQL, [staff or "", staff, RULE, default, int(Effect.ASK)])
        found = frozenset(row[0] for row in cursor.fetchall())
    _known.set((work, found))
    return found


def is_hidden(patient_id: UUID) -> bool:
    """伏せるか — the name of one patient on this page."""
    return has_work() and patient_id in hidden_patients()
