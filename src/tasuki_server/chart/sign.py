# SPDX-License-Identifier: Apache-2.0
"""署名（確定） — a draft becomes record: note version, order versions, audit event and outbox row, all or nothing.

Cite: 医療情報システムの安全管理に関するガイドライン 電子保存の要求事項（真正性: 確定操作、更新履歴の保存、代行入力の承認）
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from tasuki_server.audit.trail import emit, record
from tasuki_server.chart.after_sign import after_sign
from tasuki_server.chart.draft import basket_of, newest_note, refuse_cancelled
from tasuki_server.chart.facts import merge_facts
from tasuki_server.chart.models import Draft, Note
from tasuki_server.institutions.models import Staff
from tasuki_server.orders.basket import Line, encode_basket
from tasuki_server.orders.codec import encode_order
from tasuki_server.orders.models import PlacedOrder, WarningOverride
from tasuki_server.orders.unfinished import Unfinished
from tasuki_server.orders.warnings import OrderWarning
from tasuki_server.reception.board import raise_board
from tasuki_server.reception.models import Visit


class NotReady(Exception):
    """署名できない — what is still missing, by order; nothing was saved."""

    def __init__(
        self,
        unfinished: list[Unfinished],
        warnings: list[OrderWarning],
        *,
        is_empty: bool = False,
        needs_reason: bool = False,
    ) -> None:
        self.unfinished = unfinished
        self.warnings = warnings
        self.is_empty = is_empty
        self.needs_reason = needs_reason
        super().__init__("the draft cannot be signed")


class StaleNote(Exception):
    """診療録の衝突 — someone signed a newer version after this draft began; carries both."""

    def __init__(self, draft: Draft, theirs: Note) -> None:
        self.draft = draft
        self.theirs = theirs
        super().__init__(f"version {theirs.version} is newer than {draft.base_version}")


@dataclass(frozen=True, slots=True)
class Checked:
    """署名前の確認 — what stands in the way of signing."""

    unfinished: list[Unfinished]
    warnings: list[OrderWarning]


def sign_draft(draft: Draft, staff: Staff, checked: Checked, *, reason: str = "") -> Note:
    """署名 — raises :class:`StaleNote` or :class:`NotReady` before anything is written.

    ``BadInput`` when the visit was cancelled while the draft was written: the note would be out of sight.
    """
    visit = Visit.objects.select_for_update(of=("self",)).select_related("patient").get(pk=draft.visit_id)
    refuse_cancelled(visit)
    newest = newest_note(visit)
    if newest is not None and newest.version != draft.base_version:
        raise StaleNote(draft, newest)
    basket = basket_of(draft)
    is_empty = not any(draft.texts().values()) and not basket.lines and newest is None
    blocking = [each for each in checked.warnings if each.blocks and not draft.overrides.get(each.key)]
    needs_reason = newest is not None and not reason.strip()
    if checked.unfinished or blocking or is_empty or needs_reason:
        raise NotReady(checked.unfinished, blocking, is_empty=is_empty, needs_reason=needs_reason)
    note = _write_note(draft, visit, newest, reason)
    for position, line in enumerate(basket.lines, start=1):
        _write_order(draft, visit, line, position, reason)
    _withdraw_missing(draft, {line.order.id for line in basket.lines}, reason)
    for warning in checked.warnings:
        _write_override(draft, visit, warning, staff)
    record("chart.sign", note, visit.patient_id, {"version": note.version, "orders": len(basket.lines)})
    emit("chart.signed", {"visit": str(visit.id), "note": str(note.id), "version": note.version})
    after_sign(visit, note)
    raise_board(visit.day)
    draft.delete()
    return note


def take_over_newest(draft: Draft, theirs: Note, texts: dict[str, str]) -> Draft:
    """相手の版の引継ぎ — the merged text now stands on the newest version; orders signed meanwhile come in.

    An order withdrawn by the other leaves the basket; one changed by both keeps what this draft says.
    """
    known = dict(draft.base_orders)
    rows = list(PlacedOrder.objects.filter(visit_id=draft.visit_id).latest_versions().order_by("position"))  # type: ignore[attr-defined]
    basket = basket_of(draft)
    mine = {line.order.id for line in basket.lines}
    for row in rows:
        key = str(row.record_id)
        if row.withdrawn and key in mine:
            basket = basket.without(key)
        elif not row.withdrawn and key not in mine and key not in known:
            basket = basket.plus(Line(row.order()))
    draft.base_orders = {str(row.record_id): row.version for row in rows if not row.withdrawn}
    base = Note.objects.filter(record_id=draft.visit_id, version=draft.base_version).first()
    draft.facts = merge_facts(base.facts if base is not None else {}, draft.facts, theirs.facts)
    draft.base_version = theirs.version
    for name, text in texts.items():
        setattr(draft, name, text)
    draft.text_stamp += 1
    draft.order_stamp += 1
    draft.orders = encode_basket(basket)
    draft.save()
    return draft


def merge_text(base: str, mine: str, theirs: str) -> str:
    """本文の突合せ — who alone changed a text wins; where both did, theirs stands before mine.

    >>> merge_text("a", "a", "b"), merge_text("a", "b", "a"), merge_text("a", "b", "b")
    ('b', 'b', 'b')
    >>> merge_text("", "頭痛", "発熱")
    '発熱\\n頭痛'
    """
    if mine in (base, theirs):
        return theirs
    if theirs == base:
        return mine
    return "\n".join(part for part in (theirs, mine) if part)


def _write_note(draft: Draft, visit: Visit, newest: Note | None, reason: str) -> Note:
    members = {
        **draft.texts(),
        "flags": list(draft.flags),
        "facts": dict(draft.facts),
        "copied_from": list(draft.copied_from),
    }
    if newest is None:
        return Note.objects.create(patient_id=visit.patient_id, visit=visit, record_id=visit.id, **members)
    return newest.revise(read_version=draft.base_version, reason=reason, **members)


def _write_order(draft: Draft, visit: Visit, line: Line, position: int, reason: str) -> None:
    order = line.order
    members = {"position": position, "kind": order.kind.value, "value": encode_order(order)}
    read_version = draft.base_orders.get(order.id)
    if read_version is None:
        origin = UUID(order.copied_from) if order.copied_from else None
        PlacedOrder.objects.create(
            patient_id=visit.patient_id, visit=visit, record_id=UUID(order.id), origin=origin, **members
        )
        return
    newest = PlacedOrder.objects.filter(record_id=order.id).order_by("-version").get(version=read_version)
    if {name: getattr(newest, name) for name in members} != members:
        newest.revise(read_version=read_version, reason=reason, **members)


def _withdraw_missing(draft: Draft, kept: set[str], reason: str) -> None:
    for record_id, version in draft.base_orders.items():
        if record_id not in kept:
            newest = PlacedOrder.objects.get(record_id=record_id, version=version)
            newest.withdraw(read_version=version, reason=reason)


def _write_override(draft: Draft, visit: Visit, warning: OrderWarning, staff: Staff) -> None:
    reason = draft.overrides.get(warning.key)
    if reason:
        WarningOverride.objects.create(
            patient_id=visit.patient_id,
            visit=visit,
            order_record=UUID(warning.order_id),
            code=warning.code,
            facts=dict(warning.facts),
            reason=reason,
            made_by=staff,
        )
