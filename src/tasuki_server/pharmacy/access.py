# SPDX-License-Identifier: Apache-2.0
"""薬局の参照 — what this pharmacy received and where each stands, as its own steps tell."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest
from django.utils import timezone

from tasuki_server.audit.trail import record
from tasuki_server.institutions.ids import new_id
from tasuki_server.institutions.models import Institution, Staff
from tasuki_server.pharmacy.models import PharmacyStep, ReceivedPrescription, StepKind
from tasuki_server.pharmacy.reading import prescription_view

PHARMACY = "pharmacy"
SHOWN_DAYS = 100
MOST_ROWS = 500


@dataclass(frozen=True, slots=True)
class Standing:
    """処方箋の現況 — where a received prescription stands at this pharmacy, and its live result, if it has one."""

    state: str
    label: str
    result: PharmacyStep | None

    @property
    def is_open(self) -> bool:
        """調剤中か — received and neither given back, collected nor dispensed."""
        return self.state == "open"


def pharmacy_of(request: HttpRequest) -> tuple[Institution, Staff]:
    """自分の薬局 — 404 for an institution that is none."""
    institution = Institution.objects.get()
    if institution.kind != PHARMACY:
        raise Http404("pharmacy")
    return institution, request.staff  # type: ignore[attr-defined]


def access_board() -> dict[str, Any]:
    """受付一覧 — those in hand first, then what was done, the newest first."""
    since = timezone.now() - timedelta(days=SHOWN_DAYS)
    rows = list(
        ReceivedPrescription.objects.filter(received_at__gte=since)
        .defer("document")
        .select_related("received_by")
        .order_by("-received_at")[:MOST_ROWS]
    )
    steps: dict[UUID, list[PharmacyStep]] = {}
    for step in PharmacyStep.objects.filter(received__in=rows).defer("document", "content").order_by("at"):
        steps.setdefault(step.received_id, []).append(step)
    items = [{"row": each, "standing": standing_of(steps.get(each.id, []))} for each in rows]
    record("pharmacy.read", detail={"rows": len(rows)})
    return {
        "waiting": [each for each in items if each["standing"].is_open],
        "done": [each for each in items if not each["standing"].is_open],
        "key": new_id(),
        "shown_days": SHOWN_DAYS,
    }


def find_received(received_id: UUID) -> ReceivedPrescription:
    """受け付けた処方箋 — by id. Raises ``Http404``."""
    row = ReceivedPrescription.objects.select_related("received_by").filter(pk=received_id).first()
    if row is None:
        raise Http404("received")
    return row


def access_received(received_id: UUID) -> dict[str, Any]:
    """処方箋の画面 — the prescription as it was received, its alerts, what was done with it, and keys for the next act."""
    row = find_received(received_id)
    steps = list(row.steps.select_related("by").order_by("at"))
    record("pharmacy.read", row, detail={"prescription": str(row.prescription)})
    checks = [each for each in steps if each.kind == StepKind.CHECKED]
    standing = standing_of(steps)
    today = timezone.localdate()
    return {
        "row": row,
        "view": _given(prescription_view(bytes(row.document)), standing.result),
        "steps": [each for each in steps if each.kind != StepKind.CHECKED],
        "check": checks[-1] if checks else None,
        "standing": standing,
        "today": today,
        "given": standing.result,
        "dispensed_on": f"{standing.result.dispensed_on if standing.result else today:%Y-%m-%d}",
        "message": standing.result.content["message"] if standing.result else "",
        "is_late": row.usable_until is not None and row.usable_until < today,
        "is_outside_window": bool(
            row.next_from and row.next_until and not row.next_from <= today <= row.next_until
        ),
        "keys": {name: new_id() for name in ("dispense", "check", "step", "cancel")},
    }


def _given(view: dict[str, Any], result: PharmacyStep | None) -> dict[str, Any]:
    """A change begins from what was told before, not from the prescription again."""
    if result is None:
        return view
    before = {rp["rp"]: rp for rp in result.content["rps"]}
    rps = []
    for rp in view["rps"]:
        told = before.get(rp["rp"])
        drugs = rp["drugs"]
        if told is not None:
            drugs = [
                drug | {"given_amount": given[1], "note": given[3], "chosen": given[4]}
                for drug, given in zip(drugs, told["drugs"], strict=False)
            ]
            rp = rp | {"given_quantity": told["quantity"]}
        rps.append(rp | {"drugs": drugs})
    return view | {"rps": rps}


def standing_of(steps: list[PharmacyStep]) -> Standing:
    """現況 — folded from the steps in their order."""
    state, label, result = "open", "調剤中", None
    for step in steps:
        match step.kind:
            case StepKind.RELEASED:
                state, label = "released", "受付取消"
            case StepKind.COLLECTED:
                state, label = "collected", "回収済"
            case StepKind.RETURNED:
                state, label = "open", "調剤中"
            case StepKind.DISPENSED | StepKind.CHANGED:
                state, label, result = "done", "調剤済", step
            case StepKind.CANCELLED:
                state, label, result = "open", "調剤中", None
    return Standing(state, label, result)
