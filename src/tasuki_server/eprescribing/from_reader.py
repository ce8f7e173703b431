# SPDX-License-Identifier: Apache-2.0
"""カードリーダーでの選択と同意 — what the room of eligibility knows of a visit: 電子 or 紙, and whether past drugs may be shown."""

from __future__ import annotations

from django.utils import timezone

from tasuki_server.confirmation.consents import DRUGS, open_consents
from tasuki_server.confirmation.models import Confirmation
from tasuki_server.eprescribing.consent import register_reader_consent
from tasuki_server.eprescribing.setting import register_reader_choice
from tasuki_server.reception.models import Visit


def choice_at_reader(visit: Visit) -> str:
    """カードリーダーでの選択 — of the visit's newest confirmation that tells one; "" where none does."""
    rows = Confirmation.objects.filter(visit=visit).exclude(prescription_issue="")
    newest = rows.order_by("-at", "-id").first()
    return newest.prescription_issue if newest is not None else ""


def has_consent_of_reader(visit: Visit) -> bool:
    """カードリーダーでの同意 — to past drugs, while it holds."""
    return any(each.name == DRUGS for each in open_consents(visit.patient_id, timezone.now()))


def connect() -> None:
    """差込み口の登録 — once, when the app is ready."""
    register_reader_choice(choice_at_reader)
    register_reader_consent(has_consent_of_reader)
