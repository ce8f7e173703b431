# SPDX-License-Identifier: Apache-2.0
"""プラットフォームの運用 — for its operators alone; institutions and tokens, faults, people, cards and stopping by hand."""

from __future__ import annotations

import re

import pytest
from django.utils import timezone

from insured import INSURER, make_cover, make_person

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def browser(server):
    from tasuki_server.platform.opening import add_operator

    examiner = server.first.users["examiner"]
    add_operator(examiner.pk, "運用 まもる")
    return server.first.browser("examiner")


def test_a_role_alone_does_not_open_the_desk(server, browser):
    assert browser.get("/platform/").status_code == 200
    stranger = server.second.browser("examiner")
    assert stranger.get("/platform/").status_code == 404
    assert stranger.get("/platform/register/").status_code == 404
    assert server.first.browser("admin").get("/platform/").status_code == 403


def test_an_institution_is_registered_stopped_and_resumed(browser):
    from tasuki_server.platform.models import ConnectedInstitution

    wrong = browser.post(
        "/platform/institutions/new/", {"prefecture": "1", "fee_table": "1", "code": "12", "name": "試"}
    )
    assert "7桁の数字です。" in wrong.content.decode()
    given = {"prefecture": "13", "fee_table": "4", "code": "9990099", "name": "試験薬局"}
    page = browser.post("/platform/institutions/new/", given).content.decode()
    token = re.search(r"tskp_[\w-]+", page)[0]
    row = ConnectedInstitution.objects.get(name="試験薬局")
    assert token not in browser.get("/platform/institutions/").content.decode()
    browser.post(f"/platform/institutions/{row.id}/", {"act": "revoke"})
    assert ConnectedInstitution.objects.get(pk=row.pk).revoked_at
    browser.post(f"/platform/institutions/{row.id}/", {"act": "restore"})
    assert not ConnectedInstitution.objects.get(pk=row.pk).revoked_at


def test_what_opens_a_door_is_proved_again_and_what_closes_one_is_not(server, browser):
    """A screen left open must not make a connection that reads for others."""
    from tasuki_server.platform.clients import register_institution
    from tasuki_server.platform.models import ConnectedInstitution, FeeTable

    stale = server.first.browser("examiner", proved=False)
    given = {"prefecture": "13", "fee_table": "9", "code": "9990098", "name": "誰かの閲覧"}
    assert stale.post("/platform/institutions/new/", given).status_code == 401
    assert stale.post("/platform/programs/new/", {"name": "誰かの"}).status_code == 401
    assert not ConnectedInstitution.objects.filter(name="誰かの閲覧").exists()
    row, _ = register_institution("13", FeeTable.MEDICAL, "9990097", "止められる医院")
    place = f"/platform/institutions/{row.id}/"
    assert stale.post(place, {"act": "revoke"}).status_code == 302
    assert stale.post(place, {"act": "restore"}).status_code == 401
    row.refresh_from_db()
    assert row.revoked_at is not None
    assert browser.post(place, {"act": "restore"}).status_code == 302


def test_faults_are_set_for_one_service_and_stopped(browser):
    from tasuki_server.platform.access import faults_of
    from tasuki_server.platform.faults import NO_FAULTS

    refused = browser.post("/platform/faults/", {"service": "eligibility", "error_percent": "5"})
    assert "エラーコードを入れてください" in refused.content.decode()
    browser.post(
        "/platform/faults/", {"service": "eligibility", "delay_percent": "50", "delay_milliseconds": "300"}
    )
    assert (faults_of("eligibility").delay_percent, faults_of("status")) == (50, NO_FAULTS)
    assert "50%を300ミリ秒遅らせる" in browser.get("/platform/").content.decode()
    browser.post("/platform/faults/", {"service": "eligibility", "act": "off"})
    assert faults_of("eligibility") == NO_FAULTS
    assert browser.get("/platform/faults/?service=nowhere").status_code == 404


def test_a_person_is_entered_with_a_card_and_changed(browser):
    from tasuki_server.eligibility.models import HeldQualification, InsuredPerson

    given = {"name": "架空 新子", "kana": "カクウ シンコ", "sex": "2", "born": "S60.5.5", "card": "CARD-N"}
    page = browser.post("/platform/register/new/", given)
    person = InsuredPerson.objects.get(card="CARD-N")
    assert (page.status_code, person.name, person.kana) == (302, "架空　新子", "ｶｸｳ ｼﾝｺ")
    card = {
        "insurer_number": INSURER, "insurer_name": "架空組合", "card_class": "01", "symbol": "12-34", "number": "８８８",
        "branch": "01", "relation": "1", "qualified_on": "2026-04-01", "limit_kind": "01", "limit_class": "A03",
    }  # fmt: skip
    assert browser.post(f"/platform/register/{person.id}/cover/", card).status_code == 302
    row = HeldQualification.objects.get(person=person)
    assert (row.number_key, row.symbol_key, row.certificates["limits"][0]["limit_class"]) == (
        "888",
        "1234",
        "A03",
    )
    wrong = browser.post(f"/platform/register/cover/{row.id}/", {**card, "lost_on": "2026-03-01"})
    assert "喪失日が取得日より前です。" in wrong.content.decode()
    changed = {**card, "limit_kind": "", "limit_class": "", "lost_on": "2026-11-01", "loss_reason": "03"}
    assert browser.post(f"/platform/register/cover/{row.id}/", changed).status_code == 302
    row.refresh_from_db()
    # A certificate stays when its fields are left empty.
    assert (row.loss_reason, len(row.certificates["limits"])) == ("03", 1)
    found = browser.get("/platform/register/", {"q": "888"}).content.decode()
    assert "架空　新子" in found
    assert "架空　新子" in browser.get("/platform/register/", {"q": "架空新"}).content.decode()


def test_stopping_is_turned_and_stands_in_the_record(browser):
    from tasuki_server.eligibility.models import InsuredPerson

    person = make_person(name="停止　する子")
    make_cover(person, "777")
    browser.post(f"/platform/register/{person.id}/stop/", {"what": "service"})
    assert InsuredPerson.objects.get(pk=person.pk).service_stopped_at
    page = browser.get(f"/platform/register/{person.id}/").content.decode()
    assert "提供の停止" in page and "運用担当 運用 まもる" in page
    browser.post(f"/platform/register/{person.id}/stop/", {"what": "service"})
    assert not InsuredPerson.objects.get(pk=person.pk).service_stopped_at


def test_a_ticket_and_a_subsidy_are_entered(browser):
    from tasuki_server.eligibility.models import SubsidyRow, TicketRow

    person = make_person(name="医療　扶助子")
    cover = make_cover(person, "0000026", insurer="12139999", card_class="A1")
    today = timezone.localdate()
    ticket = {
        "month": f"{today:%Y%m}", "institution_number": "1319990001", "since_on": f"{today:%Y-%m}-01",
        "until_on": f"{today}", "issue_number": "7", "injury": "高血圧症", "self_pay": "0",
    }  # fmt: skip
    assert browser.post(f"/platform/register/cover/{cover.id}/ticket/", ticket).status_code == 302
    assert TicketRow.objects.get(qualification=cover).items["SelfPayAmount"] == "0"
    subsidy = {"payer_number": "54136015", "recipient_number": "9000004", "certificate_name": "特定医療費", "since_on": "2026-01-01"}  # fmt: skip
    assert browser.post(f"/platform/register/{person.id}/subsidy/", subsidy).status_code == 302
    assert SubsidyRow.objects.get(person=person).recipient_number == "9000004"


def test_the_mode_of_a_disaster_is_switched_on_the_desk(browser):
    from tasuki_server.eligibility.access import is_disaster_on

    browser.post("/platform/register/mode/", {"act": "on"})
    assert is_disaster_on()
    assert "災害時モードを終える" in browser.get("/platform/register/").content.decode()
    browser.post("/platform/register/mode/", {"act": "off"})
    assert not is_disaster_on()


def test_a_program_of_an_institution_is_registered_and_stopped(server, browser):
    import json

    from joserfc.jwk import ECKey

    from tasuki_server.exchange.models import ExchangeClient
    from tasuki_server.platform.clients import register_institution
    from tasuki_server.platform.models import FeeTable

    row, _ = register_institution("13", FeeTable.MEDICAL, "9990071", "架空検査医院")
    register_institution("13", FeeTable.INSURER, "9990072", "架空保険組合")
    key = ECKey.generate_key("P-384")
    given = {
        "institution": str(row.id), "name": "検査部門", "key": json.dumps(key.as_dict(private=False)),
        "scopes": "system/Patient.r\nsystem/Observation.rs?category=laboratory",
    }  # fmt: skip
    where = "/platform/programs/new/"
    offered = browser.get(where).content.decode()
    # The exchange refuses who gives no care: no program of theirs is offered.
    assert "架空検査医院" in offered and "架空保険組合" not in offered
    refused = browser.post(where, {**given, "key": json.dumps(key.as_dict(private=True))}).content.decode()
    assert "秘密鍵" in refused and not ExchangeClient.objects.exists()
    assert (
        "system/Patient.sr" in browser.post(where, {**given, "scopes": "system/Patient.sr"}).content.decode()
    )
    assert browser.post(where, given).status_code == 302
    client = ExchangeClient.objects.get()
    assert (client.connected_id, client.is_bearer) == (row.id, False)
    page = browser.get("/platform/programs/").content.decode()
    assert str(client.id) in page and "system/Observation.rs?category=laboratory" in page
    stranger = server.second.browser("examiner")
    for address in ("/platform/programs/", where):
        assert stranger.get(address).status_code == 404
    assert stranger.post(f"/platform/programs/{client.id}/").status_code == 404
    browser.post(f"/platform/programs/{client.id}/")
    client.refresh_from_db()
    assert client.revoked_at and "停止" in browser.get("/platform/programs/").content.decode()


def test_an_institution_that_is_there_is_led_to_its_keys(server, browser):
    import json

    from tasuki_server.api.service_call import new_key, public_jwk
    from tasuki_server.platform.clients import register_institution
    from tasuki_server.platform.models import FeeTable, InstitutionKey

    row, _ = register_institution("13", FeeTable.MEDICAL, "9990081", "鍵に替える医院")
    given = {"prefecture": "13", "fee_table": "1", "code": "9990081", "name": "鍵に替える医院"}
    keys = f"/platform/institutions/{row.id}/keys/"
    told = browser.post("/platform/institutions/new/", given).content.decode()
    assert "接続済み" in told and str(row.id) in told and keys in told and "tskp_" not in told
    assert keys in browser.get("/platform/institutions/").content.decode()
    page = browser.get(keys).content.decode()
    assert str(row.id) in page and "鍵はまだありません" in page
    key = new_key()
    jwk = json.dumps(public_jwk(key))
    stale = server.first.browser("examiner", proved=False)
    assert stale.post(keys, {"key": jwk}).status_code == 401
    assert browser.post(keys, {"key": jwk}).status_code == 302
    assert InstitutionKey.objects.get(connected=row).thumbprint == key.thumbprint()
    assert "この鍵は使えません" in browser.post(keys, {"key": jwk}).content.decode()
    browser.post(f"{keys}stop/", {"key": key.thumbprint()})
    assert InstitutionKey.objects.get(connected=row).revoked_at is not None
    assert "停止" in browser.get(keys).content.decode()
    assert server.second.browser("examiner").get(keys).status_code == 404


def test_requests_for_codes_that_no_desk_makes_are_told_at_the_desk(browser):
    from tasuki_server.platform.clients import register_institution
    from tasuki_server.platform.models import FeeTable, ServiceEvent

    assert "本人の画面のコードの求め" not in browser.get("/platform/").content.decode()
    row, _ = register_institution("13", FeeTable.MEDICAL, "9990082", "盗まれた医院")
    ServiceEvent.objects.create(
        caller=row, operation="records.portal-code", outcome="refused", detail={"issue": "codes-many"}
    )
    page = browser.get("/platform/").content.decode()
    assert "本人の画面のコードの求め" in page and "盗まれた医院" in page and "きょう1回" in page
