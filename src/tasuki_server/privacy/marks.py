# SPDX-License-Identifier: Apache-2.0
"""患者の保護の登録 — put a seal or a mark on, change it, take it off, and say which patients are staff or their family."""

from __future__ import annotations

from collections.abc import Sequence

from tasuki.security.conditions import RULES_BY_ID, Effect
from tasuki_server.api.app_access import end_permits_past
from tasuki_server.audit.trail import record
from tasuki_server.institutions.models import Staff
from tasuki_server.patients.models import Patient
from tasuki_server.privacy.models import MarkKind, PatientMark, PolicyChoice, StaffPatient, StaffRelation


class BadMark(ValueError):
    """保護の誤り — its text is the Japanese sentence to show."""


def add_mark(patient: Patient, kind: str, readers: Sequence[Staff], why: str) -> PatientMark:
    """患者の保護の登録 — a seal needs somebody who can read past it."""
    _check(kind, readers, why)
    if PatientMark.objects.current().filter(patient=patient, kind=kind).exists():
        raise BadMark("すでに登録されています。一覧から変更してください。")
    row = PatientMark(patient=patient, kind=kind, readers=_ids(kind, readers), why=why.strip()[:200])
    row.save()
    _end_permits(row)
    record("patient_mark.add", row, patient.id, {"kind": kind, "readers": row.readers})
    return row


def change_readers(
    mark: PatientMark, readers: Sequence[Staff], *, read_version: int, why: str
) -> PatientMark:
    """読める職員の変更 — a new version with its reason."""
    _check(mark.kind, readers, why)
    row = mark.revise(read_version=read_version, reason=why.strip()[:200], readers=_ids(mark.kind, readers))
    _end_permits(row)
    record("patient_mark.revise", row, row.patient_id, {"kind": row.kind, "readers": row.readers})
    return row


def withdraw_mark(mark: PatientMark, *, read_version: int, why: str) -> None:
    """患者の保護の解除 — with its reason; what was stays readable."""
    if not why.strip():
        raise BadMark("理由を書いてください。")
    row = mark.withdraw(read_version=read_version, reason=why.strip()[:200])
    record("patient_mark.withdraw", row, row.patient_id, {"kind": row.kind})


def add_link(staff: Staff, patient: Patient, relation: str) -> StaffPatient:
    """職員と患者の関係の登録."""
    if relation not in StaffRelation.values:
        raise BadMark("関係を選んでください。")
    if StaffPatient.objects.current().filter(staff=staff, patient=patient).exists():
        raise BadMark("すでに登録されています。")
    row = StaffPatient(staff=staff, patient=patient, relation=relation)
    row.save()
    record("staff_patient.add", row, patient.id, {"staff": str(staff.id), "relation": relation})
    return row


def remove_link(link: StaffPatient, *, why: str) -> None:
    """職員と患者の関係の取消 — with its reason."""
    if not why.strip():
        raise BadMark("理由を書いてください。")
    row = link.withdraw(read_version=link.version, reason=why.strip()[:200])
    record("staff_patient.withdraw", row, row.patient_id, {"staff": str(row.staff_id)})


def choose_effect(rule_id: str, effect: int, staff: Staff, why: str) -> PolicyChoice:
    """閲覧の規則の変更 — from now on; a rule that forbids stands, and none can be made to forbid."""
    rule = RULES_BY_ID.get(rule_id)
    if rule is None or not rule.may_be_changed or effect not in (Effect.ALLOW, Effect.NOTE, Effect.ASK):
        raise BadMark("この規則は変えられません。")
    if not why.strip():
        raise BadMark("理由を書いてください。")
    row = PolicyChoice.objects.create(rule_id=rule_id, effect=effect, why=why.strip()[:200], made_by=staff)
    record("access_policy.change", row, detail={"rule": rule_id, "effect": Effect(effect).name})
    return row


def _end_permits(mark: PatientMark) -> None:
    """What somebody past the seal had allowed an app to read ends with their own reading."""
    if mark.kind == MarkKind.SEALED:
        end_permits_past(mark.patient, mark.readers)


def _check(kind: str, readers: Sequence[Staff], why: str) -> None:
    if kind not in MarkKind.values:
        raise BadMark("種類を選んでください。")
    if kind == MarkKind.SEALED and not readers:
        raise BadMark("読める職員を一人以上選んでください。")
    if not why.strip():
        raise BadMark("理由を書いてください。")


def _ids(kind: str, readers: Sequence[Staff]) -> list[str]:
    return sorted(str(each.id) for each in readers) if kind == MarkKind.SEALED else []
