# SPDX-License-Identifier: Apache-2.0
"""再照会 — those who consented to visits to their home, or to being seen online, are asked about without their card.

The consent was given on their own telephone (居宅同意取得型) and goes on until they cancel it; each answer opens viewing
anew for as long as it says. Whoever is not known by number stands among the arrivals, as an unknown card does.

Cite: オンライン資格確認等システム 外部インターフェイス仕様書 訪問診療等（OQSmuhvq）・オンライン診療等（OQSmuonq）
"""

from __future__ import annotations

from datetime import date

from tasuki.eligibility.answer import read_answer
from tasuki.eligibility.requests import ask_consented
from tasuki_server.audit.trail import record
from tasuki_server.confirmation.ask import keep_inquiry
from tasuki_server.confirmation.bulk import units_of
from tasuki_server.confirmation.compare import compare
from tasuki_server.confirmation.models import (
    AnswerSource,
    AnswerState,
    ArrivedAnswer,
    BulkPerson,
    BulkRun,
    ConsentedWay,
    Inquiry,
    Purpose,
)
from tasuki_server.confirmation.reply import Reply
from tasuki_server.confirmation.take import keep_answer
from tasuki_server.confirmation.takeover import known_of
from tasuki_server.confirmation.told import told_of
from tasuki_server.institutions.work import current_work

# 別紙に期間の上限は無いか公表されていない: a year is our choice.
MOST_DAYS = 366


class BadPeriod(ValueError):
    """期間の誤り — says so in Japanese."""


_ASK = {ConsentedWay.VISIT: Purpose.VISIT_ASK, ConsentedWay.ONLINE: Purpose.ONLINE_ASK}


def begin_consented(way: ConsentedWay, since: date, until: date) -> BulkRun:
    """再照会の開始 — of consents between two days; raises :class:`BadPeriod`."""
    work = current_work()
    if until < since:
        raise BadPeriod("同意の期間の終わりが、始まりより前です。")
    if (until - since).days > MOST_DAYS:
        raise BadPeriod("同意の期間は1年以内にしてください。")
    run = BulkRun.objects.create(
        for_day=work.at.date(),
        about=f"{way.label}（同意 {since:%Y-%m-%d}〜{until:%Y-%m-%d}）",
        total=0,
        made_at=work.at,
        made_by_id=work.actor.staff_id,
    )
    keep_inquiry(_ASK[way], lambda sender: ask_consented(sender, since, until, way.value), bulk_run=run)
    record("eligibility.consented", run, detail={"way": way.value})
    return run


def take_consented_answer(inquiry: Inquiry, reply: Reply) -> None:
    """再照会の結果の受入れ — of each person as an answer of their own; raises ``NotWhole`` when some are missing."""
    run = inquiry.bulk_run
    assert run is not None
    units = units_of(reply)
    for place, (alone, data) in enumerate(units):
        answer = read_answer(alone)
        row = keep_answer(AnswerSource.BULK, f"{reply.file[:100]}.{place}", data, answer, inquiry)
        if row is None:
            continue
        if row.patient is None:
            # 一括照会 asks for people we know; here somebody new is to be registered at the desk.
            row.state = AnswerState.OPEN
            row.save(update_fields=["state"])
            continue
        told = told_of(answer)
        BulkPerson.objects.update_or_create(
            bulk_run=run,
            patient=row.patient,
            defaults={
                "answer": row,
                "validity": told.eligibility or "",
                "note": f"{told.code} {told.message}".strip()[:200],
                "difference_count": len(compare(told, known_of(row.patient, run.for_day)).takeable),
                "is_done": True,
            },
        )
    run.total = run.done = len(units)
    run.save(update_fields=["total", "done"])


def unknown_of(run: BulkRun) -> list[ArrivedAnswer]:
    """患者に結び付かない回答 — of a run, the first first."""
    rows = ArrivedAnswer.objects.filter(inquiry__bulk_run=run, patient=None)
    return list(rows.order_by("arrived_at", "id"))
