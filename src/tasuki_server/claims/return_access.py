# SPDX-License-Identifier: Apache-2.0
"""返戻の参照 — what the pages of returns show."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Q
from django.http import Http404

from tasuki.kernel.kana import search_key
from tasuki_server.audit.trail import record
from tasuki_server.claims.closing import closing_of
from tasuki_server.claims.making import newest_build
from tasuki_server.claims.models import PAYER_LABELS, ReturnedClaim, StepKind
from tasuki_server.claims.months import shift
from tasuki_server.claims.reclaim import prepare_reclaim
from tasuki_server.claims.sending import reclaimed_by, state_of
from tasuki_server.patients.access import banner_of
from tasuki_server.privacy.masking import hidden_patients


def access_returns(shown: str, text: str, payer: str) -> dict[str, Any]:
    """返戻の画面 — the returns that wait, or all; narrowed by patient and payer."""
    record("claims.read", "claims.returns")
    rows = ReturnedClaim.objects.filter(bound=None)
    rows = rows.select_related("file", "patient", "sent__submission").defer(
        "file__data", "sent__submission__data", "records", "history"
    )
    if payer in PAYER_LABELS:
        rows = rows.filter(file__payer=payer)
    wanted = text.strip()
    if wanted.isdecimal():
        rows = rows.filter(patient__number=int(wanted[:9]))
    elif wanted:
        key = search_key(wanted)
        named = Q(patient__kana_key__contains=key) | Q(patient__name_key__contains=key)
        rows = rows.filter(named | Q(patient_name__contains=wanted)).exclude(patient__in=hidden_patients())
    found = [_return_row(each) for each in rows.order_by("-file__received_at", "id")[:500]]
    opened = [each for each in found if each["is_open"]]
    return {
        "rows": found if shown == "all" else opened,
        "shown": shown,
        "q": text,
        "payer": payer,
        "unbound_count": sum(each["row"].sent_id is None for each in opened),
        "open_count": len(opened),
        "count": len(found),
        "open_yen": sum(each["row"].yen for each in opened),
    }


def _return_row(row: ReturnedClaim) -> dict[str, Any]:
    again = reclaimed_by(row)
    state = state_of(again.submission) if again is not None else None
    label = "再請求していない"
    if again is not None and state is not None:
        label = f"再請求 {again.submission.claim_month:%Y年%-m月} {StepKind(state).label}"
    return {"row": row, "again": again, "label": label, "is_open": again is None}


def find_return(return_id: UUID) -> ReturnedClaim:
    """返戻の参照 — by id."""
    rows = ReturnedClaim.objects.select_related("file", "patient", "sent__claim", "made_by")
    found = rows.filter(pk=return_id).first()
    if found is None:
        raise Http404("return")
    return found


def access_return(return_id: UUID) -> dict[str, Any]:
    """返戻の詳細 — why it came back, where to mend it, and whether it can be claimed again."""
    found = find_return(return_id)
    record("claims.read", found, found.patient_id)
    build = newest_build(found.month) if found.month else None
    claim = None
    if build is not None and found.patient_id is not None:
        mine = build.claims.filter(patient_id=found.patient_id)
        key = found.sent.key if found.sent else ""
        claim = mine.filter(key=key).first() or mine.first()
    closing = closing_of(found.month) if found.month else None
    following = shift(found.file.claim_month, 1)
    return {
        **(banner_of(found.patient) if found.patient is not None else {}),
        **_return_row(found),
        "returned": found,
        "is_unbound": found.sent_id is None and not found.bound.exists(),
        "stands_for": found.bound.first(),
        "claim": claim,
        "is_closed": closing is not None and closing.is_closed,
        "prepared": prepare_reclaim(found, following) if found.patient_id else None,
        "following": following,
        "visits": _visits(found),
    }


def _visits(found: ReturnedClaim) -> list[Any]:
    from tasuki_server.reception.models import Visit

    if found.patient_id is None or found.month is None:
        return []
    rows = Visit.objects.filter(
        patient_id=found.patient_id, day__year=found.month.year, day__month=found.month.month
    )
    return list(rows.order_by("arrived_at"))
