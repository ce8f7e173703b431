# SPDX-License-Identifier: Apache-2.0
"""救急時医療情報閲覧 — drugs, acts and checkups looked at without consent to save a life: with a reason, for an hour, reviewed.

Only a hospital with the right may use it; the line's setting says whether this institution does, and the service refuses
whoever has none. Its content goes by itself, as what was fetched under a consent does.

Cite: 個人情報保護法 第27条第1項第2号; オンライン資格確認等システム 救急時医療情報閲覧
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from tasuki.eligibility.information import EmergencyAsk, ask_information
from tasuki.kernel.days import months_before
from tasuki_server.audit.trail import emit, record
from tasuki_server.confirmation.ask import cancel_inquiry, keep_inquiry, number_of
from tasuki_server.confirmation.emergency_notes import is_running, open_look
from tasuki_server.confirmation.information import MONTHS_BACK, PURPOSES, NoConsent, card_of, forget
from tasuki_server.confirmation.line import may_look
from tasuki_server.confirmation.models import EmergencyLook, FetchedInformation, Inquiry
from tasuki_server.institutions.models import Staff
from tasuki_server.patients.models import Patient
from tasuki_server.privacy.emergency import REVIEW_DAYS, BadReason
from tasuki_server.privacy.reviewing import SHORTEST_WORDS, keep_review
from tasuki_server.reception.clock import now, today
from tasuki_server.reception.models import Visit
from tasuki_server.shell.waiting import Waiting, due_by

# 控え: our choice, as for the information of other institutions.
HELD = timedelta(minutes=60)


def look(visit: Visit, staff: Staff, words: str) -> EmergencyLook:
    """救急時医療情報閲覧の依頼 — of a patient at a time: while one runs, that one is given back.

    After a refusal it is asked for anew, with requests of their own. Raises :class:`BadReason` without words,
    ``NoConsent`` where it cannot be asked.
    """
    told = words.strip()
    if len(told) < SHORTEST_WORDS:
        raise BadReason("同意を待てない事情を、言葉で書いてください。")
    if not may_look():
        raise NoConsent(
            "救急時医療情報閲覧は、この施設では使わない設定です（権限のある病院だけが使えます）。"
        )
    card = card_of(visit.patient)
    if card is None:
        raise NoConsent("今日有効な医療保険がないため、取得できません。")
    at = now()
    # Two desks, or a key pressed twice, look once.
    Patient.objects.select_for_update(of=("self",)).only("id").get(pk=visit.patient_id)
    running = open_look(visit.patient_id, at)
    if running is not None and is_running(running):
        return running
    row = EmergencyLook.objects.create(
        patient=visit.patient,
        visit=visit,
        words=told[:400],
        asked_by=staff,
        asked_at=at,
        until_at=at + HELD,
        review_due_on=today() + timedelta(days=REVIEW_DAYS),
    )
    asked = EmergencyAsk(str(staff.id), told[:400])
    for kind, purpose in PURPOSES.items():
        since = months_before(today(), MONTHS_BACK[kind] + 1)
        keep_inquiry(
            purpose,
            lambda sender, first=since: ask_information(sender, number_of(card), first, today(), asked),
            patient=visit.patient,
            visit=visit,
            until_at=row.until_at,
            emergency=row,
        )
    record("medical_information.emergency", row, visit.patient_id)
    emit("medical_information.emergency", {"look": str(row.id), "due": str(row.review_due_on)})
    return row


def waiting_looks() -> Any:
    """確認待ち — the most urgent first."""
    rows = EmergencyLook.objects.filter(reviewed_at=None).select_related("patient", "asked_by")
    return rows.order_by("review_due_on", "asked_at")


def access_looks(staff: Staff) -> dict[str, Any]:
    """救急時医療情報閲覧の一覧 — those that wait for a review, and the last ones reviewed."""
    rows = list(waiting_looks()[:200])
    done = EmergencyLook.objects.filter(reviewed_at__isnull=False)
    reviewed = list(done.select_related("patient", "asked_by", "reviewed_by").order_by("-reviewed_at")[:50])
    everyone = {row.patient_id for row in (*rows, *reviewed)}
    record("medical_information.reviews", "list", detail={"rows": len(rows)}, patients=everyone)
    return {"waiting": rows, "reviewed": reviewed, "day": timezone.localdate(), "own_id": staff.id}


def access_look(look_id: UUID) -> EmergencyLook:
    """救急時医療情報閲覧の参照 — by id; the read is audited."""
    found = (
        EmergencyLook.objects.select_related("patient", "asked_by", "reviewed_by").filter(pk=look_id).first()
    )
    if found is None:
        raise Http404("look")
    record("medical_information.reviews", found, found.patient_id)
    return found


def review_look(look_id: UUID, staff: Staff, verdict: str, words: str) -> EmergencyLook:
    """救急時医療情報閲覧の確認 — 不適切 ends it. Raises :class:`NotReviewable`."""
    row = EmergencyLook.objects.select_for_update(of=("self",)).get(pk=look_id)
    is_justified = keep_review(row, staff, verdict, words, "救急時医療情報閲覧")
    if not is_justified:
        # By the visit, which has an index; the look has none of its own.
        for inquiry in Inquiry.objects.filter(visit_id=row.visit_id, emergency=row):
            cancel_inquiry(inquiry, is_refused_too=True)
        for each in FetchedInformation.objects.filter(
            inquiry__visit_id=row.visit_id, inquiry__emergency=row, deleted_at=None
        ).defer("data"):
            forget(each, timezone.now())
    record("medical_information.review", row, row.patient_id, {"is_justified": is_justified})
    return row


def tell_looks(_staff: Staff) -> list[Waiting]:
    """確認待ちの件数 — for the first page of who reviews."""
    due = list(waiting_looks().values_list("review_due_on", flat=True))
    return [due_by("確認待ちの救急時医療情報閲覧", due, reverse("confirmation:looks"), timezone.localdate())]
