# SPDX-License-Identifier: Apache-2.0
"""届いた文書の参照 — the inbox with its order of work, and one document with what is known of its patient; reads are noted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.http import Http404

from tasuki.kernel.finding import BadInput
from tasuki.kernel.messages import sentence
from tasuki.security.permissions import Permission
from tasuki_server.audit.trail import record
from tasuki_server.institutions.models import Staff
from tasuki_server.patients.models import SEX_LABELS
from tasuki_server.patients.search import similar_patients
from tasuki_server.privacy.asking import candidates
from tasuki_server.sharing.arrivals import WAITING_NAME, contents_of
from tasuki_server.sharing.models import ArrivedDocument, SentLetter, Urgency
from tasuki_server.sharing.replying import visit_to_reply
from tasuki_server.sharing.triage import who_of

MOST_ROWS = 300
_RANK = {Urgency.TODAY: 0, Urgency.SOON: 1, Urgency.NORMAL: 2}
SHOWN = (
    ("open", "未処理", Q(done_at=None)),
    ("mine", "自分の担当", None),
    ("unbound", "患者未定", Q(done_at=None, patient=None)),
    ("unseen", "未確認", Q(seen_at=None)),
    ("done", "済み", Q(done_at__isnull=False)),
    ("all", "すべて", Q()),
)
_RECEIVED = (
    ("purpose", "紹介目的"),
    ("complaint", "傷病名・主訴"),
    ("present", "症状経過・現病歴"),
    ("past", "既往歴"),
    ("family", "家族歴"),
    ("allergies", "アレルギー"),
    ("infections", "感染症"),
    ("findings", "身体所見"),
    ("laboratory", "検査結果"),
    ("course", "治療経過"),
    ("surgery", "手術"),
    ("medication", "処方"),
    ("immunization", "予防接種"),
    ("social", "生活習慣"),
    ("plan", "方針"),
    ("remarks", "備考"),
)
_SUMMARY = (
    ("discharge_diagnoses", "退院時診断"),
    ("reason", "入院理由"),
    ("present", "現病歴"),
    ("past", "既往歴"),
    ("course", "入院中経過"),
    ("laboratory", "検査結果"),
    ("discharge_medication", "退院時の処方"),
    ("allergies", "アレルギー"),
    ("plan", "退院後の方針"),
)


def access_inbox(wanted: Mapping[str, str], staff: Staff) -> dict[str, Any]:
    """届いた文書の一覧 — the most urgent first, then the oldest; the read names everyone of ours who is shown."""
    rules = {
        name: rule if rule is not None else Q(done_at=None, assigned_to=staff) for name, _, rule in SHOWN
    }
    shown = wanted.get("show", "open") if wanted.get("show", "open") in rules else "open"
    every = ArrivedDocument.objects.defer("data").select_related(
        "patient", "seen_by", "assigned_to", "done_by"
    )
    rows = list(every.filter(rules[shown]).order_by("-written_at")[:MOST_ROWS])
    words = wanted.get("q", "").strip()
    if words:
        closed = _closed(words)
        rows = [row for row in rows if words in row.sender_name or closed in _said_name(row)]
    if shown not in ("done", "all"):
        rows.sort(key=lambda row: (_RANK[Urgency(row.urgency)], row.written_at))
    known = {row.patient_id for row in rows if row.patient_id is not None}
    record("sharing.read", "arrived", detail={"rows": len(rows)}, patients=known)
    counts = {name: ArrivedDocument.objects.filter(rule).count() for name, rule in rules.items()}
    return {
        "rows": rows,
        "filters": [(name, label, counts[name]) for name, label, _ in SHOWN],
        "shown": shown,
        "q": words,
        "waiting_name": WAITING_NAME,
    }


def _said_name(row: ArrivedDocument) -> str:
    """The name as the list shows it: a search must not find by one that it hides."""
    name = row.patient.shown_name if row.patient is not None else row.patient_name
    return _closed(name)


def _closed(text: str) -> str:
    """Without the blanks between the parts of a name, which everyone writes in their own way."""
    return text.replace(" ", "").replace("　", "")


def access_arrived(arrived_id: UUID) -> ArrivedDocument:
    """届いた文書の参照 — by id."""
    rows = ArrivedDocument.objects.select_related("patient", "seen_by", "assigned_to", "done_by", "answers")
    found = rows.filter(pk=arrived_id).first()
    if found is None:
        raise Http404("arrived")
    return found


def access_arrived_page(arrived_id: UUID) -> dict[str, Any]:
    """届いた文書の画面 — what it says and what is to be done with it; the read is audited."""
    row = access_arrived(arrived_id)
    record("sharing.read", row, row.patient_id, {"part": "arrived"})
    visit = visit_to_reply(row)
    context: dict[str, Any] = {
        "row": row,
        "is_waiting": row.patient_name == WAITING_NAME,
        "urgencies": Urgency.choices,
        "members": list(Staff.objects.filter(is_active=True).order_by("name")),
        "reply_visit": visit,
        "replies": list(
            SentLetter.objects.filter(answers=row).select_related("document").order_by("state_at")
        ),
    }
    if context["is_waiting"]:
        return context
    try:
        read = contents_of(row)
    except BadInput as bad:
        return {**context, "faults": [sentence(each) for each in bad.findings]}
    person = read.told.patient
    who = who_of(person)
    similar = (
        candidates(
            similar_patients(name=who.name, kana=who.kana, born=who.born, phone=who.phone),
            Permission.CHART_VIEW,
        )
        if row.patient is None
        else []
    )
    return {
        **context,
        "told": read.told,
        "person": person,
        "sex_label": SEX_LABELS[person.gender] if person.gender is not None else "不明",
        "similar": similar,
        "shown": _texts(read.letter, _RECEIVED) if read.letter is not None else [],
        "summary": _texts(read.discharge, _SUMMARY) if read.discharge is not None else [],
        "stay": read.discharge,
        "files": [name for name, _ in read.files],
    }


def access_file(arrived_id: UUID, index: int) -> tuple[str, bytes]:
    """届いた添付の参照 — by its place; the read is audited."""
    row = access_arrived(arrived_id)
    try:
        files = contents_of(row).files
    except BadInput as bad:
        raise Http404("file") from bad
    if index >= len(files):
        raise Http404("file")
    record("sharing.read", row, row.patient_id, {"part": "file"})
    return files[index]


def _texts(letter: Any, names: tuple[tuple[str, str], ...]) -> list[tuple[str, str]]:
    found = []
    for name, label in names:
        value = getattr(letter, name, "")
        text = value if isinstance(value, str) else getattr(value, "text", "")
        if text:
            found.append((label, text))
    return found
