# SPDX-License-Identifier: Apache-2.0
"""緊急閲覧 — from the refusal to the chart in one form, for one patient, for an hour, and never off the list unreviewed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from made_up import make_patient, make_visit

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def sealed(server):
    """A patient whom nobody but the clerk may read, and one whom anybody may."""
    from tasuki_server.privacy.marks import add_mark

    with server.first.work("doctor"):
        closed, opened = (
            make_patient("封印 花子", "フウイン ハナコ"),
            make_patient("普通 太郎", "フツウ タロウ"),
        )
        visit, other = make_visit(closed), make_visit(opened)
        add_mark(closed, "sealed", [server.first.staff["clerk"]], "本人の希望")
    return {"patient": closed, "visit": visit, "other": other}


def events(clinic, action):
    from tasuki_server.audit.models import AuditEvent

    with clinic.work():
        return list(AuditEvent.objects.filter(action=action).order_by("-number"))


def open_it(browser, sealed, **given):
    sent = {
        "reason": "life",
        "words": "救急搬送の照会に答える",
        "next": f"/chart/{sealed['visit'].id}/",
        **given,
    }
    return browser.post(f"/privacy/emergencies/patients/{sealed['patient'].id}/", sent)


def test_the_refusal_offers_the_form_and_names_why(server, sealed):
    answer = server.first.browser("nurse").get(f"/chart/{sealed['visit'].id}/")
    text = answer.content.decode()
    assert answer.status_code == 403
    assert "見られる職員が決められています" in text and "理由を記録して開く" in text
    assert "封印 花子" not in text
    refused = events(server.first, "access.refused")[0]
    assert (refused.patient_id, refused.detail["rule"]) == (sealed["patient"].id, "sealed/chart")


def test_who_is_named_reads_at_once(server, sealed):
    assert server.first.browser("clerk").get(f"/chart/{sealed['visit'].id}/").status_code == 200


@pytest.mark.parametrize(
    ("given", "said"), [({"reason": "none"}, "理由を選んで"), ({"words": " 。"}, "言葉でも")]
)
def test_a_reason_and_words_are_both_needed(server, sealed, given, said):
    answer = open_it(server.first.browser("nurse"), sealed, **given)
    assert answer.status_code == 422 and said in answer.content.decode()


def test_it_opens_one_patient_for_an_hour_and_ends_by_itself(server, sealed, monkeypatch):
    from django.utils import timezone

    browser = server.first.browser("nurse")
    answer = open_it(browser, sealed)
    assert (answer.status_code, answer["Location"]) == (302, f"/chart/{sealed['visit'].id}/")
    page = browser.get(answer["Location"])
    assert page.status_code == 200 and "残り 60分" in page.content.decode()
    read = events(server.first, "chart.read")[0]
    assert read.detail["rules"] == ["sealed/chart"] and read.detail["emergency"]
    # 別の人には閉じたまま: another member of staff gains nothing.
    assert server.first.browser("doctor").get(answer["Location"]).status_code == 403
    now = timezone.now()
    monkeypatch.setattr("tasuki_server.privacy.standing.timezone.now", lambda: now + timedelta(minutes=61))
    assert browser.get(answer["Location"]).status_code == 403


def test_it_can_be_ended_before_its_time(server, sealed):
    from tasuki_server.privacy.models import EmergencyAccess

    browser = server.first.browser("reception")
    open_it(browser, sealed, next=f"/patients/{sealed['patient'].number}/")
    assert browser.get(f"/patients/{sealed['patient'].number}/").status_code == 200
    with server.first.work():
        row = EmergencyAccess.objects.filter(staff=server.first.staff["reception"]).get()
    assert server.first.browser("nurse").post(f"/privacy/emergencies/{row.id}/end/").status_code == 403
    assert browser.post(f"/privacy/emergencies/{row.id}/end/").status_code == 302
    assert browser.get(f"/patients/{sealed['patient'].number}/").status_code == 403


def test_nothing_leaves_the_list_unreviewed_nor_by_ones_own_hand(server, sealed):
    from tasuki_server.privacy.emergency import waiting_reviews

    doctor = server.first.browser("doctor")
    open_it(doctor, sealed)
    with server.first.work():
        rows = {each.staff_id: each for each in waiting_reviews()}
    own = rows[server.first.staff["doctor"].id]
    sent = {"verdict": "justified", "words": "妥当と考える。"}
    refused = doctor.post(f"/privacy/emergencies/{own.id}/", sent)
    assert refused.status_code == 422 and "自分では確認できません" in refused.content.decode()
    admin = server.first.browser("admin")
    assert "確認待ちの緊急閲覧" in admin.get("/").content.decode()
    assert (
        admin.post(f"/privacy/emergencies/{own.id}/", {"verdict": "justified", "words": ""}).status_code
        == 422
    )
    assert admin.post(f"/privacy/emergencies/{own.id}/", sent).status_code == 302
    assert admin.post(f"/privacy/emergencies/{own.id}/", sent).status_code == 422
    with server.first.work():
        assert own.id not in {each.id for each in waiting_reviews()}


def test_care_goes_on_when_the_notice_fails(server, sealed, monkeypatch):
    def broken(*given):
        raise ConnectionError

    monkeypatch.setattr("tasuki_server.privacy.emergency.emit", broken)
    browser = server.first.browser("nurse")
    assert open_it(browser, sealed).status_code == 302
    assert browser.get(f"/chart/{sealed['visit'].id}/").status_code == 200
    assert events(server.first, "emergency.notice_failed")[0].detail["fault"] == "ConnectionError"


def test_a_role_that_may_not_read_charts_does_not_by_break_glass(server, sealed):
    browser = server.first.browser("reception")
    open_it(browser, sealed)
    assert browser.get(f"/chart/{sealed['visit'].id}/").status_code == 403


def test_the_way_back_stays_on_this_host(server, sealed):
    for path in ("https://evil.invalid/", "//evil.invalid/", "javascript:alert(1)"):
        assert open_it(server.first.browser("nurse"), sealed, next=path)["Location"] == "/"
