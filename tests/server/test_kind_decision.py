# SPDX-License-Identifier: Apache-2.0
"""初再診の決定 — at the desk, in the chart and at the bill: a reason is wanted, every decision stays, the bill shows it."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from made_up import TOKYO, make_insurance, make_patient, make_visit

pytestmark = pytest.mark.server


@pytest.fixture
def visit(server):
    """A visit of a new patient, a 初診 by its history."""
    with server.first.work("reception"):
        patient = make_patient()
        card = make_insurance(patient)
        return make_visit(patient, insurance_record=card.record_id)


def _decide(browser, visit, kind, reason):
    data = {"kind": kind, "reason": reason}
    return browser.post(f"/chart/{visit.id}/kind/", data, headers={"HX-Request": "true"})


def _decisions(server, visit):
    from tasuki_server.reception.decide_kind import kind_decisions

    with server.first.work("clerk"):
        return [(each.version, each.kind, each.reason, each.made_by.name) for each in kind_decisions(visit)]


def _trail(server, visit):
    from tasuki_server.audit.models import AuditEvent

    with server.first.work("admin"):
        rows = AuditEvent.objects.filter(action="visit.decide_kind", subject_id=str(visit.id))
        return [row.detail for row in rows.order_by("number")]


def test_the_chart_decides_with_a_reason_and_the_expected_bill_follows(server, visit):
    doctor = server.first.browser("doctor")
    assert "初診・再診を決める" in doctor.get(f"/chart/{visit.id}/").content.decode()
    refused = _decide(doctor, visit, "revisit", " ")
    assert refused.status_code == 422 and "理由を書いてください" in refused.content.decode()
    assert _decide(doctor, visit, "sometimes", "なし").status_code == 422
    assert _decisions(server, visit) == []
    answer = _decide(doctor, visit, "revisit", "他院からの継続と確認")
    assert answer.status_code == 200 and answer["HX-Trigger"] == "bill-changed"
    preview = doctor.get(f"/chart/{visit.id}/preview/").content.decode()
    assert "再診" in preview and "他院からの継続と確認" in preview


def test_every_decision_stays_and_the_trail_names_it_without_its_words(server, visit):
    doctor, clerk = server.first.browser("doctor"), server.first.browser("clerk")
    _decide(doctor, visit, "revisit", "継続と確認")
    _decide(doctor, visit, "revisit", "継続と確認")
    clerk.post(f"/billing/visit/{visit.id}/kind", {"kind": "first", "reason": "別の傷病と確認"})
    clerk.post(f"/billing/visit/{visit.id}/kind", {"kind": "auto", "reason": ""})
    assert _decisions(server, visit) == [
        (3, "auto", "自動に戻した", "医事 花子"),
        (2, "first", "別の傷病と確認", "医事 花子"),
        (1, "revisit", "継続と確認", "医師 花子"),
    ]
    trail = _trail(server, visit)
    assert [(each["kind"], each["version"]) for each in trail] == [("revisit", 1), ("first", 2), ("auto", 3)]
    assert all(each["decision"] for each in trail) and "継続" not in str(trail)
    page = clerk.get(f"/billing/visit/{visit.id}").content.decode()
    assert "継続と確認" in page and "別の傷病と確認" in page


def test_the_desk_keeps_its_decision_too(server, visit):
    from tasuki.chart.visit import VisitKind
    from tasuki_server.reception.receive import Arrival, change_visit

    with server.first.work("reception"):
        card = visit.insurance_record
        other = make_visit(
            make_patient("別の 人"), kind=VisitKind.NONE, kind_reason="文書の受取りのみ", at=_at(16)
        )
        change_visit(
            visit.id,
            Arrival(kind=VisitKind.REVISIT, kind_reason="電話で確認", insurance_record=card),
            read_stamp=visit.stamp,
        )
        change_visit(
            visit.id,
            Arrival(kind=VisitKind.REVISIT, kind_reason="電話で確認", memo="車いす", insurance_record=card),
            read_stamp=visit.stamp + 1,
        )
    assert _decisions(server, visit) == [(1, "revisit", "電話で確認", "受付 花子")]
    assert _decisions(server, other) == [(1, "none", "文書の受取りのみ", "受付 花子")]


def test_a_decision_is_never_changed_in_the_database(server, visit):
    from django.db import ProgrammingError, connection, transaction

    _decide(server.first.browser("doctor"), visit, "revisit", "継続と確認")
    with server.first.work("clerk"), pytest.raises(ProgrammingError), transaction.atomic():
        connection.cursor().execute("UPDATE reception_kinddecision SET reason = 'x'")


def test_who_may_not_sign_may_not_decide_in_the_chart(server, visit):
    assert _decide(server.first.browser("nurse"), visit, "first", "理由").status_code == 403
    assert _decisions(server, visit) == []


def _at(day):
    return datetime.combine(date(2026, 6, day), datetime.min.time(), TOKYO).replace(hour=9)
