# SPDX-License-Identifier: Apache-2.0
"""復旧計画の記録 — the plan of the institution, or the proposal it may begin with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from django.http import Http404

from tasuki.security.recovery_plan import System, order_of_return, read_plan
from tasuki_server.audit.trail import record
from tasuki_server.continuity.models import RecoverySystem


@cache
def starter_plan() -> tuple[System, ...]:
    """復旧計画の案 — what a clinic begins with."""
    return read_plan((Path(__file__).parent / "starter_plan.toml").read_bytes())


def rows_of_plan() -> list[RecoverySystem]:
    """計画の行 — the current versions."""
    return list(RecoverySystem.objects.current().order_by("code"))  # type: ignore[attr-defined]


def plan_of_institution() -> tuple[tuple[System, ...], bool]:
    """医療機関の計画 — and whether it is its own; else the proposal."""
    rows = rows_of_plan()
    return (tuple(each.system() for each in rows), True) if rows else (starter_plan(), False)


def access_plan() -> dict[str, Any]:
    """復旧計画の内容 — in the order of return, with what cannot be."""
    rows = rows_of_plan()
    systems, is_own = plan_of_institution()
    returning = order_of_return(systems)
    record("recovery_plan.read", detail={"systems": len(systems)})
    ids = {each.code: each.id for each in rows}
    names = {each.code: each.name for each in systems}
    return {
        "is_own": is_own,
        "steps": [(step, *_shown(step.system, names, ids)) for step in returning.steps],
        "left": [(each, *_shown(each, names, ids)) for each in returning.left],
        "returning": returning,
        "changed_at": max((each.made_at for each in rows), default=None),
    }


def _shown(system: System, names: Mapping[str, str], ids: Mapping[str, UUID]) -> tuple[str, UUID | None]:
    return "、".join(names.get(need, f"{need}？") for need in system.needs), ids.get(system.code)


def access_system(row_id: UUID) -> RecoverySystem:
    """復旧するシステム — the current version of the record a row belongs to."""
    row = RecoverySystem.objects.filter(id=row_id).first()
    newest = row and RecoverySystem.objects.current().filter(record_id=row.record_id).first()  # type: ignore[attr-defined]
    if newest is None:
        raise Http404("system")
    found: RecoverySystem = newest
    return found


def adopt_starter() -> int:
    """案の採用 — copies the proposal for the institution to write on; nothing when it has a plan."""
    if rows_of_plan():
        return 0
    for each in starter_plan():
        values = asdict(each) | {"needs": list(each.needs), "priority": each.priority.value}
        RecoverySystem(**values).save()
    record("recovery_plan.adopt", detail={"systems": len(starter_plan())})
    return len(starter_plan())


def add_system(values: Mapping[str, Any]) -> RecoverySystem:
    """システムの追加."""
    row = RecoverySystem(**values)
    row.save()
    record("recovery_plan.add", row, detail={"code": row.code})
    return row


def revise_system(
    row: RecoverySystem, values: Mapping[str, Any], *, read_version: int, reason: str
) -> RecoverySystem:
    """システムの変更 — a new version; raises :class:`StaleVersion` when another was saved meanwhile."""
    changed: RecoverySystem = row.revise(read_version=read_version, reason=reason, **values)
    record("recovery_plan.revise", changed, detail={"code": changed.code})
    return changed


def withdraw_system(row: RecoverySystem, *, read_version: int, reason: str) -> None:
    """システムの取消 — from now on not part of the plan."""
    gone = row.withdraw(read_version=read_version, reason=reason)
    record("recovery_plan.withdraw", gone, detail={"code": gone.code})
