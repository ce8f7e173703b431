# SPDX-License-Identifier: Apache-2.0
"""作業指示の経過の記入 — asked, decided, ended, declared, reviewed; each act checks what the plan allows and is noted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max

from tasuki.security.maintenance import LENDABLE, LONGEST_WINDOW, Decision, Standing
from tasuki.security.permissions import Permission
from tasuki_server.audit.trail import record
from tasuki_server.institutions.models import Staff
from tasuki_server.institutions.work import current_work
from tasuki_server.maintenance.models import (
    MaintenanceCompany,
    MaintenancePerson,
    StepKind,
    WorkOrder,
    WorkOrderPatient,
    WorkOrderPerson,
    WorkOrderStep,
)
from tasuki_server.maintenance.plans import CUT, ENDED, orders, plan_of
from tasuki_server.patients.models import Patient


class NotPossible(ValueError):
    """できない操作 — with the reason in Japanese for the page."""


@dataclass(frozen=True, slots=True)
class Device:
    """端末の状態 — of the PC the vendor works from, as its owner declares it."""

    name: str
    patched_on: str
    protection: str
    is_encrypted: bool

    def as_row(self) -> dict[str, Any]:
        """保存の形 — JSON."""
        return {
            "name": self.name,
            "patched_on": self.patched_on,
            "protection": self.protection,
            "is_encrypted": self.is_encrypted,
        }


@dataclass(frozen=True, slots=True)
class Asked:
    """依頼 — the content of a work order."""

    company: MaintenanceCompany
    people: Sequence[MaintenancePerson]
    what: str
    starts_at: datetime
    ends_at: datetime
    scope: Sequence[Permission]
    device: Device
    patients: Sequence[Patient] = ()


def ask(asked: Asked, by: Staff) -> WorkOrder:
    """作業指示の依頼 — raises :class:`NotPossible` for what no order may contain."""
    _check(asked)
    last = WorkOrder.objects.aggregate(last=Max("number"))["last"] or 0
    order = WorkOrder.objects.create(
        number=last + 1,
        company=asked.company,
        what=asked.what,
        starts_at=asked.starts_at,
        ends_at=asked.ends_at,
        scope=[str(each) for each in asked.scope],
        device=asked.device.as_row(),
        asked_by=by,
        asked_at=current_work().at,
    )
    WorkOrderPerson.objects.bulk_create(WorkOrderPerson(order=order, person=each) for each in asked.people)
    WorkOrderPatient.objects.bulk_create(
        WorkOrderPatient(order=order, patient=each) for each in asked.patients
    )
    record("work_order.ask", order, detail=_content(order))
    return orders().get(id=order.id)


def _check(asked: Asked) -> None:
    if asked.ends_at <= asked.starts_at:
        raise NotPossible("終了は開始より後にしてください。")
    if asked.ends_at - asked.starts_at > LONGEST_WINDOW:
        hours = int(LONGEST_WINDOW.total_seconds() // 3600)
        raise NotPossible(f"一つの作業指示は{hours}時間までです。分けて依頼してください。")
    if asked.ends_at <= current_work().at:
        raise NotPossible("終了が過ぎています。これからの時間にしてください。")
    if not asked.people or any(each.company_id != asked.company.id for each in asked.people):
        raise NotPossible("作業する人を、その会社の人から選んでください。")
    if not asked.scope or not frozenset(asked.scope) <= LENDABLE.keys():
        raise NotPossible("作業の範囲を選んでください。")
    if not asked.device.is_encrypted or not asked.device.protection:
        raise NotPossible("ディスクを暗号化し、EDR・ウイルス対策の入った端末だけが使えます。")


def decide(order: WorkOrder, decision: Decision, by: Staff, note: str) -> WorkOrderStep:
    """作業指示の承認・却下 — once, before it ends; the trail keeps the whole content that was approved."""
    standing = plan_of(order).standing(current_work().at)
    if standing is not Standing.ASKED:
        raise NotPossible(f"この作業指示は「{standing.label}」です。承認・却下はできません。")
    if decision is Decision.APPROVED and not order.company.is_active:
        raise NotPossible("委託を終えた会社です。")
    step = _step(order, StepKind.DECISION, decision, by, note)
    record("work_order.decide", order, detail={"decision": str(decision), **_content(order)})
    return step


def end(order: WorkOrder, by: Staff, *, is_cut: bool, note: str = "") -> WorkOrderStep:
    """作業の終了・遮断 — earlier than planned; it counts from the next request on, and for good."""
    standing = plan_of(order).standing(current_work().at)
    if standing not in (Standing.OPEN, Standing.WAITING):
        raise NotPossible(f"この作業指示は「{standing.label}」です。")
    step = _step(order, StepKind.END, CUT if is_cut else ENDED, by, note)
    record("work_order.end", order, detail={"outcome": step.outcome})
    return step


def declare(order: WorkOrder, outcome: str, by: Staff, note: str) -> WorkOrderStep:
    """作業データ消去の申告 — after the work, by the vendor's person or by who heard it from them.

    Cite: 医療情報システムの安全管理に関するガイドライン システム運用編 10.①（保守で用いたデータの消去と報告）
    """
    plan, at = plan_of(order), current_work().at
    if plan.decision is not Decision.APPROVED or at < plan.starts_at:
        raise NotPossible("作業が始まってから申告してください。")
    step = _step(order, StepKind.DECLARATION, outcome, by, note)
    record("work_order.declare", order, detail={"outcome": outcome})
    return step


def _step(
    order: WorkOrder, kind: StepKind, outcome: str, by: Staff, note: str, **facts: Any
) -> WorkOrderStep:
    try:
        with transaction.atomic(using="default"):
            return WorkOrderStep.objects.create(
                order=order, kind=kind, outcome=str(outcome), note=note[:400], facts=facts,
                at=current_work().at, by=by,
            )  # fmt: skip
    except IntegrityError as twice:
        raise NotPossible("すでに記録されています。画面を開き直してください。") from twice


def review_step(order: WorkOrder, outcome: str, by: Staff, note: str, facts: dict[str, Any]) -> WorkOrderStep:
    """照合の確認の記入 — see :mod:`.review`, which says who may."""
    step = _step(order, StepKind.REVIEW, outcome, by, note, **facts)
    record("work_order.review", order, detail={"outcome": outcome, **facts})
    return step


def _content(order: WorkOrder) -> dict[str, Any]:
    """What is chained: a row changed later by someone with more rights no longer says the same."""
    return {
        "number": order.number,
        "starts_at": order.starts_at.isoformat(),
        "ends_at": order.ends_at.isoformat(),
        "scope": sorted(order.scope),
        "people": sorted(str(each) for each in order.named_people.values_list("person__staff_id", flat=True)),
        "patients": sorted(str(each) for each in order.named_patients.values_list("patient_id", flat=True)),
    }
