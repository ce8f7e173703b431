# SPDX-License-Identifier: Apache-2.0
"""緊急閲覧 — opened with a reason for one patient, ended by the clock, reviewed by somebody else.

Care is never stopped: who may use it opens it at once. What follows is that everybody responsible hears of it, and
that it stays on the list until someone else has said whether it was right.

Cite: 医療情報システムの安全管理に関するガイドライン 第6.0版 システム運用編 11①
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from tasuki_server.audit.trail import emit, record
from tasuki_server.institutions.models import Staff
from tasuki_server.institutions.work import current_work
from tasuki_server.patients.models import Patient
from tasuki_server.privacy.models import (
    EmergencyAccess,
    EmergencyEnd,
    EmergencyReason,
    EmergencyReview,
    Verdict,
)
from tasuki_server.privacy.reviewing import SHORTEST_WORDS, NotReviewable, check_words
from tasuki_server.shell.waiting import Waiting, due_by

log = logging.getLogger("tasuki.privacy")
LONGEST = timedelta(minutes=60)
# 確認期限: our choice.
REVIEW_DAYS = 3


class BadReason(ValueError):
    """理由の不足 — its text is the Japanese sentence to show."""


def open_emergency(staff: Staff, patient: Patient, reason: str, words: str, rule_id: str) -> EmergencyAccess:
    """緊急閲覧の開始 — for sixty minutes; raises :class:`BadReason`."""
    words = words.strip()
    if reason not in EmergencyReason.values:
        raise BadReason("理由を選んでください。")
    if len(words) < SHORTEST_WORDS:
        raise BadReason("何のために見るのかを、言葉でも書いてください。")
    opened = timezone.now()
    access = EmergencyAccess.objects.create(
        patient=patient,
        staff=staff,
        reason=reason,
        words=words[:400],
        rule_id=rule_id[:40],
        opened_at=opened,
        until=opened + LONGEST,
        review_due_on=timezone.localdate(opened) + timedelta(days=REVIEW_DAYS),
    )
    record("emergency.open", access, patient.id, {"reason": reason, "rule": rule_id[:40]})
    _give_notice(access)
    return access


def end_emergency(access: EmergencyAccess, staff: Staff) -> None:
    """緊急閲覧の終了 — before its time; a second time changes nothing."""
    _, is_new = EmergencyEnd.objects.get_or_create(access=access, defaults={"made_by": staff})
    if is_new:
        record("emergency.end", access, access.patient_id)


def review_emergency(access: EmergencyAccess, staff: Staff, verdict: str, words: str) -> EmergencyReview:
    """緊急閲覧の確認 — raises :class:`NotReviewable` for one's own, a second time, or without words."""
    if verdict not in Verdict.values:
        raise NotReviewable("適切か不適切かを選んでください。")
    words = check_words(access.staff_id, staff, words, "緊急閲覧")
    try:
        with transaction.atomic(using="default"):
            review = EmergencyReview.objects.create(
                access=access, verdict=verdict, words=words, made_by=staff
            )
    except IntegrityError as again:
        raise NotReviewable("すでに確認されています。") from again
    if is_open(access, timezone.now()) and verdict == Verdict.NOT_JUSTIFIED:
        end_emergency(access, staff)
    record("emergency.review", access, access.patient_id, {"verdict": verdict})
    return review


def is_open(access: EmergencyAccess, moment: datetime) -> bool:
    """開いているか — by the clock, and not ended before."""
    return access.until > moment and not EmergencyEnd.objects.filter(access=access).exists()


def waiting_reviews() -> Any:
    """確認待ち — every access without a review, the most urgent first."""
    return EmergencyAccess.objects.filter(review__isnull=True).order_by("review_due_on", "opened_at")


def waiting_emergencies(_staff: Staff) -> list[Waiting]:
    """確認待ちの件数 — for the first page of who reviews."""
    due = list(waiting_reviews().values_list("review_due_on", flat=True))
    return [due_by("確認待ちの緊急閲覧", due, reverse("privacy:emergencies"), timezone.localdate())]


def find_emergency(access_id: UUID) -> EmergencyAccess | None:
    """緊急閲覧 — by id, of this institution."""
    rows = EmergencyAccess.objects.select_related("patient", "staff", "review__made_by", "end")
    return rows.filter(id=access_id).first()


def _give_notice(access: EmergencyAccess) -> None:
    """The home page of who reviews shows it by itself; others hear by the outbox. If that fails, care goes on."""
    kept = len(current_work().messages)
    try:
        with transaction.atomic(using="default"):
            emit("emergency.opened", {"emergency": str(access.id), "due": str(access.review_due_on)})
    except Exception as fault:  # noqa: BLE001 - whatever it is, the patient's care does not wait for it
        del current_work().messages[kept:]
        log.error("notice of an emergency access failed: %s", type(fault).__name__)
        record("emergency.notice_failed", access, access.patient_id, {"fault": type(fault).__name__})
