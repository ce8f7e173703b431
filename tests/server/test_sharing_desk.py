# SPDX-License-Identifier: Apache-2.0
"""電子カルテ情報共有（医療機関側） — a signed chart is checked, sent once, sent again when it changed, and never with an error."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

from eprescribing import sign
from made_up import TOKYO, make_insurance, make_patient, make_visit
from records_stand_in import sharing, standing_in

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def clinic(server):
    with sharing(server.first) as clinic:
        yield clinic


@pytest.fixture
def exchange(clinic):
    with standing_in() as service:
        yield service


def _arrived(clinic, number, name="共有 花子", **given):
    with clinic.work("reception"):
        patient = make_patient(name, "キョウユウ ハナコ", address="東京都架空区1-2-3", **given)
        card = make_insurance(patient, number=number)
        return make_visit(patient, at=datetime.now(TOKYO), insurance_record=card.record_id)


def _disease(clinic, visit, code="8833421"):
    from tasuki_server.chart.diagnose import add_diagnosis
    from tasuki_server.orders.catalogue import day_book

    with clinic.work("doctor"):
        return add_diagnosis(visit.patient, code, [], visit.day, day_book(visit.day), is_main=True)


def _round(clinic):
    from tasuki_server.institutions.models import Institution
    from tasuki_server.sharing.keeping import keep_one

    with clinic.work("admin"):
        institution = Institution.objects.get()
    return keep_one(institution)


def _units(clinic, visit):
    from tasuki_server.sharing.models import SharedUnit

    with clinic.work("doctor"):
        return list(SharedUnit.objects.filter(visit=visit).order_by("made_at", "kind", "number"))


def test_a_signed_chart_is_shared_with_its_standard_codes(clinic, exchange):
    from tasuki_server.patients.records import add_allergy

    visit = _arrived(clinic, "301")
    _disease(clinic, visit)
    with clinic.work("doctor"):
        add_allergy(visit.patient, substance="そば", severity="severe", kind="food", noted_on=visit.day)
    sign(clinic, visit)
    rows = _units(clinic, visit)
    assert [(row.kind, row.state) for row in rows] == [("allergies", "kept"), ("diseases", "kept")], [
        row.findings for row in rows
    ]
    assert exchange.units == {}
    assert _round(clinic).settled == 2
    assert {row.state for row in _units(clinic, visit)} == {"done"}
    (condition,) = exchange.of("Condition")
    codes = {each["system"]: each["code"] for each in condition["code"]["coding"]}
    assert codes["http://medis.or.jp/CodeSystem/master-disease-keyNumber"] == "20061593"
    people = {each["identifier"][0]["value"] for each in exchange.of("Patient")}
    assert people == {"01130012:12345:301:"}


def test_nothing_with_an_error_leaves_and_the_place_to_repair_is_named(clinic, exchange):
    with clinic.work("reception"):
        patient = make_patient("一語", "キョウユウ", address="東京都架空区1-2-3")
        visit = make_visit(patient, at=datetime.now(TOKYO))
    _disease(clinic, visit)
    sign(clinic, visit)
    (row,) = _units(clinic, visit)
    assert (row.state, row.body) == ("faulty", None)
    _round(clinic)
    assert exchange.units == {}
    page = clinic.browser("doctor").get(f"/sharing/visit/{visit.id}/").content.decode()
    assert "姓と名" in page and f"/patients/{patient.number}/revise/" in page


def test_flags_go_with_the_disease_and_what_is_gone_is_taken_back(clinic, exchange):
    from tasuki_server.chart.diagnose import undo_diagnosis
    from tasuki_server.sharing.models import RecordFlags

    visit = _arrived(clinic, "302")
    row = _disease(clinic, visit)
    other = _disease(clinic, visit, "0059003")
    sign(clinic, visit)
    _round(clinic)
    assert len(exchange.of("Condition")) == 2
    doctor = clinic.browser("doctor")
    address = f"/sharing/visit/{visit.id}/flags/disease/{row.record_id}/"
    answer = doctor.post(address, {"is_untold": "on", "words": "", "version": "0"})
    assert answer.status_code == 422 and "理由を入れてください" in answer.content.decode()
    given = {"is_untold": "on", "words": "病名をまだ説明していない", "version": "0"}
    assert doctor.post(address, given).status_code == 302
    with clinic.work("doctor"):
        (flags,) = RecordFlags.objects.filter(record_id=row.record_id)
        assert (flags.labels, flags.made_by_id) == (("未告知",), clinic.staff["doctor"].id)
        undo_diagnosis(other, read_version=1)
    assert doctor.post(address, given).status_code == 422
    doctor.post(f"/sharing/visit/{visit.id}/again/")
    _round(clinic)
    (condition,) = exchange.of("Condition")
    assert [each["code"] for each in condition["meta"]["tag"]] == ["UNINFORMED"]
    assert clinic.browser("nurse").post(address, given).status_code == 403


def test_a_line_that_is_down_and_a_refusal_are_told_and_sent_again(clinic, exchange):
    visit = _arrived(clinic, "303")
    _disease(clinic, visit)
    exchange.closed = True
    sign(clinic, visit)
    assert "保守中" in _round(clinic).fault
    (row,) = _units(clinic, visit)
    assert (row.state, row.tries) == ("sent", 1)
    exchange.closed, exchange.refuse = False, "病名管理番号がありません。"
    _make_due(clinic)
    _round(clinic)
    (row,) = _units(clinic, visit)
    assert (row.state, row.message) == ("refused", "病名管理番号がありません。")
    page = clinic.browser("doctor").get("/sharing/?show=refused").content.decode()
    assert "病名管理番号がありません。" in page and "差し戻し" in page
    exchange.refuse = ""
    clinic.browser("doctor").post(f"/sharing/visit/{visit.id}/again/")
    _round(clinic)
    assert [row.state for row in _units(clinic, visit)] == ["refused", "done"]
    assert len(set(exchange.keys)) == 2


def test_the_same_chart_signed_again_sends_nothing_and_an_answer_that_is_lost_is_asked_again(
    clinic, exchange
):
    visit = _arrived(clinic, "304")
    _disease(clinic, visit)
    sign(clinic, visit)
    (row,) = _units(clinic, visit)
    _round(clinic)
    sign(clinic, visit, reason="誤字の訂正")
    assert [each.id for each in _units(clinic, visit)] == [row.id]
    _round(clinic)
    assert len(exchange.keys) == 1


def _make_due(clinic):
    from django.utils import timezone

    from tasuki_server.sharing.models import SharedUnit

    with clinic.work("doctor"):
        SharedUnit.objects.filter(state="sent").update(next_at=timezone.now())


def test_the_exchange_of_the_platform_takes_what_is_sent(clinic):
    from tasuki_server.patients.records import add_allergy
    from tasuki_server.sharing.line import wire_for

    visit = _arrived(clinic, "305")
    _disease(clinic, visit)
    with clinic.work("doctor"):
        add_allergy(visit.patient, substance="そば", severity="severe", kind="food", noted_on=visit.day)
    sign(clinic, visit)
    done = _round(clinic)
    assert done.fault == "", done
    assert {(row.state, row.message) for row in _units(clinic, visit)} == {("done", "")}
    with clinic.work("doctor"):
        from tasuki_server.institutions.models import Institution

        wire = wire_for(Institution.objects.get())
    reply = wire("GET", "fhir/Condition?patient.identifier=01130012%3A12345%3A305%3A")
    (entry,) = json.loads(reply.body)["entry"]
    assert entry["resource"]["code"]["text"] == "高血圧症"


LETTER = {
    "recipient_number": "1310000000",
    "recipient_name": "となり野病院",
    "recipient_department": "循環器科",
    "recipient_doctor": "隣野 一郎",
    "purpose": "胸痛の精査をお願いします。",
    "complaint": "高血圧症",
    "present": "2週間前から労作時の胸痛。",
    "consent": "oral",
}


def test_a_discharge_summary_goes_beside_a_letter_and_never_alone(clinic, exchange):
    visit = _arrived(clinic, "307", "退院 三郎")
    _disease(clinic, visit)
    doctor = clinic.browser("doctor")
    address = f"/sharing/visit/{visit.id}/letters/discharge/"
    given = {
        "admitted_on": "2026-11-02",
        "discharged_on": "2026-11-01",
        "disposition": "1",
        "discharge_diagnoses": "高血圧症",
        "reason": "高血圧緊急症",
        "course": "点滴で改善した。",
    }
    assert "退院日が入院日より前" in doctor.post(address, given).content.decode()
    answer = doctor.post(address, {**given, "discharged_on": "2026-11-09"})
    assert answer.status_code == 302, answer.content.decode()
    assert "単独では送りません" in doctor.get(answer.url).content.decode()
    _round(clinic)
    assert exchange.documents == {}
    summary = answer.url.rstrip("/").rsplit("/", 1)[1]
    letter = f"/sharing/visit/{visit.id}/letters/referral/"
    assert "2026-11-02〜2026-11-09の入院" in doctor.get(letter).content.decode()
    assert doctor.post(letter, {**LETTER, "summary": summary}).status_code == 302
    _round(clinic)
    (content,) = exchange.contents.values()
    assert (
        content["bundle"]["type"] == "document"
        and content["document"]["receiver"] == LETTER["recipient_number"]
    )
    assert content["discharge"]["entry"][0]["resource"]["title"] == "退院時サマリー"


def test_a_unit_that_somebody_counted_to_the_end_is_told_and_waits_no_more(clinic, exchange, monkeypatch):
    from tasuki_server.sharing import queue
    from tasuki_server.sharing.line import Answered

    visit = _arrived(clinic, "331")
    _disease(clinic, visit)
    sign(clinic, visit)
    asked = []

    def refused(_wire, body, _key, version):
        asked.append(version)
        held = 7 if len(asked) == 1 else 999_999_999
        coding = {"coding": [{"code": "older"}]}
        return Answered(False, ("古い",), b"{}", {"issue": [{"details": coding, "expression": [str(held)]}]})

    monkeypatch.setattr(queue, "send", refused)
    for _ in range(4):
        _round(clinic)
    (row,) = _units(clinic, visit)
    assert asked == [1, 8] and (row.state, "運用者" in row.message) == ("refused", True)
