# SPDX-License-Identifier: Apache-2.0
"""本人の画面のコードの発行 — from the patient's page to the telephone of the person, over the real service; seen by the person."""

from __future__ import annotations

import html
import json
import re
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from django.utils import timezone

from insured import make_cover, make_person
from made_up import make_insurance, make_patient
from portal import Telephone, person_with_card
from records import Asker

pytestmark = pytest.mark.server
GIVEN = {"kind": "own", "paper": "運転免許証", "is_seen": "on", "relation": "", "receiver": ""}
BORN, CHILD_BORN = date(1985, 5, 5), date(2018, 8, 8)


@pytest.fixture(scope="module")
def house(server):
    """A mother and her child at a clinic, known to the register; and one whom it does not know."""
    from tasuki_server.platform.house import close_house

    clinic, found = server.first, {}
    with clinic.work("reception"):
        for key, name, number, born in (
            ("mother", "窓口 花子", "7001", BORN),
            ("child", "窓口 小太郎", "7002", CHILD_BORN),
            ("stranger", "窓口 不明", "7003", BORN),
            ("unread", "窓口 未読", "7005", BORN),
            ("family", "窓口 枝無", "7004", BORN),
        ):
            patient = make_patient(name, "マドグチ テスト", born)
            branch = "" if key == "family" else "01"
            make_insurance(patient, number=number, symbol="12", branch=branch)
            found[key] = patient
            if key in ("mother", "child", "unread"):
                person = make_person(name, born=born, card=f"CARD-{number}")
                make_cover(person, number, symbol="12", branch="01", insurer="01130012")
                found[f"{key}_person"] = person
        found["injured"] = make_patient("窓口 労子", "マドグチ ロウコ", BORN)
    for card in ("CARD-7001", "CARD-7002"):
        _read_card(_wire(clinic), card)
    yield clinic, found
    close_house()


def _wire(clinic):
    """The clinic's own line to the services."""
    from tasuki_server.institutions.models import Institution
    from tasuki_server.sharing.line import wire_for

    return wire_for(Institution.objects.using("owner").get(pk=clinic.id))


def _read_card(wire, card, **given):
    assert wire("POST", "eligibility/cards", json.dumps({"card": card, **given}).encode()).status == 200


def _ask(clinic, patient, role="reception", **given):
    browser = clinic.browser(role, raise_request_exception=False)
    address = f"/sharing/patients/{patient.number}/portal-code/"
    return browser.post(address, {**GIVEN, "after": _after(browser.get(address)), **given})


def _after(page):
    """What the page was made after."""
    return next(iter(re.findall(r'name="after" value="([0-9]+)"', page.content.decode())), "")


def _text(answer, status=200):
    text = html.unescape(answer.content.decode())
    assert answer.status_code == status, (answer.status_code, re.sub(r"<[^>]*>", " ", text)[-1500:])
    return text


def _code(text):
    return re.search(r'class="slip-code"><strong>([0-9A-Z-]+)</strong>', text)[1]


def test_the_slip_opens_the_record_once_and_the_person_sees_who_made_it(house):
    clinic, people = house
    page = _text(clinic.browser("reception").get(f"/patients/{people['mother'].number}/"))
    assert f"/sharing/patients/{people['mother'].number}/portal-code/" in page
    first = _code(_text(_ask(clinic, people["mother"])))
    slip = _text(_ask(clinic, people["mother"]))
    code = _code(slip)
    assert code != first and "Registration code" in slip and "/portal/register/" in slip
    early = Telephone()
    early.get("register/")
    assert early.post("register/", {"code": first, "born": BORN.isoformat()}).status_code == 400
    phone = Telephone()
    assert phone.register(people["mother_person"], code).status_code == 302
    again = Telephone()
    again.get("register/")
    assert again.post("register/", {"code": code, "born": BORN.isoformat()}).status_code == 400
    looks = phone.text("looks/")
    assert looks.count("本人の画面のコードの発行") == 2 and "運転免許証" in looks
    assert "窓口で書類を確かめて" in looks and "同意による閲覧" not in looks

    from tasuki_server.audit.models import AuditEvent

    with clinic.work("admin"):
        rows = AuditEvent.objects.filter(action="portal_code.issue", patient_id=people["mother"].id)
        assert [row.detail for row in rows] == [{"kind": "own", "paper": 1}] * 2
        assert code.replace("-", "") not in json.dumps([row.detail for row in rows])


def test_the_slip_loaded_again_makes_no_second_code(house):
    from tasuki_server.portal.models import OneTimeCode

    clinic, people = house
    browser, before = clinic.browser("reception"), OneTimeCode.objects.count()
    address = f"/sharing/patients/{people['mother'].number}/portal-code/"
    sent = {**GIVEN, "after": _after(browser.get(address))}
    assert "slip-code" in _text(browser.post(address, sent))
    told = browser.post(address, sent)
    again = _text(told, 422)
    assert "もう済んでいる" in again and "slip-code" not in again
    assert OneTimeCode.objects.count() == before + 1
    assert "もう済んでいる" in _text(browser.post(address, GIVEN), 422)
    assert "slip-code" in _text(browser.post(address, {**GIVEN, "after": _after(told)}))


@pytest.mark.parametrize("clerks", [1, 2])
def test_of_two_posts_at_once_one_makes_a_code_and_the_other_says_so(house, monkeypatch, clerks):
    from django.db import connections

    from tasuki_server.portal.models import OneTimeCode
    from tasuki_server.sharing import portal_code_views

    clinic, people = house
    browsers = [clinic.browser("reception") for _ in range(clerks)] * (3 - clerks)
    address = f"/sharing/patients/{people['mother'].number}/portal-code/"
    sent = [{**GIVEN, "after": _after(each.get(address))} for each in browsers]
    whole, before = portal_code_views.issue_slip, OneTimeCode.objects.count()

    def slow(*given):
        slip = whole(*given)
        time.sleep(0.5)
        return slip

    def post(browser, given):
        try:
            return browser.post(address, given)
        finally:
            connections.close_all()

    monkeypatch.setattr(portal_code_views, "issue_slip", slow)
    with ThreadPoolExecutor(2) as pool:
        told = list(pool.map(post, browsers, sent))
    assert sorted(each.status_code for each in told) == [200, 422]
    texts = ["slip-code" in _text(each, each.status_code) for each in told]
    assert sorted(texts) == [False, True] and OneTimeCode.objects.count() == before + 1


def test_who_has_a_newer_payer_of_another_kind_is_still_known_by_the_health_insurance(house):
    from tasuki.chart.coverage import InsuranceKind
    from tasuki.kernel.validity import Validity

    clinic, people = house
    with clinic.work("reception"):
        accident = {"kind": InsuranceKind.WORK_ACCIDENT, "insurer_number": "", "symbol": "", "number": ""}
        for patient, days in ((people["mother"], date(2026, 6, 1)), (people["injured"], date(2026, 6, 1))):
            make_insurance(patient, days=Validity(days), **accident)
    assert "slip-code" in _text(_ask(clinic, people["mother"]))
    text = _text(_ask(clinic, people["injured"]), 422)
    assert "登録してから、もう一度発行" in text and "受診" not in text.partition("portal-code")[2]


def test_the_address_of_the_slip_is_that_of_the_setting(house, monkeypatch):
    clinic, people = house
    monkeypatch.setenv("TASUKI_PORTAL_URL", "https://watashi.invalid/")
    slip = _text(_ask(clinic, people["mother"]))
    assert ">https://watashi.invalid/portal/register/<" in slip


def test_a_childs_code_needs_the_papers_of_both_and_opens_the_child_for_the_parent(house):
    clinic, people = house
    bare = _text(_ask(clinic, people["child"], kind="child"), 422)
    assert "受け取る人の氏名が必要です" in bare and "親子の関係を確かめた書類が必要です" in bare
    papers = {"kind": "child", "relation": "住民票", "receiver": "窓口 花子"}
    slip = _text(_ask(clinic, people["child"], **papers))
    assert "/portal/proxies/" in slip and "窓口 花子 様" in slip
    code = _code(slip)
    stranger = Telephone()
    stranger.get("register/")
    assert stranger.post("register/", {"code": code, "born": CHILD_BORN.isoformat()}).status_code == 400
    phone = Telephone()
    phone.register(person_with_card("窓口　親", "7008"))
    done = phone.post("proxies/accept/", {"code": code, "born": CHILD_BORN.isoformat()})
    assert done.status_code == 302
    assert "窓口　小太郎" in phone.text("proxies/") or "窓口 小太郎" in phone.text("proxies/")
    grown = _text(_ask(clinic, people["mother"], **papers), 422)
    assert "年齢を過ぎています" in grown and "slip-code" not in grown


@pytest.mark.parametrize(
    ("who", "given", "words"),
    [
        ("stranger", {}, "一人に定められない"),
        ("unread", {}, "カードを読み取って"),
        ("family", {}, "枝番"),
        ("mother", {"is_seen": ""}, "見比べました"),
        ("mother", {"paper": ""}, "確かめた書類"),
        ("mother", {"paper": "名刺"}, "確かめた書類"),
    ],
)
def test_what_is_not_known_or_not_seen_gets_no_code(house, who, given, words):
    from tasuki_server.portal.models import OneTimeCode

    clinic, people = house
    before = OneTimeCode.objects.count()
    text = _text(_ask(clinic, people[who], **given), 422)
    assert words in text and "slip-code" not in text
    assert OneTimeCode.objects.count() == before


def test_another_birthday_is_answered_like_a_number_of_nobody(house):
    assert house
    asker = Asker("9990043", "架空窓口医院")
    told = _question(born="1985-05-06")
    _read_card(asker.wire, "CARD-7001")
    wrong = asker("POST", "records/person/codes", told)
    nobody = asker("POST", "records/person/codes", {**told, "insured": {"number": "01130012:12:7999:01"}})
    assert wrong.status == nobody.status == 422 and wrong.value == nobody.value
    assert asker("POST", "records/person/codes", {**told, "seen": " "}).status == 422
    right = asker("POST", "records/person/codes", {**told, "born": "1985-05-05"})
    assert right.status == 200 and set(right.value) == {"code", "until"}
    portal = Asker("0000000", "薬局", fee_table="4")
    assert portal("POST", "records/person/codes", told).status == 403


def _question(number="7001", kind="own", born="1985-05-05"):
    return {"insured": {"number": f"01130012:12:{number}:01"}, "born": born, "kind": kind, "seen": "旅券"}


@pytest.mark.parametrize("kind", ["own", "child"])
def test_who_has_only_an_institutions_key_gets_nobodys_code(house, kind):
    """Nothing but the line of an institution, which never had the person before it."""
    from tasuki_server.platform.models import ServiceEvent
    from tasuki_server.portal.models import OneTimeCode

    assert house
    thief = Asker("9990044", "架空盗難医院")
    number, born = ("7001", "1985-05-05") if kind == "own" else ("7002", "2018-08-08")
    told = _question(number, kind, born)
    before = OneTimeCode.objects.count()

    def asked():
        return thief("POST", "records/person/codes", told).status

    assert asked() == 422
    # By number, online, or a day ago is not face to face; neither is a card that the reader refused, nor another's.
    _read_card(thief.wire, f"CARD-{number}", way="3")
    _read_card(thief.wire, "CARD-7005")
    assert asked() == 422
    _read_card(thief.wire, f"CARD-{number}")
    mine = (
        ServiceEvent.objects.using("owner")
        .filter(caller_id=thief.row.pk, operation="card", detail__way="1")
        .exclude(person_id=None)
    )
    yesterday = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(seconds=1)
    mine.update(at=yesterday)
    assert asked() == 422
    mine.update(at=timezone.now(), detail={"way": "1", "read": False})
    assert asked() == 422 and OneTimeCode.objects.count() == before
    _read_card(thief.wire, f"CARD-{number}")
    assert asked() == 200


def test_the_codes_of_an_institution_are_counted_by_the_day_and_more_are_told_to_the_operators(
    house, monkeypatch
):
    from tasuki_server.platform.access import _first_id
    from tasuki_server.platform.code_alarms import code_alarms
    from tasuki_server.portal.models import OneTimeCode

    assert house
    monkeypatch.setenv("TASUKI_PORTAL_CODES_DAY", "2")
    eager = Asker("9990045", "架空多発医院")
    _read_card(eager.wire, "CARD-7001")
    assert [eager("POST", "records/person/codes", _question()).status for _ in range(2)] == [200, 200]
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)

    def told():
        return [each for each in code_alarms(_first_id(midnight), midnight) if each.institution == eager.row]

    assert told() == []
    last = eager("POST", "records/person/codes", _question())
    assert last.status == 403 and "に達しました" in json.dumps(last.value, ensure_ascii=False)
    assert [each.count for each in told()] == [1] and "上限" in told()[0].what
    OneTimeCode.objects.filter(issuer=eager.row).update(made_at=midnight - timedelta(seconds=1))
    assert eager("POST", "records/person/codes", _question()).status == 200
    for _ in range(5):
        eager("POST", "records/person/codes", _question("7005"))
    assert sorted(each.count for each in told()) == [1, 5]


@pytest.mark.parametrize("role", ["doctor", "nurse", "admin"])
def test_a_code_is_a_right_of_its_own(house, role):
    clinic, people = house
    assert _ask(clinic, people["mother"], role).status_code == 403


def test_a_code_asks_for_the_second_factor_again(house):
    clinic, people = house
    browser = clinic.browser("reception", proved=False)
    answer = browser.get(f"/sharing/patients/{people['mother'].number}/portal-code/")
    assert answer.status_code == 302 and "slip-code" not in answer.content.decode()


def test_a_service_that_is_away_gives_no_code_and_says_so(house, monkeypatch):
    from tasuki_server.platform.wire import NotReached
    from tasuki_server.sharing import portal_code

    def away(institution):
        def ask(*_):
            raise NotReached

        return ask

    clinic, people = house
    monkeypatch.setattr(portal_code, "wire_for", away)
    text = _text(_ask(clinic, people["mother"]), 422)
    assert "電子カルテ情報共有サービスにつながりません" in text and "発行していません" in text
