# SPDX-License-Identifier: Apache-2.0
"""見張り — decoys, alerts from the trail, containment, mistakes told, training and incidents, through the pages."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from made_up import make_patient

pytestmark = pytest.mark.server


def watch(clinic):
    from tasuki_server.watch.running import catch_up

    return catch_up(clinic.id)


def alerts_of(clinic, rule):
    from tasuki_server.watch.models import Alert

    with clinic.work():
        return list(Alert.objects.filter(rule=rule).order_by("raised_at"))


@pytest.fixture(scope="module")
def canary(server):
    """A decoy chart made by the administrator's button."""
    from tasuki_server.watch.models import Canary

    browser = server.first.browser("admin")
    assert browser.post("/watch/canaries/make/", {"kind": "chart"}).status_code == 302
    with server.first.work():
        found = Canary.objects.select_related("patient").get(patient__isnull=False)
    watch(server.first)
    assert alerts_of(server.first, "U10") == []
    return found


def test_a_decoy_is_in_no_list_and_opening_it_ends_the_session(server, canary):
    patient = canary.patient
    browser = server.first.browser("nurse")
    found = browser.get("/patients/", {"q": patient.name}).content.decode()
    assert f"/patients/{patient.number}/" not in found
    assert browser.get(f"/patients/{patient.number}/").status_code == 200
    watch(server.first)
    (alert,) = alerts_of(server.first, "U10")
    assert (alert.staff_id, alert.patient_id) == (server.first.staff["nurse"].id, patient.id)
    assert (alert.raised_at - alert.first_at).total_seconds() < 10
    assert browser.get("/")["Location"].startswith("/accounts/login/")
    watch(server.first)
    assert len(alerts_of(server.first, "U10")) == 1


def test_a_decoy_s_name_is_told_at_the_first_try(server):
    from tasuki_server.watch.models import Canary

    browser = server.first.browser("admin")
    browser.post("/watch/canaries/make/", {"kind": "user"})
    with server.first.work():
        canary = Canary.objects.get(patient=None)
    Client().post("/accounts/login/", {"login": canary.username, "password": "a password from a file"})
    watch(server.first)
    assert [each.account for each in alerts_of(server.first, "U11")] == [str(canary.user_id)]


def test_an_alert_is_closed_with_words_and_becomes_an_incident_with_a_timeline(server, canary):
    alert = alerts_of(server.first, "U10")[0]
    browser = server.first.browser("admin")
    page = browser.get(f"/watch/alerts/{alert.pk}/").content.decode()
    assert "おとりカルテ" in page and canary.patient.name not in page
    browser.post(f"/watch/alerts/{alert.pk}/close/", {"code": "incident", "words": ""})
    assert alerts_of(server.first, "U10")[0].closed_at is None
    answer = browser.post(
        f"/watch/alerts/{alert.pk}/close/", {"code": "incident", "words": "本人は開いていないと言う"}
    )
    incident = browser.get(answer["Location"]).content.decode()
    assert "自動で終了" in incident and "個人データの項目" in incident and "監査記録" in incident
    paper = browser.get(answer["Location"] + "report/").content.decode()
    assert "60日以内" in paper and "本人への対応の実施状況" in paper


def test_account_stopped_and_taken_back(server):
    from tasuki_server.watch.models import Containment

    nurse, admin = server.first.browser("clerk"), server.first.browser("admin")
    given = {"kind": "account", "staff": str(server.first.staff["clerk"].id), "reason": "確かめるまで"}
    assert admin.post("/watch/containment/begin/", given).status_code == 302
    assert nurse.get("/")["Location"].startswith("/accounts/login/")
    with server.first.work():
        row = Containment.objects.get(kind="account", ended_at=None)
    end = f"/watch/containment/{row.pk}/end/"
    # Without a new proof of who it is, nothing is taken back.
    long_ago = server.first.browser("admin", proved=False)
    assert long_ago.post(end, {"reason": "確かめた"}).status_code == 401
    assert admin.post(end, {"reason": "確かめた"}).status_code == 302
    assert server.first.browser("clerk").get("/").status_code == 200


def test_read_only_refuses_writing_and_not_reading(server):
    from tasuki_server.patients.models import Patient
    from tasuki_server.watch.models import Containment

    desk, admin = server.first.browser("reception"), server.first.browser("admin")
    assert (
        admin.post("/watch/containment/begin/", {"kind": "read_only", "reason": "身代金要求"}).status_code
        == 302
    )
    answer = desk.post("/patients/new/", {"name": "架空 次郎"})
    assert answer.status_code == 423 and "いまは書き込めません" in answer.content.decode()
    assert "閲覧専用モードです" in desk.get("/patients/").content.decode()
    assert desk.post("/watch/report/", {"kind": "mail"}).status_code == 200
    assert server.second.browser("reception").post("/patients/new/", {}).status_code != 423
    with server.first.work():
        row = Containment.objects.get(kind="read_only", ended_at=None)
        assert not Patient.objects.filter(name="架空 次郎").exists()
    proved(admin)
    admin.post(f"/watch/containment/{row.pk}/end/", {"reason": "復旧"})
    assert desk.post("/patients/new/", {"name": ""}).status_code != 423


def test_strangers_charts_are_told_and_own_care_is_not(server):
    from made_up import make_visit
    from tasuki_server.reception.clock import now

    with server.first.work("doctor"):
        stranger = make_patient("架空 三郎", "カクウ サブロウ")
        patient = make_patient("架空 四郎", "カクウ シロウ")
        make_visit(patient, now())
    doctor = server.first.browser("doctor")
    doctor.get(f"/patients/{patient.number}/")
    watch(server.first)
    mine = server.first.staff["doctor"].id
    assert [each for each in alerts_of(server.first, "U06") if each.staff_id == mine] == []
    doctor.get(f"/patients/{stranger.number}/")
    watch(server.first)
    assert len([each for each in alerts_of(server.first, "U06") if each.staff_id == mine]) == 1


def test_thresholds_count_from_their_day(server):
    from tasuki_server.watch.running import thresholds_at

    admin = server.first.browser("admin")
    given = {"knob": "U04:per_day", "value": "250", "since": "2026-12-01", "reason": "予防接種の日が多い"}
    assert admin.post("/watch/settings/", given).status_code == 302
    with server.first.work():
        assert thresholds_at(date(2026, 11, 30)) == {}
        assert thresholds_at(date(2026, 12, 1)) == {"U04": {"per_day": 250}}
    assert admin.post("/watch/settings/", {**given, "knob": "U04:none"}).status_code == 400
    assert "250" in admin.get("/watch/settings/").content.decode()


def test_training_results_are_read_or_every_bad_row_is_named(server):
    admin = server.first.browser("admin")
    name = server.first.staff["doctor"].name
    head = "訓練名,送信日時,氏名,結果,報告日時\n"
    good = f"{head}6月訓練,2026-06-01 09:00,{name},報告した,2026-06-01 09:07\n"
    bad = f"{head}6月訓練,いつか,だれか,忘れた,\n"
    answer = admin.post("/watch/training/", {"file": SimpleUploadedFile("x.csv", bad.encode("cp932"))})
    assert answer.status_code == 422 and "だれか" in answer.content.decode()
    for _ in range(2):
        answer = admin.post("/watch/training/", {"file": SimpleUploadedFile("x.csv", good.encode())})
        assert answer.status_code == 302
    page = admin.get("/watch/training/").content.decode()
    assert "7</b> 分" in page


def test_a_mistake_told_opens_a_draft_and_thanks(server):
    from tasuki_server.watch.models import Incident

    nurse = server.first.browser("nurse")
    page = nurse.post(
        "/watch/report/", {"kind": "print", "words": "1番の方に2番の方の処方箋"}
    ).content.decode()
    assert "ありがとうございます" in page
    with server.first.work():
        draft = Incident.objects.get(kind="mistake")
        assert draft.is_draft and draft.opened_by_id == server.first.staff["nurse"].id
    assert nurse.get("/watch/incidents/").status_code == 403
    admin = server.first.browser("admin")
    where = f"/watch/incidents/{draft.pk}/"
    admin.post(where + "write/", {"item": "cause", "words": "渡すときに氏名を確かめなかった"})
    given = {"title": "処方箋の渡し違い", "kind": "mistake", "known_on": "2026-06-01", "must_report": "yes"}
    admin.post(where + "decide/", given)
    page = admin.get(where).content.decode()
    assert "渡すときに氏名を確かめなかった" in page and "2026-06-30" in page
    admin.post(where + "close/")
    assert "終了" in admin.get(where).content.decode()
    assert server.second.browser("admin").get(where).status_code == 404


def test_two_runs_raise_nothing_twice(server):
    watch(server.first)
    with server.first.work():
        from tasuki_server.watch.models import Alert

        before = Alert.objects.count()
    assert watch(server.first) == (0, 0, False)
    with server.first.work():
        assert Alert.objects.count() == before


def proved(browser):
    """The password was given again a moment ago."""
    import time

    session = browser.session
    session["account_authentication_methods"] += [
        {"method": "password", "at": time.time(), "reauthenticated": True}
    ]
    session.save()
