# SPDX-License-Identifier: Apache-2.0
"""照会の列 — one round of an institution: card results are taken, what waits is sent, what was answered is taken.

Each step is a transaction of its own, and each may be done again: the process may die between any two of them. A
request is marked as sent before it is, with its next try; an answer is kept here before the other side is told.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from tasuki.eligibility.answer import Progress
from tasuki.eligibility.file_names import read_file_name
from tasuki_server.confirmation.ask import note_step
from tasuki_server.confirmation.gateway import Gateway, NotReached
from tasuki_server.confirmation.handlers import HANDLERS
from tasuki_server.confirmation.inquiry_models import WAITING
from tasuki_server.confirmation.line import note_failed, note_reached, own_line
from tasuki_server.confirmation.models import Inquiry, InquiryState
from tasuki_server.confirmation.reply import Reply, read_reply
from tasuki_server.confirmation.take import NotWhole, take_face
from tasuki_server.institutions.work import Actor, as_institution
from tasuki_server.platform.retrying import is_due, wait_after
from tasuki_server.reception.board import raise_board

MOST_AT_ONCE = 20
FIRST_WAIT = timedelta(seconds=5)
LATELY = timedelta(days=7)


class Round(NamedTuple):
    """一巡の結果 — how much was done, and what was in the way, in Japanese."""

    taken: int
    sent: int
    answered: int
    fault: str = ""


def attend(institution_id: UUID, actor: Actor, gateway: Gateway) -> Round:
    """一巡 — of one institution; the first failure of the line ends it, and is told on the board."""
    taken = sent = answered = 0
    try:
        taken = _take_faces(institution_id, actor, gateway)
        answered = _take_answers(institution_id, actor, gateway)
        for inquiry_id in _due(institution_id, actor):
            row = _claim(institution_id, actor, inquiry_id)
            if row is None:
                continue
            sent += 1
            data = gateway.send(row.file, bytes(row.data))
            if data is not None:
                answered += _settle(institution_id, actor, row.id, data)
        answered += _take_answers(institution_id, actor, gateway)
    except NotReached as away:
        with as_institution(institution_id, actor):
            note_failed(timezone.now(), str(away))
        return Round(taken, sent, answered, str(away))
    with as_institution(institution_id, actor):
        note_reached(timezone.now())
    return Round(taken, sent, answered)


def _take_faces(institution_id: UUID, actor: Actor, gateway: Gateway) -> int:
    with as_institution(institution_id, actor):
        since = own_line().faces_since
    taken = 0
    for each in gateway.faces(since):
        try:
            with as_institution(institution_id, actor):
                taken += take_face(each.file, each.data) is not None
                _read_up_to(each.number)
        except NotWhole:
            # The next round offers it again; what stands behind it must not overtake it.
            if each.number:
                break
            continue
        gateway.settle(each)
    return taken


def _read_up_to(number: int) -> None:
    line = own_line()
    if number > line.faces_since:
        line.faces_since = number
        line.save(update_fields=["faces_since"])


def _take_answers(institution_id: UUID, actor: Actor, gateway: Gateway) -> int:
    with as_institution(institution_id, actor):
        # Those answered lately too: a second answer, or one whose file could not be moved, must not lie there for ever.
        lately = Q(made_at__gte=timezone.now() - LATELY)
        sent = Inquiry.objects.filter(Q(state=InquiryState.SENT) | lately).defer("data")
        wanted = {_stem(answer_name(each.file)): each.id for each in sent}
    if not wanted:
        return 0
    answered = 0
    for each in gateway.answers(wanted):
        if _settle(institution_id, actor, wanted[_stem(each.file)], each.data):
            answered += 1
            gateway.settle(each)
        elif _is_over(institution_id, actor, wanted[_stem(each.file)]):
            gateway.settle(each)
    return answered


def _due(institution_id: UUID, actor: Actor) -> list[UUID]:
    with as_institution(institution_id, actor):
        rows = Inquiry.objects.filter(is_due(timezone.now()), state__in=WAITING)
        return list(rows.order_by("next_at", "made_at").values_list("id", flat=True)[:MOST_AT_ONCE])


def _claim(institution_id: UUID, actor: Actor, inquiry_id: UUID) -> Inquiry | None:
    """着手 — marked as sent before it is; None when another process has it or it is over."""
    with as_institution(institution_id, actor):
        at = timezone.now()
        row = (
            Inquiry.objects.select_for_update(skip_locked=True, of=("self",))
            .filter(is_due(at), pk=inquiry_id, state__in=WAITING)
            .first()
        )
        if row is None:
            return None
        if row.until_at is not None and at > row.until_at:
            # What a consent opened may not be asked for after its end.
            row.state = InquiryState.CANCELLED
            row.save(update_fields=["state"])
            note_step(row, "lapsed")
            return None
        row.state, row.tries = InquiryState.SENT, row.tries + 1
        row.next_at = at + wait_after(row.tries, FIRST_WAIT)
        row.save(update_fields=["state", "tries", "next_at"])
        note_step(row, "sent", f"{row.tries}回目")
        return row


def _settle(institution_id: UUID, actor: Actor, inquiry_id: UUID, data: bytes) -> bool:
    """回答の受入れ — False for what is no whole answer to it: it is asked again at its time."""
    try:
        return _settle_whole(institution_id, actor, inquiry_id, data)
    except NotWhole as cut:
        with as_institution(institution_id, actor):
            note_step(Inquiry.objects.get(pk=inquiry_id), "not_whole", str(cut))
        return False


def _settle_whole(institution_id: UUID, actor: Actor, inquiry_id: UUID, data: bytes) -> bool:
    with as_institution(institution_id, actor):
        row = Inquiry.objects.select_for_update(of=("self",)).get(pk=inquiry_id)
        if row.state not in WAITING:
            return False
        reply = read_reply(row, data)
        if reply.progress is Progress.RUNNING:
            row.next_at = timezone.now() + wait_after(row.tries, FIRST_WAIT)
            row.save(update_fields=["next_at"])
            note_step(row, "running")
            return False
        _finish(row, reply)
        return True


def _finish(row: Inquiry, reply: Reply) -> None:
    handler: Callable[[Inquiry, Reply], None] = HANDLERS[row.purpose]
    is_done = reply.progress is Progress.DONE
    row.state = InquiryState.ANSWERED if is_done else InquiryState.REFUSED
    row.code, row.message = reply.code[:40], reply.message[:400]
    row.save(update_fields=["state", "code", "message"])
    note_step(row, str(row.state), reply.code)
    if is_done:
        handler(row, reply)
    raise_board(timezone.localtime(timezone.now()).date())


def _is_over(institution_id: UUID, actor: Actor, inquiry_id: UUID) -> bool:
    with as_institution(institution_id, actor):
        states = Inquiry.objects.filter(pk=inquiry_id).values_list("state", flat=True)
        return states.first() not in WAITING


def answer_name(file: str) -> str:
    """結果のファイル名 — of a request's.

    >>> answer_name("OQSsiquc01req_1.xml")
    'OQSsiquc01res_1.xml'
    """
    named = read_file_name(file)
    assert named is not None
    return named.answer


def _stem(file: str) -> str:
    return Path(file).stem
