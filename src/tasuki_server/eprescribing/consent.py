# SPDX-License-Identifier: Apache-2.0
"""過去の薬剤を見る同意 — whether the findings of the check may be shown with their details, for one visit.

Cite: 電子処方箋管理サービス 重複投薬等チェック（OnlineConsent / OralBrowsingConsent）
"""

from __future__ import annotations

from collections.abc import Callable

from tasuki_server.audit.trail import record
from tasuki_server.eprescribing.models import ConsentKind, PastDrugConsent
from tasuki_server.institutions.work import current_work
from tasuki_server.reception.models import Visit

# カードリーダーでの同意: what the room of eligibility knows of a visit.
ReaderConsent = Callable[[Visit], bool]
_reader: list[ReaderConsent] = [lambda visit: False]


def register_reader_consent(ask: ReaderConsent) -> None:
    """カードリーダーでの同意の提供元の登録 — True while a consent to past drugs holds; the last one registered answers."""
    _reader[0] = ask


def consent_of(visit: Visit) -> ConsentKind:
    """同意 — as noted in the room, else as given at the reader, else none."""
    noted = PastDrugConsent.objects.filter(visit=visit).order_by("-made_at", "-id").first()
    if noted is not None:
        return ConsentKind(noted.kind)
    return ConsentKind.ONLINE if _reader[0](visit) else ConsentKind.NONE


def keep_consent(visit: Visit, kind: ConsentKind) -> PastDrugConsent:
    """同意の記入 — by whom and when; taken back the same way."""
    staff_id = current_work().actor.staff_id
    assert staff_id is not None
    row = PastDrugConsent.objects.create(
        patient_id=visit.patient_id, visit=visit, kind=kind, made_by_id=staff_id, made_at=current_work().at
    )
    record("eprescription.consent", row, visit.patient_id, {"kind": str(kind)})
    return row


def consent_values(visit: Visit) -> tuple[tuple[str, str], ...]:
    """同意の項目 — of a request; empty values are left out of the message."""
    kind = consent_of(visit)
    return (
        ("OnlineConsent", "1" if kind is ConsentKind.ONLINE else ""),
        ("OralBrowsingConsent", "1" if kind is ConsentKind.ORAL else ""),
    )
