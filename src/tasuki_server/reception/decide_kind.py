# SPDX-License-Identifier: Apache-2.0
"""初再診の決定 — at the desk, in the chart or at the bill: on the visit, as a version with its reason, and in the trail.

The trail names the decision, not its words; the reason is read on the version.
"""

from __future__ import annotations

from django.db.models import F

from tasuki.chart.visit import VisitKind
from tasuki_server.audit.trail import record
from tasuki_server.reception.board import raise_board
from tasuki_server.reception.models import KindDecision, Visit

BACK_TO_AUTO = "自動に戻した"


def decide_kind(visit: Visit, kind: str, reason: str) -> None:
    """初再診の決定 — raises ``ValueError`` (in Japanese) for an unknown kind or a missing reason."""
    if kind not in {each.value for each in VisitKind}:
        raise ValueError("初診・再診の別を選んでください。")
    reason = reason.strip()[:200]
    if kind != VisitKind.AUTO and not reason:
        raise ValueError("初診・再診の別を変える理由を書いてください。")
    found = Visit.objects.select_for_update(of=("self",)).select_related("patient").get(pk=visit.pk)
    if (found.kind, found.kind_reason) == (kind, reason):
        return
    found.kind, found.kind_reason = kind, reason
    found.save(update_fields=["kind", "kind_reason"])
    Visit.objects.filter(pk=found.pk).update(stamp=F("stamp") + 1)
    raise_board(found.day)
    keep_decision(found)


def keep_decision(visit: Visit) -> None:
    """初再診の決定の記録 — the next version; the visit row carries the newest."""
    newest = KindDecision.objects.filter(record_id=visit.id).order_by("-version").first()
    reason = visit.kind_reason or (BACK_TO_AUTO if visit.kind == VisitKind.AUTO else "")
    if newest is None:
        made = KindDecision.objects.create(visit=visit, record_id=visit.id, kind=visit.kind, reason=reason)
    else:
        made = newest.revise(read_version=newest.version, reason=reason, kind=visit.kind)
    detail = {"kind": str(visit.kind), "decision": str(made.id), "version": made.version}
    record("visit.decide_kind", visit, visit.patient_id, detail)


def kind_decisions(visit: Visit) -> list[KindDecision]:
    """初再診の決定の経過 — the newest first."""
    return list(
        KindDecision.objects.filter(record_id=visit.id).select_related("made_by").order_by("-version")
    )
