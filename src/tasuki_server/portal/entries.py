# SPDX-License-Identifier: Apache-2.0
"""本人の記入 — blood pressure, weight and free notes: kept as the person's own word, in a table apart from what was confirmed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django.utils import timezone

from tasuki.forms.graphs import Trend, TrendPoint, trend
from tasuki_server.eligibility.models import InsuredPerson
from tasuki_server.portal.models import Account, EntryKind, OwnEntry, Proxy
from tasuki_server.portal.statements import unread_of

# 入力できる範囲: what a home's device can show, not what is healthy.
UPPER, LOWER = (40, 300), (20, 200)
WEIGHT = (Decimal("0.5"), Decimal(400))
LONGEST_NOTE = 2000
SHOWN = 200


class Unusable(ValueError):
    """使えない記入 — with the key of the words that say what to mend (``fault.*``)."""


def entries_of(person: InsuredPerson) -> list[OwnEntry]:
    """本人の記入の一覧 — the newest first, without those taken back."""
    rows = OwnEntry.objects.select_related("account__person").defer(*unread_of("account__person"))
    return list(rows.filter(person=person, withdrawn_at=None).order_by("-measured_at")[:SHOWN])


def add_entry(
    person: InsuredPerson, account: Account, proxy: Proxy | None, given: Mapping[str, str]
) -> OwnEntry:
    """本人の記入の追加 — raises :class:`Unusable`."""
    kind = given.get("kind", "")
    row = OwnEntry(
        person=person, account=account, proxy=proxy, kind=kind, measured_at=_moment(given.get("at", ""))
    )
    if kind == EntryKind.PRESSURE:
        row.upper_mmhg, row.lower_mmhg = _pressure(given.get("upper", ""), given.get("lower", ""))
    elif kind == EntryKind.WEIGHT:
        row.weight_kg = _weight(given.get("weight", ""))
    elif kind == EntryKind.NOTE:
        row.text = given.get("text", "").strip()
        if not row.text or len(row.text) > LONGEST_NOTE or "\0" in row.text:
            raise Unusable("note")
    else:
        raise Unusable("kind")
    row.save(force_insert=True)
    return row


def withdraw_entry(person: InsuredPerson, entry_id: UUID) -> bool:
    """本人の記入の取消 — of this person; it stays in the table, marked."""
    found = OwnEntry.objects.filter(pk=entry_id, person=person, withdrawn_at=None)
    return bool(found.update(withdrawn_at=timezone.now()))


def drawings(rows: list[OwnEntry], titles: Mapping[str, str]) -> list[str]:
    """推移の図 — of upper pressure and of weight, where there are two at least; no range of health is drawn."""
    drawn = []
    for title, unit, values in (
        ("pressure", "mmHg", [(row, Decimal(row.upper_mmhg)) for row in rows if row.upper_mmhg is not None]),
        ("weight", "kg", [(row, row.weight_kg) for row in rows if row.weight_kg is not None]),
    ):
        points = tuple(
            TrendPoint(timezone.localtime(row.measured_at).date(), value) for row, value in reversed(values)
        )
        if len(points) > 1:
            drawn.append(trend(Trend(titles[title], unit, points), width=340, height=190))
    return drawn


def as_facts(row: OwnEntry) -> dict[str, Any]:
    """記入の値 — for a download; says that it is the person's own word."""
    return {
        "kind": row.kind,
        "measured_at": row.measured_at,
        "upper_mmhg": row.upper_mmhg,
        "lower_mmhg": row.lower_mmhg,
        "weight_kg": row.weight_kg,
        "text": row.text,
        "by_proxy": row.proxy_id is not None,
    }


def _moment(text: str) -> datetime:
    """Of ``datetime-local``; empty is now, the future is a slip."""
    if not text.strip():
        return timezone.now()
    try:
        found = timezone.make_aware(datetime.fromisoformat(text.strip()).replace(tzinfo=None))
    except ValueError as wrong:
        raise Unusable("at") from wrong
    if found > timezone.now() or found.year < 1900:
        raise Unusable("at")
    return found


def _pressure(upper: str, lower: str) -> tuple[int, int]:
    try:
        high, low = int(upper), int(lower)
    except ValueError as wrong:
        raise Unusable("pressure") from wrong
    if not (UPPER[0] <= high <= UPPER[1] and LOWER[0] <= low <= LOWER[1] and low < high):
        raise Unusable("pressure")
    return high, low


def _weight(text: str) -> Decimal:
    try:
        found = Decimal(text.strip())
    except InvalidOperation as wrong:
        raise Unusable("weight") from wrong
    if not (found.is_finite() and WEIGHT[0] <= found <= WEIGHT[1]):
        raise Unusable("weight")
    exponent = found.as_tuple().exponent
    if not isinstance(exponent, int) or exponent < -1:
        raise Unusable("weight")
    return found
