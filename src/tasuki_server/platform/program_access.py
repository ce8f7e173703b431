# SPDX-License-Identifier: Apache-2.0
"""接続プログラムの参照（試行環境） — what the pages of programs show; each look is in the trail."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import F
from django.http import Http404
from django.utils import timezone

from tasuki_server.audit.trail import record
from tasuki_server.exchange.models import ExchangeClient, Narrowing
from tasuki_server.exchange.service import MAY_EXCHANGE
from tasuki_server.platform.models import ConnectedInstitution


def access_programs() -> dict[str, Any]:
    """接続プログラムの画面 — with the keys in use, and the bounds of institutions themselves."""
    record("platform.read", detail={"of": "programs"})
    now = timezone.now()
    rows = ExchangeClient.objects.select_related("connected").prefetch_related("keys")
    ordered = rows.order_by(F("revoked_at").asc(nulls_first=True), "connected__name", "name")
    return {
        "programs": [
            {"row": row, "keys": [each for each in row.keys.all() if each.is_usable(now)]}  # type: ignore[attr-defined]
            for row in ordered
        ],
        "narrowings": Narrowing.objects.select_related("connected").order_by("connected__name"),
    }


def institutions() -> list[tuple[str, str]]:
    """接続機関の選択肢 — those whose token is not stopped, and to whom the exchange answers."""
    rows = ConnectedInstitution.objects.filter(revoked_at__isnull=True, fee_table__in=MAY_EXCHANGE).order_by(
        "name"
    )
    return [(str(row.id), f"{row.name}（{row.institution_number}）") for row in rows]


def find_program(client_id: UUID) -> ExchangeClient:
    """接続プログラム — by id."""
    found = ExchangeClient.objects.filter(pk=client_id).first()
    if found is None:
        raise Http404("program")
    return found
