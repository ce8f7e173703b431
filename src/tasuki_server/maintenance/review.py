# SPDX-License-Identifier: Apache-2.0
"""照合の確認 — the signature under the comparison, with the figures that were seen."""

from __future__ import annotations

from tasuki.security.maintenance import Decision, may_review
from tasuki.security.permissions import Role
from tasuki_server.institutions.models import Staff
from tasuki_server.institutions.work import current_work
from tasuki_server.maintenance.asking import NotPossible, review_step
from tasuki_server.maintenance.models import StepKind, WorkOrder, WorkOrderStep
from tasuki_server.maintenance.plans import plan_of
from tasuki_server.maintenance.reading import REVIEWS, reconciled, steps_of


def review(order: WorkOrder, by: Staff, outcome: str, note: str) -> WorkOrderStep:
    """照合の確認 — after the end and the declaration; with acts outside the plan it cannot be signed "as planned"."""
    plan, at = plan_of(order), current_work().at
    if plan.decision is not Decision.APPROVED or at < plan.closes_at:
        raise NotPossible("作業が終わってから確認してください。")
    if StepKind.DECLARATION not in steps_of(order):
        raise NotPossible("先に、作業データの消去の申告を記録してください。")
    if outcome not in REVIEWS:
        raise NotPossible("確認の結果を選んでください。")
    found, is_same = reconciled(order)
    actors = [each.person for each in (*found.inside, *found.outside) if each.person is not None]
    if not may_review(plan, by.id, actors, is_vendor=Role.MAINTENANCE in by.roles):
        raise NotPossible("保守業者の人と、この作業をした人は確認できません。")
    if outcome == "as_planned" and (found.outside or not is_same):
        raise NotPossible("計画外の行為があります。「計画と違う」を選び、記事に書いてください。")
    if outcome == "not_as_planned" and not note.strip():
        raise NotPossible("計画との違いと、とった対応を記事に書いてください。")
    facts = {
        "inside": len(found.inside),
        "refused": len(found.refused),
        "outside": len(found.outside),
        "patients": len(found.patients),
        "is_same": is_same,
    }
    return review_step(order, outcome, by, note, facts)
