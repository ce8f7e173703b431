# SPDX-License-Identifier: Apache-2.0
"""保存期間 — what is past its days leaves the tables: prescriptions, results, what pharmacies had kept, answers and preparations.

As the owner of the tables, for the role of the service may remove nothing. A batch is a transaction of its own: rows that a
request or another process holds are left for the next round. Persons and events stay, and with them who looked at what.

Cite: マイナポータルAPI仕様 (処方情報・調剤情報は約100日); 電子処方箋等検討ワーキンググループ 第2回 (2023-09-27) 資料1
(調剤済み処方箋は猶予を含め5年3か月、経過後は一律削除); docs/reference/unconfirmed.md
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, time
from typing import Any
from uuid import UUID

from django.db import connections, transaction

from tasuki.eligibility.times import JAPAN
from tasuki.prescriptions.service.rules import checked_since, kept_since
from tasuki_server.platform.models import ServiceEvent
from tasuki_server.platform.removal_clock import require_belief

OWNER = "owner"
MOST = 500
EVENT = "expire-prescriptions"
_FIRST = (datetime(1970, 1, 1, tzinfo=UTC), UUID(int=0))
# 薬局がまだ扱えるもの: received, or waiting within its days; a refill between its rounds and a later part name no last day.
_IN_USE = """
    (p.state = 'taken' OR (p.state = 'waiting'
      AND (p.rounds_done > 0 OR p.usable_until IS NULL OR p.usable_until >= %(today)s)))
"""
# 服用中の薬: the check over all institutions still finds it, also for a prescription that may be used for longer than four
# days. Of a refill's later rounds no last day is known, so that they keep nothing else.
_TAKEN = """
    EXISTS (SELECT FROM prescriptions_drugcourse c
      WHERE c.source_id = {0}.id AND c.is_live AND (c.until >= %(checked)s OR EXISTS (
        SELECT FROM prescriptions_prescription u
        WHERE u.patient_id = c.patient_id AND u.issued_on <= c.until AND u.usable_until >= %(today)s
          AND u.state IN ('waiting', 'taken') AND u.id IS DISTINCT FROM c.prescription_id)))
"""
_HAS_DRUGS = "EXISTS (SELECT FROM prescriptions_drugcourse c WHERE c.source_id = {0}.id)"
# One look at so many rows in their order; what of them must stay is passed by, and so is what somebody holds. Rows that
# something still refers to stay, and give up their drugs alone. Whoever removes drugs holds the row they are of.
_SEEN = """
    WITH seen AS MATERIALIZED (
      SELECT id, registered_at FROM {table}
      WHERE registered_at < %(before)s AND (registered_at, id) > (%(since)s, %(after)s)
      ORDER BY registered_at, id LIMIT %(most)s
    )
"""
_LAST = """
    SELECT (SELECT count(*) FROM removed), registered_at, id FROM seen ORDER BY registered_at DESC, id DESC LIMIT 1
"""
_DISPENSINGS = f"""
    {_SEEN.format(table="prescriptions_dispensing")}, past AS MATERIALIZED (
      SELECT d.id, d.document_id, n.is_needed FROM prescriptions_dispensing d JOIN seen USING (id)
      CROSS JOIN LATERAL (
        SELECT EXISTS (SELECT FROM prescriptions_storedprescription r WHERE r.dispensing_id = d.id) AS is_needed
      ) n
      WHERE NOT {_TAKEN.format("d")} AND (NOT n.is_needed OR {_HAS_DRUGS.format("d")})
        AND NOT EXISTS (SELECT FROM prescriptions_prescription p WHERE p.id = d.prescription_id AND {_IN_USE})
      FOR UPDATE OF d SKIP LOCKED
    ), drugs AS (
      DELETE FROM prescriptions_drugcourse WHERE source_id IN (SELECT id FROM past)
    ), removed AS (
      DELETE FROM prescriptions_dispensing WHERE id IN (SELECT id FROM past WHERE NOT is_needed) RETURNING id
    ), documents AS (
      DELETE FROM prescriptions_storeddocument WHERE id IN (SELECT document_id FROM past WHERE NOT is_needed)
    )
    {_LAST}
"""  # noqa: S608 - made of constants
_PRESCRIPTIONS = f"""
    {_SEEN.format(table="prescriptions_prescription")}, past AS MATERIALIZED (
      SELECT p.id, p.document_id, n.is_needed FROM prescriptions_prescription p JOIN seen USING (id)
      CROSS JOIN LATERAL (
        SELECT EXISTS (SELECT FROM prescriptions_dispensing d WHERE d.prescription_id = p.id)
          OR EXISTS (SELECT FROM prescriptions_prescription x WHERE x.id = p.replaced_by AND x.replaces = p.id) AS is_needed
      ) n
      WHERE NOT {_IN_USE} AND NOT {_TAKEN.format("p")} AND (NOT n.is_needed OR {_HAS_DRUGS.format("p")})
      FOR UPDATE OF p SKIP LOCKED
    ), drugs AS (
      DELETE FROM prescriptions_drugcourse WHERE source_id IN (SELECT id FROM past)
    ), steps AS (
      DELETE FROM prescriptions_transition WHERE prescription_id IN (SELECT id FROM past WHERE NOT is_needed)
    ), removed AS (
      DELETE FROM prescriptions_prescription WHERE id IN (SELECT id FROM past WHERE NOT is_needed) RETURNING id
    ), documents AS (
      DELETE FROM prescriptions_storeddocument WHERE id IN (SELECT document_id FROM past WHERE NOT is_needed)
    )
    {_LAST}
"""  # noqa: S608 - made of constants
_PLAIN = """
    DELETE FROM {0} WHERE id IN (SELECT id FROM {0} WHERE {1} LIMIT %(most)s FOR UPDATE SKIP LOCKED)
"""
_STORED = _PLAIN.format("prescriptions_storedprescription", "stored_until < %(today)s")
# What was answered tells of prescriptions, so it has their days; from then on its key is a new one.
_ANSWERS = _PLAIN.format("prescriptions_keptanswer", "at < %(before)s")
# 一括取得の受付番号 tells of nobody, and how long it stands is not public.
_PREPARATIONS = _PLAIN.format("prescriptions_preparation", "at < %(before)s AND kind = 'check'")
# 順序: what refers goes before what it refers to. What was changed goes a round after what took its place.
_ROUND = (
    ("stored", _STORED),
    ("dispensings", _DISPENSINGS),
    ("prescriptions", _PRESCRIPTIONS),
    ("answers", _ANSWERS),
    ("preparations", _PREPARATIONS),
)


def remove_past(at: datetime, is_ended: Callable[[], bool] = lambda: False, most: int = MOST) -> Counter[str]:
    """保存期間を過ぎたものの削除 — one round over all kinds, on the day of Japan; gives how many of each went.

    ``is_ended`` is asked after each batch, and may rest before it answers. Raises
    :class:`~tasuki_server.platform.removal_clock.Unbelievable`.
    """
    require_belief(at, OWNER)
    today = at.astimezone(JAPAN).date()
    values = {
        "today": today,
        "checked": checked_since(today),
        "before": datetime.combine(kept_since(today), time(), JAPAN),
        "most": most,
    }
    removed: Counter[str] = Counter()
    for kind, statement in _ROUND:
        since, after = _FIRST
        while True:
            gone, last = _batch(kind, statement, values | {"since": since, "after": after}, at)
            removed[kind] += gone
            if is_ended():
                return +removed
            if last is None:
                break
            since, after = last
    return +removed


def _batch(
    kind: str, statement: str, values: dict[str, Any], at: datetime
) -> tuple[int, tuple[datetime, UUID] | None]:
    """How many rows went, and where the next batch begins; None after the last."""
    with transaction.atomic(using=OWNER), connections[OWNER].cursor() as cursor:
        cursor.execute(statement, values)
        if cursor.description is None:
            gone, last = cursor.rowcount, _FIRST if cursor.rowcount == values["most"] else None
        else:
            row = cursor.fetchone()
            gone, last = (row[0], (row[1], row[2])) if row is not None else (0, None)
        if gone:
            ServiceEvent.objects.using(OWNER).create(
                at=at, operation=EVENT, outcome="ok", detail={kind: gone}
            )
        return gone, last
