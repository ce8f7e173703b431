# SPDX-License-Identifier: Apache-2.0
"""資格確認の参照 — what arrived, what was asked, and how the line is, as this user may see it; reads are audited."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.http import Http404

from tasuki_server.audit.trail import record
from tasuki_server.confirmation.compare import TAKEN, card_text, compare
from tasuki_server.confirmation.line import own_line
from tasuki_server.confirmation.match import MatchKey, match
from tasuki_server.confirmation.models import (
    AnswerState,
    ArrivedAnswer,
    Confirmation,
    ConsentTerm,
    Inquiry,
    InquiryState,
    Takeover,
)
from tasuki_server.confirmation.states import Guidance, guidance_of, guidance_of_code
from tasuki_server.confirmation.take import answer_of
from tasuki_server.confirmation.takeover import known_of
from tasuki_server.confirmation.told import Told, told_of
from tasuki_server.patients.access import banner_of
from tasuki_server.patients.models import SEX_LABELS
from tasuki_server.patients.search import similar_patients
from tasuki_server.privacy.masking import HIDDEN_NAME
from tasuki_server.reception.clock import now, today
from tasuki_server.reception.models import Visit

ISSUE_LABELS = {"1": "電子処方箋", "2": "紙の処方箋"}
SHOWN_INQUIRIES = 50


@dataclass(frozen=True, slots=True)
class Waiting:
    """受付一覧の着信 — one that nobody received yet."""

    answer: ArrivedAnswer
    name: str
    kana: str
    born: date | None
    sex: str
    guidance: Guidance
    issue: str
    message: str = ""

    @property
    def is_known(self) -> bool:
        """患者が決まっているか."""
        return self.answer.patient_id is not None


def board_part(day: date) -> dict[str, Any]:
    """受付一覧の着信欄 — open answers of the day, requests that ended badly, and a line that is down."""
    rows = (
        ArrivedAnswer.objects.filter(day=day, state=AnswerState.OPEN).select_related("patient").defer("data")
    )
    failed = Inquiry.objects.filter(state=InquiryState.REFUSED, made_at__date=day).select_related("patient")
    return {
        "arrivals": [_waiting(each) for each in rows.order_by("arrived_at", "id")],
        "refused_inquiries": list(failed.defer("data").order_by("made_at")),
        "line": own_line(),
    }


def _waiting(row: ArrivedAnswer) -> Waiting:
    shown: dict[str, str] = row.shown
    patient = row.patient
    is_hidden = patient is not None and patient.is_hidden
    return Waiting(
        row,
        HIDDEN_NAME if is_hidden else shown.get("name", ""),
        "" if is_hidden else shown.get("kana", ""),
        date.fromisoformat(shown["born"]) if shown.get("born") and not is_hidden else None,
        _sex_label(shown.get("sex", "")),
        guidance_of_code(row.validity),
        ISSUE_LABELS.get(row.prescription_issue, ""),
        shown.get("message", ""),
    )


def _sex_label(sex: str) -> str:
    return {str(key): text for key, text in SEX_LABELS.items()}.get(sex, "")


def access_answer(answer_id: UUID) -> ArrivedAnswer:
    """着信の参照 — by id."""
    found = ArrivedAnswer.objects.select_related("patient", "visit", "inquiry").filter(pk=answer_id).first()
    if found is None:
        raise Http404("answer")
    return found


def access_answer_page(answer_id: UUID) -> dict[str, Any]:
    """着信の画面の内容 — card and record side by side, or who may be meant; the read is audited."""
    row = access_answer(answer_id)
    told = told_of(answer_of(row))
    record("eligibility.read", row, row.patient_id)
    context: dict[str, Any] = {
        "answer": row,
        "told": told,
        "today": today(),
        "guidance": guidance_of(told.eligibility),
        "issue": ISSUE_LABELS.get(told.prescription_issue, ""),
        "is_open": row.state == AnswerState.OPEN,
        "may_be_taken": told.eligibility in TAKEN,
        "card_line": card_text(told.insurance) if told.insurance is not None else "",
        "sex_text": _sex_label(told.who.sex) if told.who is not None else "",
        "sexes": SEX_LABELS.items(),
        "takeovers": list(Takeover.objects.filter(answer=row).select_related("made_by").order_by("at")),
    }
    if row.patient is None:
        return context | _proposals(told)
    found = compare(told, known_of(row.patient, today()))
    last = row.matches.order_by("-at", "-id").first()
    return {
        **context,
        **banner_of(row.patient),
        "comparison": found,
        "match": last,
        "match_label": MatchKey(last.key).label if last is not None else "",
        "consents": consents_of(row),
        "visit": row.visit,
    }


def _proposals(told: Told) -> dict[str, Any]:
    found = match(told)
    alike = [each.id for each in found.proposals]
    more = []
    if told.who is not None:
        who = told.who
        similar = similar_patients(name=who.name, kana=who.kana, born=who.born, phone="")
        more = [each for each in similar if each.id not in alike]
    return {"proposals": [*found.proposals, *more], "sure": found.patient, "needs_sex": _needs_sex(told)}


def _needs_sex(told: Told) -> bool:
    return told.who is not None and not told.who.sex


def consents_of(row: ArrivedAnswer) -> list[dict[str, Any]]:
    """閲覧の同意 — of an answer, with the terms of the law's names."""
    from tasuki.eligibility.elements import CONSENTS

    terms = dict(CONSENTS)
    at = now()
    return [
        {
            "term": terms.get(each.name, each.name),
            "is_given": each.is_given,
            "until_at": each.until_at,
            "is_open": each.is_given and each.until_at is not None and at <= each.until_at,
        }
        for each in ConsentTerm.objects.filter(answer=row).order_by("id")
    ]


def access_day_page(day: date) -> dict[str, Any]:
    """資格確認の一日の内容 — every answer of the day, every request not over or of the day, and the line."""
    rows = ArrivedAnswer.objects.filter(day=day).select_related("patient", "visit").defer("data")
    inquiries = Inquiry.objects.filter(made_at__date=day).select_related("patient", "made_by").defer("data")
    waiting = Inquiry.objects.filter(state__in=(InquiryState.KEPT, InquiryState.SENT)).count()
    return {
        "day": day,
        "today": today(),
        "answers": [_waiting(each) for each in rows.exclude(source="bulk").order_by("-arrived_at", "-id")],
        "inquiries": list(inquiries.order_by("-made_at")[:SHOWN_INQUIRIES]),
        "waiting_count": waiting,
        "line": own_line(),
    }


def access_inquiry(inquiry_id: UUID) -> Inquiry:
    """照会の参照 — by id."""
    found = Inquiry.objects.select_related("patient", "made_by").filter(pk=inquiry_id).first()
    if found is None:
        raise Http404("inquiry")
    return found


def last_confirmation(visit: Visit) -> Confirmation | None:
    """受診の資格確認 — the newest; it tells the form of prescription the person chose."""
    return Confirmation.objects.filter(visit=visit).order_by("-at", "-id").first()
