# SPDX-License-Identifier: Apache-2.0
"""作業指示の表示 — an order, its acts out of the trail, and the comparison of both."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from tasuki.security.maintenance import (
    Act,
    Decision,
    Plan,
    Reconciled,
    Standing,
    is_planned,
    is_review_overdue,
    may_review,
    reconcile,
)
from tasuki.security.permissions import Permission, Role
from tasuki_server.audit.action_names import action_name
from tasuki_server.audit.models import AuditEvent
from tasuki_server.audit.trail import record
from tasuki_server.institutions.models import Staff
from tasuki_server.institutions.work import current_work
from tasuki_server.maintenance.access import SHOWN
from tasuki_server.maintenance.models import StepKind, WorkOrder, WorkOrderStep
from tasuki_server.maintenance.plans import orders, plan_of
from tasuki_server.patients.models import Patient
from tasuki_server.shell.waiting import Waiting

DECLARATIONS = {
    "none_taken": "患者のデータを手元に残していない",
    "erased": "作業で使ったデータをすべて消去した",
    "kept": "消去できていないデータがある（記事に書く）",
}
REVIEWS = {"as_planned": "計画どおりと確認した", "not_as_planned": "計画と違う（記事に書く）"}
COMMAND = "maintenance.command"
_OWN = ("sign_", "second_factor.", "password.", "enrolment.", "work_order.")


def orders_shown() -> list[dict[str, Any]]:
    """作業指示の一覧 — each with its state now and whether its review is overdue."""
    at = current_work().at
    rows = []
    for order in orders()[:SHOWN]:
        plan = plan_of(order)
        is_reviewed = StepKind.REVIEW in steps_of(order)
        rows.append(
            {
                "order": order,
                "standing": plan.standing(at),
                "people": [each.person.staff.name for each in order.named_people.all()],
                "is_reviewed": is_reviewed,
                "needs_review": not is_reviewed and _has_ended(plan, at),
                "is_overdue": not is_reviewed and is_review_overdue(plan, at),
            }
        )
    record("work_order.read", detail={"orders": len(rows)})
    return rows


def _has_ended(plan: Plan, at: datetime) -> bool:
    """Whether there is work to compare with its plan."""
    return plan.decision is Decision.APPROVED and at >= plan.closes_at


def unseen_orders(_staff: Staff) -> list[Waiting]:
    """確認していない作業指示の件数 — for the first page of who reviews."""
    at = current_work().at
    plans = [
        plan_of(each) for each in orders().filter(starts_at__lte=at).exclude(steps__kind=StepKind.REVIEW)
    ]
    ended = [each for each in plans if _has_ended(each, at)]
    late = sum(is_review_overdue(each, at) for each in ended)
    oldest = min((timezone.localdate(each.closes_at) for each in ended), default=None)
    return [Waiting("確認していない保守作業", len(ended), reverse("maintenance:list"), late, oldest=oldest)]


def steps_of(order: WorkOrder) -> dict[str, WorkOrderStep]:
    """経過 — by kind."""
    return {each.kind: each for each in order.steps.all()}


def scope_labels(order: WorkOrder) -> list[str]:
    """作業の範囲 — in words."""
    known = {str(each): each for each in Permission}
    return [
        f"{known[each].about.workplace}: {known[each].about.label}" for each in order.scope if each in known
    ]


def plan_as_approved(order: WorkOrder) -> tuple[Plan, bool]:
    """承認された計画 — as the chained trail has it, and whether the rows of the order still say the same.

    Whoever moves an end time in the table, with more rights than any page has, does not move it in the trail.
    """
    plan = plan_of(order)
    event = (
        AuditEvent.objects.filter(action="work_order.decide", subject_id=str(order.id))
        .order_by("number")
        .first()
    )
    if event is None:
        return plan, plan.decision is None
    known, said = set(Permission), event.detail
    approved = Plan(
        order=plan.order,
        people=frozenset(UUID(each) for each in said["people"]),
        scope=frozenset(Permission(each) for each in said["scope"] if each in known),
        starts_at=datetime.fromisoformat(said["starts_at"]),
        ends_at=datetime.fromisoformat(said["ends_at"]),
        patients=frozenset(UUID(each) for each in said["patients"]),
        decision=Decision(said["decision"]),
        decided_at=event.at,
        ended_at=plan.ended_at,
        is_cut=plan.is_cut,
    )
    return approved, approved == plan


def acts_of(order: WorkOrder, plan: Plan) -> list[Act]:
    """保守の行為 — what was done under the order, and all else its people did inside its window, in time order."""
    users = [str(each.person.staff.user_id) for each in order.named_people.all()]
    by_them = Q(staff_id__in=plan.people) | Q(detail__user__in=users)
    inside = by_them & Q(at__gte=plan.opens_at, at__lte=plan.closes_at, detail__work_order__isnull=True)
    events = AuditEvent.objects.filter(Q(detail__work_order=str(order.id)) | inside)
    return [act_of(each) for each in events.order_by("number")]


def act_of(event: AuditEvent) -> Act:
    """保守の行為の値 — an event of the trail as the comparison sees it."""
    known, detail = set(Permission), event.detail
    needs = frozenset(Permission(each) for each in detail.get("needs", ()) if each in known)
    given = detail.get("work_order")
    # The waiting page shows one's own orders, with the patients they name.
    is_own = needs == {Permission.MAINTENANCE_WAIT} or (
        event.patient_id is None
        and (event.action.startswith(_OWN) or (event.action == "maintenance.act" and not needs))
    )
    return Act(
        number=event.number,
        at=event.at,
        person=event.staff_id,
        action=event.action,
        order=UUID(given) if given else None,
        permissions=needs,
        patient=event.patient_id,
        is_refused=event.action == "access.refused",
        is_own_account=is_own,
        is_command=event.action == COMMAND,
    )


def is_planned_by_any(plans: Mapping[UUID, Plan], act: Act) -> bool:
    """どれかの計画どおりか — refused, of one's own account, or planned by the order it names."""
    if act.is_refused or act.is_own_account:
        return True
    plan = plans.get(act.order) if act.order is not None else None
    return plan is not None and is_planned(plan, act)


def reconciled(order: WorkOrder) -> tuple[Reconciled, bool]:
    """作業の照合 — of the approved plan with the trail, and whether the order is still as it was approved."""
    plan, is_same = plan_as_approved(order)
    return reconcile(plan, acts_of(order, plan)), is_same


def acts_shown(order: WorkOrder) -> dict[str, Any]:
    """保守の行為の一覧 — newest first with their judgement, and a mark that changes when there is more."""
    found, is_same = reconciled(order)
    judged = [
        (act, label)
        for label, acts in (
            ("計画内", found.inside),
            ("拒否", found.refused),
            ("計画外", found.outside),
            ("本人の設定・待合", found.own_account),
        )
        for act in acts
    ]
    judged.sort(key=lambda each: -each[0].number)
    standing = plan_of(order).standing(current_work().at)
    wanted = AuditEvent.objects.filter(number__in=[act.number for act, _ in judged[:SHOWN]])
    events = {each.number: each for each in wanted}
    rows = [_row(act, label, events[act.number]) for act, label in judged[:SHOWN]]
    return {
        "rows": rows,
        "mark": f"{found.count}-{standing}",
        "found": found,
        "is_same": is_same,
        "standing": standing,
        "is_live": standing in (Standing.OPEN, Standing.WAITING),
    }


def _row(act: Act, label: str, event: AuditEvent) -> dict[str, Any]:
    detail: Mapping[str, Any] = event.detail
    return {
        "number": act.number,
        "at": act.at,
        "actor": event.actor,
        "act": action_name(act.action),
        "where": detail.get("path") or detail.get("command") or "",
        "patient_id": act.patient,
        "judgement": label,
    }


def order_facts(order: WorkOrder, staff: Staff) -> dict[str, Any]:
    """作業指示の画面の値 — all that the page and the printed report show."""
    shown = acts_shown(order)
    found: Reconciled = shown["found"]
    plan, at = plan_of(order), current_work().at
    numbers = dict(
        Patient.objects.filter(id__in=[*found.patients, *plan.patients]).values_list("id", "number")
    )
    actors = [each.person for each in (*found.inside, *found.outside) if each.person is not None]
    steps = steps_of(order)
    record("work_order.read", order)
    return {
        "order": order,
        "steps": steps,
        "people": [each.person.staff.name for each in order.named_people.all()],
        "scope": scope_labels(order),
        "named": sorted(numbers[each] for each in plan.patients),
        "counts": sorted(
            (numbers.get(each), count, each in plan.patients) for each, count in found.patients.items()
        ),
        "is_over": plan.decision is Decision.APPROVED and at >= plan.closes_at,
        "may_review": may_review(plan, staff.id, actors, is_vendor=Role.MAINTENANCE in staff.roles),
        "is_overdue": StepKind.REVIEW not in steps and is_review_overdue(plan, at),
        "declarations": DECLARATIONS,
        "declared": DECLARATIONS.get(steps["declaration"].outcome, "") if "declaration" in steps else "",
        "reviews": REVIEWS,
        "reviewed": REVIEWS.get(steps["review"].outcome, "") if "review" in steps else "",
        "now": at,
        **shown,
    }
