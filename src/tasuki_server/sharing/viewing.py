# SPDX-License-Identifier: Apache-2.0
"""他院の情報の取寄せ — asked for under the patient's consent or in an emergency, held for a short time, and gone after it.

What is held here is a copy: a withdrawal reaches it when it is fetched again, so no copy lives longer than an hour, and
no kind longer than the consent that opened it. An emergency needs a reason and somebody else's review.

Cite: 電子カルテ情報共有サービス 6情報閲覧サービス・健診文書閲覧サービス; 個人情報保護法 第27条第1項第2号（救急時）
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from django.urls import reverse
from django.utils import timezone

from tasuki.kernel.finding import BadInput
from tasuki.kernel.messages import sentence
from tasuki.sharing.build.around import PublicPayerNumber, institution_number
from tasuki.sharing.permission import INFORMATIONS, RecordKind
from tasuki_server.audit.trail import emit, record
from tasuki_server.institutions.models import Institution, Staff
from tasuki_server.institutions.work import Actor, as_institution
from tasuki_server.platform.retrying import is_due, wait_after
from tasuki_server.privacy.emergency import REVIEW_DAYS, BadReason
from tasuki_server.privacy.reviewing import SHORTEST_WORDS, keep_review
from tasuki_server.reception.models import Visit
from tasuki_server.records.messages import Insured, Opened, Viewing
from tasuki_server.sharing import line
from tasuki_server.sharing.models import OthersView, ViewState, ViewWay
from tasuki_server.sharing.person import patient_facts
from tasuki_server.shell.waiting import Waiting, due_by

# 控え: our choice.
HELD = timedelta(minutes=60)
FIRST_WAIT = timedelta(seconds=3)
KINDS = tuple(each for each in RecordKind if each in INFORMATIONS or each is RecordKind.CHECKUP)


class HeldSet(msgspec.Struct, frozen=True):
    """控えた情報の組 — of one institution and one kind, the resources as they came."""

    kind: RecordKind
    institution: str
    institution_name: str
    registered_at: datetime
    resources: tuple[dict[str, Any], ...]


class HeldCheckup(msgspec.Struct, frozen=True):
    """控えた健診結果報告書 — its text as it came: 5.40 stays 5.40."""

    institution: str
    institution_name: str
    checked_on: str
    report: str = ""


class Held(msgspec.Struct, frozen=True):
    """他院の情報の控え — everything that one fetching brought."""

    sets: tuple[HeldSet, ...] = ()
    checkups: tuple[HeldCheckup, ...] = ()


def ask_others(visit: Visit, staff: Staff, *, words: str | None = None) -> OthersView:
    """取寄せの依頼 — kept, and asked by the keeper; ``words`` make it an emergency. Raises :class:`BadReason`."""
    is_emergency = words is not None
    told = (words or "").strip()
    if is_emergency and len(told) < SHORTEST_WORDS:
        raise BadReason("同意を待てない事情を、言葉で書いてください。")
    waiting = OthersView.objects.filter(patient=visit.patient_id, state=ViewState.KEPT).first()
    if waiting is not None and not is_emergency:
        return waiting
    now = timezone.now()
    row = OthersView.objects.create(
        patient_id=visit.patient_id,
        visit=visit,
        way=ViewWay.EMERGENCY if is_emergency else ViewWay.CONSENT,
        words=told[:400],
        asked_by=staff,
        asked_at=now,
        next_at=now,
        review_due_on=timezone.localdate(now) + timedelta(days=REVIEW_DAYS) if is_emergency else None,
    )
    record("others.ask", row, visit.patient_id, {"way": str(row.way)})
    if is_emergency:
        emit("others.emergency", {"view": str(row.id), "due": str(row.review_due_on)})
    return row


def attend_views(institution: Institution, actor: Actor) -> int:
    """取寄せの一巡 — what is due is asked; returns how many were settled. Raises ``NotAnswered``."""
    settled = 0
    with as_institution(institution.id, actor):
        end_copies(timezone.now())
        rows = OthersView.objects.filter(is_due(timezone.now()), state=ViewState.KEPT).order_by("asked_at")
        due = list(rows.values_list("id", flat=True)[:20])
    for view_id in due:
        settled += _fetch(institution, actor, view_id)
    return settled


def _fetch(institution: Institution, actor: Actor, view_id: UUID) -> int:
    with as_institution(institution.id, actor):
        row = (
            OthersView.objects.select_for_update(of=("self",))
            .select_related("visit__patient")
            .get(pk=view_id)
        )
        if row.state != ViewState.KEPT:
            return 0
        row.tries, row.next_at = row.tries + 1, timezone.now() + wait_after(row.tries + 1, FIRST_WAIT)
        row.save(update_fields=["tries", "next_at"])
        try:
            person = insured_of(row.visit)
        except BadInput as bad:
            return _refuse(row, [sentence(each) for each in bad.findings])
        way, words, key = ViewWay(row.way), row.words, row.key
    wire = line.wire_for(institution)
    basis = "emergency" if way is ViewWay.EMERGENCY else "reader"
    refusal: tuple[str, ...] = ()
    viewed: tuple[Opened, ...] = ()
    try:
        viewed = line.open_view(wire, Viewing(person, basis, KINDS, words), key)
    except line.Refused as refused:
        # A consent given in the portal opens without the reader.
        refusal = refused.reasons
    try:
        found = line.read_informations(wire, person)
        checkups = line.read_checkups(wire, person)
    except line.Refused as refused:
        with as_institution(institution.id, actor):
            return _refuse(_locked(view_id), [*refusal, *refused.reasons])
    own = institution_number(institution.prefecture, institution.code)
    held = Held(
        tuple(
            HeldSet(
                each.kind,
                each.institution,
                each.institution_name,
                each.registered_at,
                tuple(msgspec.json.decode(item.resource) for item in each.items),
            )
            for each in found.sets
            if each.institution != own
        ),
        tuple(
            HeldCheckup(each.institution, each.institution_name, each.checked_on, bytes(each.bundle).decode())
            for each in checkups
        ),
    )
    with as_institution(institution.id, actor):
        told = {each.kind: each for each in (*viewed, *found.kinds)}
        return _keep(_locked(view_id), told.values(), held)


def _keep(row: OthersView, kinds: Iterable[Opened], held: Held) -> int:
    if row.state != ViewState.KEPT:
        # 不当 was said of it while it was on its way.
        return 0
    now = timezone.now()
    told = list(kinds)
    if not any(each.is_open for each in told):
        return _refuse(
            row, list(dict.fromkeys(each.reason for each in told)) or ["閲覧の同意がありません。"], told
        )
    # One is enough.
    _forget_earlier(row, now)
    row.kinds = msgspec.to_builtins(told)
    row.data = msgspec.json.encode(held)
    row.fetched_at = now
    row.until_at = min(now + HELD, *(each.until for each in told if each.is_open and each.until))
    row.state, row.message = ViewState.OPEN, ""
    row.save()
    count = sum(len(each.resources) for each in held.sets)
    record("others.fetch", row, row.patient_id, {"sets": len(held.sets), "items": count})
    return 1


def _refuse(row: OthersView, reasons: list[str], kinds: list[Opened] | None = None) -> int:
    if row.state != ViewState.KEPT:
        return 0
    # What the person took back meanwhile is not shown from the copy before.
    _forget_earlier(row, timezone.now())
    row.state, row.message = ViewState.REFUSED, "\n".join(dict.fromkeys(reasons))[:400]
    row.kinds = msgspec.to_builtins(kinds or [])
    row.save()
    record("others.refused", row, row.patient_id)
    return 1


def _locked(view_id: UUID) -> OthersView:
    return OthersView.objects.select_for_update(of=("self",)).select_related("visit").get(pk=view_id)


def end_copies(at: datetime) -> int:
    """控えの消去 — the content of what has ended goes, the row says that it was there and when it went."""
    ended = OthersView.objects.filter(deleted_at=None, until_at__lt=at).defer("data")[:100]
    for row in ended:
        _forget(row, at)
    return len(ended)


def _forget_earlier(row: OthersView, at: datetime) -> None:
    """The earlier copies of the same person."""
    for earlier in OthersView.objects.filter(patient=row.patient_id, deleted_at=None).exclude(pk=row.pk):
        _forget(earlier, at)


def _forget(row: OthersView, at: datetime) -> None:
    if row.fetched_at is None:
        return
    row.data, row.deleted_at = None, at
    row.save(update_fields=["data", "deleted_at"])
    record("others.delete", row, row.patient_id)


def newest_view(patient_id: UUID) -> OthersView | None:
    """最新の閲覧 — of a patient, without its content."""
    rows = OthersView.objects.filter(patient=patient_id).select_related("asked_by", "reviewed_by")
    return rows.defer("data").order_by("-asked_at", "-id").first()


def held_of(row: OthersView | None, at: datetime) -> Held:
    """控えの内容 — empty when it has ended; kinds whose consent is over are left out."""
    if row is None or not row.is_open_at(at) or row.data is None:
        return Held()
    opened = {each.kind for each in kinds_of(row) if each.is_open and (each.until is None or at < each.until)}
    held = msgspec.json.decode(bytes(row.data), type=Held)
    return Held(
        tuple(each for each in held.sets if each.kind in opened),
        held.checkups if RecordKind.CHECKUP in opened else (),
    )


def kinds_of(row: OthersView) -> tuple[Opened, ...]:
    """種類ごとの可否 — as the service told them."""
    return tuple(msgspec.convert(each, Opened) for each in row.kinds)


def insured_of(visit: Visit) -> Insured:
    """閲覧する人 — by the number the visit is billed under. Raises ``BadInput`` where the service could not tell whose."""
    number = patient_facts(visit.patient, visit).insured
    return Insured(number.text, isinstance(number, PublicPayerNumber))


def review_view(row: OthersView, staff: Staff, verdict: str, words: str) -> None:
    """救急時閲覧の確認 — 不適切 ends it, fetched or not. Raises :class:`NotReviewable`."""
    row = _locked(row.id)
    is_justified = keep_review(row, staff, verdict, words, "救急時閲覧")
    if not is_justified and row.state == ViewState.KEPT:
        # Nothing is known of a consent: a copy that one opened stays.
        row.state, row.message = ViewState.REFUSED, "適切でなかったと確認されたため、取り寄せません。"
        row.save(update_fields=["state", "message"])
    elif not is_justified:
        _forget(row, timezone.now())
    record("others.review", row, row.patient_id, {"is_justified": is_justified})


def waiting_views() -> Any:
    """確認待ちの救急時閲覧 — the most urgent first."""
    rows = OthersView.objects.filter(way=ViewWay.EMERGENCY, reviewed_at=None)
    return rows.order_by("review_due_on", "asked_at")


def tell_reviews(_staff: Staff) -> list[Waiting]:
    """確認待ちの件数 — for the first page of who reviews."""
    due = list(waiting_views().values_list("review_due_on", flat=True))
    return [due_by("確認待ちの救急時閲覧", due, reverse("sharing:emergencies"), timezone.localdate())]


__all__ = ["Held", "ask_others", "attend_views", "held_of", "newest_view", "review_view"]
