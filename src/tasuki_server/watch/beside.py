# SPDX-License-Identifier: Apache-2.0
"""隣の部屋の事実 — seals, ties between staff and patients, sessions: asked where the build has the room, else not known.

What is not known is said so (:func:`not_fed`), and a rule that needs it stays silent instead of guessing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple
from uuid import UUID

from django.apps import apps

from tasuki.security.misuse.act import Mark
from tasuki_server.audit.models import AuditEvent


class Guards(NamedTuple):
    """患者の保護と関係 — marks of a chart, and whose chart it is: the staff by their relation."""

    marks: dict[UUID, frozenset[Mark]]
    ties: dict[UUID, dict[UUID, Mark]]


def guards_of(patients: Iterable[UUID]) -> Guards:
    """患者の保護と関係 — of the patients of a batch, as they stand now."""
    asked = list(patients)
    marks: dict[UUID, set[Mark]] = {}
    ties: dict[UUID, dict[UUID, Mark]] = {}
    seals, links = _table("privacy", "PatientMark"), _table("privacy", "StaffPatient")
    if seals is not None:
        for patient, kind in (
            seals.objects.current().filter(patient__in=asked).values_list("patient_id", "kind")
        ):
            marks.setdefault(patient, set()).add(Mark(kind))
    if links is not None:
        rows = links.objects.current().filter(patient__in=asked)
        for patient, staff, relation in rows.values_list("patient_id", "staff_id", "relation"):
            ties.setdefault(patient, {})[staff] = Mark(relation)
    return Guards({patient: frozenset(found) for patient, found in marks.items()}, ties)


def marks_for(guards: Guards, patient: UUID, staff: UUID | None) -> frozenset[Mark]:
    """一人の職員から見た患者の印 — one's own, one's family's, a colleague's, a guarded chart."""
    found = set(guards.marks.get(patient, ()))
    tied = guards.ties.get(patient, {})
    if staff is not None and staff in tied:
        found.add(tied[staff])
    elif Mark.SELF in tied.values():
        found.add(Mark.COWORKER)
    return frozenset(found)


def devices_of(sessions: Iterable[str]) -> dict[str, str]:
    """端末の印 — of sessions by their public names, from the rows of sign-in."""
    rows = _table("accounts", "SignInSession")
    names = [each for each in sessions if each]
    if rows is None or not names:
        return {}
    return dict(rows.objects.filter(public_id__in=names).values_list("public_id", "device"))


def not_fed() -> dict[str, str]:
    """まだ届かない事実 — by rule, in words for the settings page."""
    missing: dict[str, str] = {"U21": "地域医療連携ネットワークの同意の記録がまだありません。"}
    if not any(field.name == "address" for field in AuditEvent._meta.fields):
        words = "監査記録に発信元（アドレスとセッション）がまだありません。"
        missing |= {"U01": words, "U19": words}
    if _table("accounts", "SignInSession") is None:
        words = "端末の印がまだありません。"
        missing |= {"U02": words, "U14": words}
    if _table("privacy", "StaffPatient") is None:
        words = "職員と患者の関係の登録がまだありません。"
        missing |= {"U07": words, "U08": words}
    if _table("privacy", "PatientMark") is None:
        missing |= {
            "U09": "要注意・閲覧制限の印がまだありません。",
            "U20": "緊急閲覧の記録がまだありません。",
        }
    if _table("maintenance", "WorkOrder") is None:
        missing["U12"] = "保守の作業指示がまだありません。"
    return missing


def _table(room: str, name: str) -> Any:
    try:
        return apps.get_model(room, name)
    except LookupError:
        return None
