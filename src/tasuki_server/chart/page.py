# SPDX-License-Identifier: Apache-2.0
"""カルテの内容 — what the chart page and its parts show, fetched for this user; the read is audited."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from django.http import Http404

from tasuki.calculation.payers.elective_lines import is_without_choice
from tasuki.calculation.sentences import label
from tasuki.masters.book import DayBook, OutOfBook
from tasuki.prescriptions.safety import Tier
from tasuki.security.permissions import Permission
from tasuki_server.audit.trail import record
from tasuki_server.billing.payers import order_payers
from tasuki_server.chart.draft import basket_of, blank_draft, find_draft, newest_note, others_drafts
from tasuki_server.chart.fact_form import fact_context, fact_lines
from tasuki_server.chart.flag_places import IN_THE_ROOM
from tasuki_server.chart.models import SOAP, DiagnosisRecord, Draft, Note
from tasuki_server.chart.values import coverage_value
from tasuki_server.institutions.models import Staff
from tasuki_server.orders.access import earlier_acts
from tasuki_server.orders.background import check_background
from tasuki_server.orders.catalogue import day_book
from tasuki_server.orders.drug_knowledge import current_knowledge
from tasuki_server.orders.models import PlacedOrder
from tasuki_server.orders.shared_drugs import SharedDrugs, shared_history
from tasuki_server.orders.starts import asks_start, last_starts
from tasuki_server.orders.table import order_blocks, order_ending, order_lines
from tasuki_server.orders.unfinished import Unfinished, unfinished_orders
from tasuki_server.orders.usages import USAGES
from tasuki_server.orders.warnings import OrderWarning, order_warnings
from tasuki_server.patients.access import banner_of
from tasuki_server.patients.models import Patient
from tasuki_server.reception.access import access_visit
from tasuki_server.reception.decide_kind import kind_decisions
from tasuki_server.reception.models import KIND_LABELS, Visit, VisitState

PAST_VISITS = 6
SOAP_LABELS = {"subjective": "S", "objective": "O", "assessment": "A", "plan": "P"}
SOAP_HINTS = {"subjective": "主訴・症状", "objective": "所見", "assessment": "評価", "plan": "計画"}


@dataclass(frozen=True, slots=True)
class PastVisit:
    """過去の受診 — its signed note and orders, as read beside today's."""

    visit: Visit
    note: Note | None
    orders: tuple[tuple[UUID, tuple[str, ...], str], ...]

    def parts(self) -> list[tuple[str, str, str]]:
        """SOAPの本文 — name, letter and text of the parts that are not empty."""
        if self.note is None:
            return []
        texts = self.note.texts()
        return [(name, SOAP_LABELS[name], texts[name]) for name in SOAP if texts[name]]


@dataclass(frozen=True, slots=True)
class BasketState:
    """オーダの状態 — a draft's basket with everything that is asked or told about it."""

    draft: Draft
    book: DayBook
    unfinished: list[Unfinished]
    warnings: list[OrderWarning]
    shared: SharedDrugs


def access_chart(visit_id: UUID, staff: Staff, *, is_asked: bool = False) -> dict[str, Any]:
    """カルテの内容 — of one visit; a signed one is read until a correction is asked for or has begun."""
    visit = access_visit(visit_id)
    record("chart.read", visit, visit.patient_id)
    note = newest_note(visit)
    mine = find_draft(visit.patient, staff)
    is_elsewhere = mine is not None and mine.visit_id != visit.id
    draft = mine if mine is not None and not is_elsewhere else blank_draft(visit, staff)
    may_write = staff.may(Permission.CHART_WRITE) and visit.state != VisitState.CANCELLED and not is_elsewhere
    is_editing = note is None or is_asked or not draft._state.adding
    can_order = may_write and is_editing and staff.may(Permission.ORDER_ENTER)
    return {
        **banner_of(visit.patient),
        "visit": visit,
        "note": note,
        "draft": draft,
        "is_new_draft": draft._state.adding,
        "elsewhere": mine if is_elsewhere else None,
        "others": others_drafts(visit, staff),
        "can_write": may_write,
        "can_order": can_order,
        "editable": can_order,
        "is_editing": may_write and is_editing,
        "kinds": KIND_LABELS.items(),
        "kind_decisions": kind_decisions(visit),
        "soap": soap_fields(draft),
        "fact_lines": fact_lines(note),
        "usages": USAGES,
        "window": str(uuid4()),
        "past": past_visits(visit),
        **diagnosis_context(visit),
        **order_context(visit, draft),
    }


def soap_fields(draft: Draft) -> list[dict[str, str]]:
    """SOAPの欄 — in clinical order."""
    return [
        {"name": name, "letter": SOAP_LABELS[name], "hint": SOAP_HINTS[name], "text": getattr(draft, name)}
        for name in SOAP
    ]


def basket_state(visit: Visit, draft: Draft) -> BasketState:
    """オーダの状態 — checked against the master of the day, the person, and drugs taken already."""
    book = day_book(visit.day)
    basket = basket_of(draft)
    shared = SharedDrugs(is_asked=True)
    warnings: list[OrderWarning] = []
    if any(item.code[:1] == "6" for order in basket.orders for item in order.items):
        shared = shared_history(visit.patient)
        background = check_background(visit, draft, book, shared)
        warnings = order_warnings(basket, book, background, current_knowledge())
    return BasketState(draft, book, unfinished_orders(basket, book), warnings, shared)


def order_context(visit: Visit, draft: Draft) -> dict[str, Any]:
    """オーダ欄の内容."""
    state = basket_state(visit, draft)
    basket = basket_of(draft)
    has_start = any(asks_start(order, state.book) for order in basket.orders)
    starts = last_starts(earlier_acts(visit), state.book) if has_start else {}
    blocks = order_blocks(
        basket,
        state.book,
        state.unfinished,
        state.warnings,
        starts,
        lambda: is_without_choice(coverage_value(visit)),
    )
    names = {(block.id, item.index): item.name for block in blocks for item in block.items}
    told = [
        (names.get((each.order_id, each.index), ""), each, draft.overrides.get(each.key, ""))
        for each in state.warnings
    ]
    return {
        "draft": draft,
        "blocks": blocks,
        "unfinished": state.unfinished,
        "lacking": [(names.get((each.order_id, each.index or 0), ""), each) for each in state.unfinished],
        "told": told,
        # What still stops the signature stands on top; the rest stays in the order of the table.
        "told_first": sorted(
            (each for each in told if each[1].tier is not Tier.INFO),
            key=lambda each: not (each[1].blocks and not each[2]),
        ),
        "told_beside": [each for each in told if each[1].tier is Tier.INFO],
        "reason_wanted": next((each.key for _, each, reason in told if each.blocks and not reason), ""),
        "shared_drugs": state.shared,
        "can_undo": bool(draft.undone),
        "order_payers": order_payers(visit.id),
        "flag_choices": [(flag.value, label(flag), flag.value in draft.flags) for flag in IN_THE_ROOM],
        **fact_context(visit, draft, state.book, {each.code for each in state.warnings}),
        "reception_flags": [label(each) for each in visit.flags],
    }


def past_visits(visit: Visit, limit: int = PAST_VISITS) -> list[PastVisit]:
    """過去の受診 — the newest first, with notes and orders."""
    visits = list(
        Visit.objects.filter(patient=visit.patient, arrived_at__lt=visit.arrived_at)
        .exclude(state=VisitState.CANCELLED)
        .select_related("doctor")
        .order_by("-arrived_at")[:limit]
    )
    ids = [each.id for each in visits]
    notes = {
        each.record_id: each
        for each in Note.objects.latest_versions().filter(visit__in=ids).select_related("made_by", "visit")  # type: ignore[attr-defined]
    }
    orders: dict[UUID, list[PlacedOrder]] = defaultdict(list)
    for row in PlacedOrder.objects.current().filter(visit__in=ids).order_by("position"):  # type: ignore[attr-defined]
        orders[row.visit_id].append(row)
    book = day_book(visit.day)
    return [
        PastVisit(each, notes.get(each.id), _readable(orders[each.id], _book_of(each.day, book)))
        for each in visits
    ]


def diagnosis_context(visit: Visit) -> dict[str, Any]:
    """病名欄の内容 — active ones with the main ones first, and those that ended."""
    rows = list(
        DiagnosisRecord.objects.current()
        .filter(patient=visit.patient)
        .order_by("-is_main", "since", "made_at", "id")  # type: ignore[attr-defined]
    )
    return {
        "active": [row for row in rows if row.is_active],
        "ended": sorted(
            (row for row in rows if not row.is_active), key=lambda row: row.ended_on, reverse=True
        ),
    }


def access_diagnosis(patient: Patient, record_id: UUID) -> DiagnosisRecord:
    """病名の参照 — the newest version of one record of this patient."""
    rows = DiagnosisRecord.objects.filter(patient=patient, record_id=record_id).select_related("previous")
    found = rows.order_by("-version").first()
    if found is None:
        raise Http404("diagnosis")
    return found


def note_versions(visit: Visit) -> list[Note]:
    """診療録の版 — the newest first."""
    return list(Note.objects.filter(record_id=visit.id).select_related("made_by").order_by("-version"))


def access_versions(visit_id: UUID) -> dict[str, Any]:
    """診療録の版の画面の内容 — the read is audited."""
    visit = access_visit(visit_id)
    record("chart.read", visit, visit.patient_id, {"part": "versions"})
    shown = [
        (note, [(SOAP_LABELS[name], text) for name, text in note.texts().items()], fact_lines(note))
        for note in note_versions(visit)
    ]
    return {**banner_of(visit.patient), "visit": visit, "versions": shown}


def access_draft(visit: Visit, draft_id: UUID) -> Draft:
    """下書きの参照 — of anyone, of this visit."""
    found = Draft.objects.select_related("staff").filter(pk=draft_id, visit=visit).first()
    if found is None:
        raise Http404("draft")
    return found


def access_note(patient: Patient, note_id: UUID) -> Note:
    """記載の参照 — one version of a note of this patient."""
    found = Note.objects.select_related("made_by", "visit").filter(pk=note_id, patient=patient).first()
    if found is None:
        raise Http404("note")
    return found


def base_texts(visit: Visit, version: int) -> dict[str, str]:
    """土台の本文 — what the draft began from; empty texts when nothing was signed then."""
    found = Note.objects.filter(record_id=visit.id, version=version).first()
    return found.texts() if found is not None else dict.fromkeys(SOAP, "")


def with_texts(context: dict[str, Any], texts: dict[str, str]) -> dict[str, Any]:
    """送られた本文のままの内容 — a refused page gives back what was typed."""
    return {
        "soap": [{**field, "text": texts[field["name"]]} for field in context["soap"]],
        "is_unsaved": True,
    }


def merged(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """突合せの初期値 — both texts where they differ."""
    for row in rows:
        same = row["mine"] == row["theirs"]
        row["merged"] = (
            row["mine"] if same else "\n".join(part for part in (row["theirs"], row["mine"]) if part)
        )
    return rows


def order_changes(visit: Visit, draft: Draft) -> list[str]:
    """オーダの違い — what was signed after this draft began and is not in it, or was withdrawn."""
    mine = {line.order.id: line.order for line in basket_of(draft).lines}
    book = day_book(visit.day)
    changes = []
    for row in PlacedOrder.objects.filter(visit=visit).latest_versions().order_by("position"):  # type: ignore[attr-defined]
        name = "、".join(order_lines(row.order(), book))
        key = str(row.record_id)
        if row.withdrawn and key in mine:
            changes.append(f"取り消されたオーダ: {name}")
        elif not row.withdrawn and key not in mine and key not in draft.base_orders:
            changes.append(f"追加されたオーダ: {name}")
        elif not row.withdrawn and draft.base_orders.get(key, row.version) != row.version:
            changes.append(f"変更されたオーダ: {name}（あなたの内容が残ります）")
    return changes


def has_unsigned(visit: Visit) -> bool:
    """未署名か — nothing was ever signed for the visit."""
    return not Note.objects.filter(record_id=visit.id).exists()


def has_texts(given: Mapping[str, str], visit: Visit, staff: Staff) -> bool:
    """書きかけか — whether the page carries text worth keeping: a draft exists, or something differs from the note."""
    if find_draft(visit.patient, staff) is not None:
        return True
    note = newest_note(visit)
    stored = note.texts() if note is not None else dict.fromkeys(SOAP, "")
    return any(given.get(name, "").replace("\r\n", "\n") != stored[name] for name in SOAP if name in given)


def copyable_orders(patient: Patient, visit: Visit) -> list[PastVisit]:
    """Doの候補 — earlier visits that have orders, the newest first."""
    return [each for each in past_visits(visit) if each.orders and each.visit.patient_id == patient.id]


def _readable(rows: list[PlacedOrder], book: DayBook) -> tuple[tuple[UUID, tuple[str, ...], str], ...]:
    return tuple(
        (row.record_id, tuple(order_lines(row.order(), book)), order_ending(row.order())) for row in rows
    )


def _book_of(day: date, otherwise: DayBook) -> DayBook:
    """An old visit may lie before every loaded revision; its names are then read from today's."""
    try:
        return otherwise.book.at(day)
    except OutOfBook:
        return otherwise
