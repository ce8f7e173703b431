# SPDX-License-Identifier: Apache-2.0
"""作業計画の読取り — work orders as values, and the one that is open for a person now."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Prefetch, QuerySet

from tasuki.security.maintenance import Decision, Plan
from tasuki.security.permissions import Permission
from tasuki_server.institutions.models import Staff
from tasuki_server.maintenance.models import StepKind, WorkOrder, WorkOrderPerson, WorkOrderStep

CUT, ENDED = "cut", "ended"


def orders() -> QuerySet[WorkOrder]:
    """作業指示 — with all that a plan is made of, the newest first."""
    return (
        WorkOrder.objects.select_related("company", "asked_by")
        .prefetch_related(
            Prefetch("named_people", WorkOrderPerson.objects.select_related("person__staff")),
            Prefetch("steps", WorkOrderStep.objects.select_related("by")),
            "named_patients",
        )
        .order_by("-number")
    )


def plan_of(order: WorkOrder) -> Plan:
    """作業計画 — of an order read by :func:`orders`; unknown permissions of an older version are not lent."""
    known = set(Permission)
    steps = {each.kind: each for each in order.steps.all()}
    decision, end = steps.get(StepKind.DECISION), steps.get(StepKind.END)
    return Plan(
        order=order.id,
        people=frozenset(each.person.staff_id for each in order.named_people.all()),
        scope=frozenset(Permission(each) for each in order.scope if each in known),
        starts_at=order.starts_at,
        ends_at=order.ends_at,
        patients=frozenset(each.patient_id for each in order.named_patients.all()),
        decision=None if decision is None else Decision(decision.outcome),
        decided_at=None if decision is None else decision.at,
        ended_at=None if end is None else end.at,
        is_cut=end is not None and end.outcome == CUT,
    )


def open_order(staff: Staff, at: datetime) -> tuple[WorkOrder, Plan] | None:
    """作業中の指示 — asked of the database at each request, so that an end or a cut counts at the next one."""
    if not staff.is_active:
        return None
    steps = WorkOrderStep.objects.filter(order=OuterRef("pk"))
    now = orders().filter(
        # What is not approved, or ended early, is not read: this is asked of every page.
        Exists(steps.filter(kind=StepKind.DECISION, outcome=Decision.APPROVED)),
        ~Exists(steps.filter(kind=StepKind.END)),
        named_people__person__staff=staff, company__is_active=True, starts_at__lte=at, ends_at__gt=at,
    )  # fmt: skip
    for order in now:
        plan = plan_of(order)
        if plan.is_open_for(staff.id, at):
            return order, plan
    return None


def orders_of(staff_id: UUID) -> QuerySet[WorkOrder]:
    """本人の作業指示 — those that name a person."""
    return orders().filter(named_people__person__staff_id=staff_id)
