# SPDX-License-Identifier: Apache-2.0
"""発生届の一覧 — what is to be decided, written, handed in, and what was; with the day by which."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from tasuki.kernel.kana import search_key
from tasuki.notifications.table import OutOfTable
from tasuki_server.notifications.forms_in_use import current_table
from tasuki_server.notifications.hints import open_hints
from tasuki_server.notifications.models import DiseaseNotice, NoticeDraft, Submission
from tasuki_server.notifications.standing import newest_submissions, state_of
from tasuki_server.patients.models import Patient
from tasuki_server.privacy.masking import HIDDEN_NAME
from tasuki_server.reception.models import Visit

SHOWN_DAYS = timedelta(days=90)
FILTERS = (
    ("open", "未届出"), ("late", "期限超過"), ("draft", "下書き"), ("done", "届出済"), ("all", "すべて")
)  # fmt: skip
SORTS = (("due", "期限の近い順"), ("new", "新しい順"), ("name", "疾患名順"), ("patient", "患者番号順"))


class Entry(NamedTuple):
    """一覧の行 — one notice, draft or hint."""

    patient: Patient
    title: str
    state: str
    label: str
    due_on: date | None
    day: date
    address: str
    category: str = ""
    detail: str = ""
    plain_address: str = ""  # where ``address`` names the disease: one that does not

    @property
    def is_open(self) -> bool:
        """未届出か — something is still to be done."""
        return self.state in ("hint", "draft", "signed")

    def is_late(self, today: date) -> bool:
        """期限超過か."""
        return self.is_open and self.due_on is not None and self.due_on < today


def entries(today: date) -> list[Entry]:
    """発生届の一覧 — everything open, and what was settled in the last ninety days."""
    return [_as_shown(each) for each in (*_hints(today), *_drafts(), *_notices(today))]


def _as_shown(each: Entry) -> Entry:
    """A notice of a sealed patient is still to be handed in: the row and its day stay, and what the person has is not said."""
    if not each.patient.is_hidden:
        return each
    address = each.plain_address or each.address
    return each._replace(title=HIDDEN_NAME, category="", detail="", address=address)


def narrowed(rows: Iterable[Entry], shown: str, q: str, sort: str, today: date) -> list[Entry]:
    """絞込みと並べ替え — by state and words of the patient or the disease."""
    key = search_key(q)
    found = [
        each
        for each in rows
        if _is_shown(each, shown, today) and (not key or key in search_key(_words(each)))
    ]
    if sort == "new":
        return sorted(found, key=lambda each: each.day, reverse=True)
    if sort == "name":
        return sorted(found, key=lambda each: (each.title, each.day))
    if sort == "patient":
        return sorted(found, key=lambda each: (each.patient.number, each.day))
    return sorted(found, key=lambda each: (not each.is_open, each.due_on or date.max, each.patient.number))


def _is_shown(each: Entry, shown: str, today: date) -> bool:
    match shown:
        case "open":
            return each.is_open
        case "late":
            return each.is_late(today)
        case "draft":
            return each.state == "draft"
        case "done":
            return not each.is_open
    return True


def _words(each: Entry) -> str:
    return f"{each.title} {each.patient.number} {each.patient.shown_name} {each.patient.shown_kana}"


def _hints(today: date) -> list[Entry]:
    found = open_hints(today)
    visits: dict[object, Visit] = {}
    patients = {each.diagnosis.patient_id for each in found}
    for visit in Visit.objects.filter(patient__in=patients).order_by("arrived_at"):
        visits[visit.patient_id] = visit
    return [
        Entry(
            each.diagnosis.patient, each.disease.short_name, "hint", "要確認", each.due_on, each.diagnosis.since,
            reverse("notifications:of_visit", args=[visits[each.diagnosis.patient_id].id]),
            each.disease.category.label, f"病名: {each.diagnosis.name}",
        )
        for each in found
        if each.diagnosis.patient_id in visits
    ]  # fmt: skip


def _drafts() -> list[Entry]:
    rows = NoticeDraft.objects.select_related("patient", "visit", "saved_by")
    made = []
    for row in rows:
        title, category = _form(row.disease, row.since)
        made.append(
            Entry(
                row.patient, title, "draft", "下書き", row.due_on, row.visit.day,
                reverse("notifications:write", args=[row.visit_id, row.disease]),
                category, f"{row.saved_by.name} が保存",
                reverse("notifications:of_visit", args=[row.visit_id]),
            )
        )  # fmt: skip
    return made


def _form(disease: str, since: date) -> tuple[str, str]:
    """The name of a disease and its class, as the table says them of that day; the code alone where it says nothing."""
    try:
        found = current_table().version(disease, since)
    except OutOfTable:
        return disease, ""
    return found.short_name, found.category.label


def _notices(today: date) -> list[Entry]:
    """Of the last ninety days, and older ones that were not handed in."""
    steps = Submission.objects.filter(notice=OuterRef("pk"))
    is_settled = Exists(steps.filter(is_done=True)) & ~Exists(steps.filter(is_done=False))
    rows = list(
        DiseaseNotice.objects.latest_versions()  # type: ignore[attr-defined]
        .filter(Q(reported_on__gte=today - SHOWN_DAYS) | (~is_settled & Q(withdrawn=False)))
        .select_related("patient", "doctor")
    )
    given = newest_submissions(rows)
    made = []
    for row in rows:
        state, label = state_of(row, given.get(row.pk))
        detail = f"第{row.version}版" if row.version > 1 else ""
        made.append(
            Entry(
                row.patient, row.title, state, label, row.due_on, row.reported_on,
                reverse("notifications:notice", args=[row.record_id]),
                _form(row.disease, row.since)[1], detail,
            )
        )  # fmt: skip
    return made
