# SPDX-License-Identifier: Apache-2.0
"""受付・審査の参照 — what the desk of the rehearsal service shows, to its operators alone; anybody else gets 404.

A role given by some institution's administrator is not enough: who sits here is written by the command line.
"""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Count, Max
from django.http import Http404, HttpRequest

from tasuki.claims.reader import read
from tasuki.claims.review_results import REASONS
from tasuki_server.audit.trail import record
from tasuki_server.receiving.models import (
    PAYERS,
    Delivery,
    DeskSetting,
    Operator,
    ReceivedReceipt,
    SendingClient,
)
from tasuki_server.receiving.scenario import SCENARIOS, cuttable


def operator_of(request: HttpRequest) -> Operator:
    """審査担当者 — 404 for everyone else, whatever their role."""
    found = Operator.objects.filter(user_id=request.user.pk).first()
    if found is None:
        raise Http404("operator")
    return found


def access_desk() -> dict[str, Any]:
    """受付の画面 — every file, and each month and payer that waits for its examination."""
    record("receiving.read")
    rows = list(Delivery.objects.select_related("client").defer("data").order_by("-received_at")[:300])
    waiting = sorted(
        {(each.claim_month, each.payer) for each in rows if each.state == "received" and each.is_accepted}
    )
    return {
        "deliveries": [{"row": each, "state": STATES[each.state]} for each in rows],
        "waiting": [{"month": month, "payer": payer, "label": PAYERS[payer]} for month, payer in waiting],
        "scenarios": list(SCENARIOS.items()),
        "is_deadline_kept": deadline_kept(),
    }


STATES = {"received": "受付", "refused": "受付不可", "replaced": "差替え", "examined": "審査済み"}
RECEIPT_STATES = {"received": "審査前", "settled": "支払", "returned": "返戻", "withdrawn": "取下げ"}


def access_delivery(delivery_id: UUID) -> dict[str, Any]:
    """受付の詳細 — the receipts with their errors and decisions, and what could be cut."""
    found = find_delivery(delivery_id)
    record("receiving.read", detail={"delivery": str(found.id)})
    receipts = read(bytes(found.data)).receipts if found.is_accepted else ()
    rows = list(found.receipts.prefetch_related("decisions").order_by("number"))
    return {
        "delivery": found,
        "state": STATES[found.state],
        "is_open": found.state == "received" and found.is_accepted,
        "rows": [
            {
                "row": row,
                "state": RECEIPT_STATES[row.state],
                "decisions": list(row.decisions.all()),
                "units": [f"{section} {name} {points}" for section, name, points in cuttable(receipt)],
                "heavy": [each for each in row.findings if each["severity"] in ("block", "confirm")],
            }
            for row, receipt in zip(rows, receipts, strict=True)
        ],
        "whole": found.findings if not found.is_accepted else [],
        "reasons": list(REASONS.items()),
    }


def access_clients() -> dict[str, Any]:
    """送信元の画面 — who may send by token, when each sent last, and which were stopped."""
    record("receiving.read")
    rows = SendingClient.objects.annotate(
        sent_count=Count("deliveries"), last_at=Max("deliveries__received_at")
    )
    return {"clients": list(rows.order_by("revoked_at", "name"))}


def find_client_row(client_id: UUID) -> SendingClient:
    """送信元の参照 — by id."""
    found = SendingClient.objects.filter(pk=client_id).first()
    if found is None:
        raise Http404("client")
    return found


def find_delivery(delivery_id: UUID) -> Delivery:
    """受付の参照 — by id."""
    found = Delivery.objects.select_related("client").filter(pk=delivery_id).first()
    if found is None:
        raise Http404("delivery")
    return found


def find_receipt(receipt_id: UUID) -> ReceivedReceipt:
    """受け付けたレセプトの参照 — by id, while its file waits for the examination."""
    found = ReceivedReceipt.objects.select_related("delivery").filter(pk=receipt_id).first()
    if found is None or found.delivery.state != "received":
        raise Http404("receipt")
    return found


def cut_of(receipt: ReceivedReceipt, place: str) -> tuple[str, str, int] | None:
    """査定する明細 — by its place in the list of what can be cut."""
    own = read(bytes(receipt.delivery.data)).receipts[receipt.number - 1]
    units = list(cuttable(own))
    return units[int(place)] if place.isdecimal() and int(place) < len(units) else None


def deadline_kept() -> bool:
    """締切を守るか — as the desk is set."""
    newest = DeskSetting.objects.order_by("-made_at").first()
    return newest is not None and newest.is_deadline_kept


def read_desk_month(text: str) -> date:
    """請求月の読取り — YYYY-MM, 404 for anything else."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError as wrong:
        raise Http404("month") from wrong
