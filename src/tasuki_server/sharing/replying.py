# SPDX-License-Identifier: Apache-2.0
"""返書 — a letter that answers another: whom it goes to and what it refers to, filled in from the letter that came."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils import timezone

from tasuki.kernel.finding import BadInput
from tasuki_server.reception.models import Visit, VisitState
from tasuki_server.sharing.arrivals import contents_of
from tasuki_server.sharing.models import ArrivedDocument


def reply_texts(row: ArrivedDocument, filled: Mapping[str, str]) -> dict[str, str]:
    """返書の初めの内容 — to its sender, with the day and the purpose of what is answered."""
    on = timezone.localdate(row.written_at)
    asked, doctor = "", ""
    try:
        told = contents_of(row)
        asked, doctor = (told.letter.purpose.strip() if told.letter else ""), told.told.doctor.name
    except BadInput:
        # What cannot be read is answered all the same; the doctor says to what.
        asked = ""
    about = (
        f"{on:%Y-%m-%d} 付の診療情報提供書（紹介目的: {asked}）"
        if asked
        else f"{on:%Y-%m-%d} 付の診療情報提供書"
    )
    return {
        "recipient_number": row.sender_number,
        "recipient_name": row.sender_name,
        "recipient_doctor": doctor,
        "recipient_department": "",
        "purpose": f"ご紹介ありがとうございました。{on:%Y-%m-%d} 付の診療情報提供書への返書です。",
        "present": "\n".join(
            each for each in (f"{about}で受診されました。", filled.get("present", "")) if each
        ),
        "remarks": "",
    }


def visit_to_reply(row: ArrivedDocument) -> Visit | None:
    """返書を書く受診 — the newest of the patient; None when they have not come yet."""
    if row.patient_id is None:
        return None
    rows = Visit.objects.filter(patient=row.patient_id).exclude(state=VisitState.CANCELLED)
    return rows.order_by("-arrived_at").first()
