# SPDX-License-Identifier: Apache-2.0
"""本人の画面 — what a person sees of what institutions registered, what they are not shown, and the demo's people."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta

import pytest
from django.utils import timezone

from exchange import Place, observation, patient
from portal import Telephone, person_with_card
from records import Asker, refusal
from tasuki.kernel.finding import Severity
from tasuki.sharing.validator import Validator

pytestmark = pytest.mark.server
CRE = "3C015000002327101"


def _coded(text):
    return {"coding": [{"system": "urn:test:codes", "code": "x"}], "text": text}


def test_a_moment_written_in_another_zone_stands_on_the_day_of_japan():
    from tasuki_server.portal.data import Registered
    from tasuki_server.portal.reading import condition_rows

    resource = {"code": {"text": "高血圧症"}, "onsetDateTime": "2026-11-30T23:00:00Z"}
    (row,) = condition_rows([Registered(resource, "1319990001", timezone.now())])
    assert row.since == date(2026, 12, 1)


@pytest.fixture(scope="module")
def person(server):
    from tasuki_server.eligibility.models import CheckupRecord, DrugRecord, TreatmentRecord

    made = person_with_card("架空　花子", "2001", date(1960, 6, 6), sex="2")
    today = timezone.localdate()
    DrugRecord.objects.create(
        person=made, day=today, source="MeTrMonthInf", code="620000001", name="レバミピド錠", institution_name="駅前医院",
        usage="１日３回毎食後",
    )  # fmt: skip
    TreatmentRecord.objects.create(
        person=made, day=today, code="160008010", name="検査", institution_name="駅前医院"
    )
    CheckupRecord.objects.create(
        person=made, day=today, code="9N001000000000001", name="身長", value="160.5", unit="cm"
    )
    return made


@pytest.fixture(scope="module")
def clinic(server, person):
    """An institution that registered what a person has."""
    from tasuki.sharing.build.names import FLAGS, INSURED, LOCAL_LAB
    from tasuki_server.platform.house import close_house
    from tasuki_server.portal.data import insured_numbers

    place = Place("9990010", "試験医院")
    number = insured_numbers(person)[0].number
    made = place("POST", "Patient", patient(identifier=[{"system": INSURED, "value": number}]))
    who = made.value["id"]
    about = {"reference": f"Patient/{who}"}
    for day, value in (("2026-09-01", 0.9), ("2026-10-01", 1.4)):
        told = place(
            "POST", "Observation",
            observation(
                who, code={"coding": [{"system": LOCAL_LAB, "code": "cre"}, {"system": "urn:test:lab", "code": CRE}], "text": "クレアチニン"},
                effectiveDateTime=f"{day}T09:00:00+09:00", valueQuantity={"value": value, "unit": "mg/dL"},
                referenceRange=[{"low": {"value": 0.4}, "high": {"value": 0.8 if value > 1 else 1.1}}],
            ),
        )  # fmt: skip
        assert told.status == 201, told.value
    hidden = {"tag": [{"system": FLAGS, "code": "UNINFORMED"}]}
    for name, meta in (("高血圧症", {}), ("まだ伝えていない病名", hidden)):
        told = place(
            "POST", "Condition",
            {"resourceType": "Condition", "subject": about, "code": _coded(name), "onsetDateTime": "2020-01-01", **({"meta": meta} if meta else {})},
        )  # fmt: skip
        assert told.status == 201, told.value
    active = {
        "coding": [
            {"system": "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", "code": "active"}
        ]
    }
    told = place("POST", "AllergyIntolerance", {
        "resourceType": "AllergyIntolerance", "clinicalStatus": active, "patient": about, "code": _coded("そば"), "category": ["food"],
        "criticality": "high", "reaction": [{"manifestation": [_coded("じんましん")]}],
    })  # fmt: skip
    assert told.status == 201, told.value
    told = place("POST", "MedicationRequest", {
        "resourceType": "MedicationRequest", "status": "active", "intent": "order", "subject": about, "authoredOn": "2026-10-01",
        "medicationCodeableConcept": _coded("アムロジピン錠５ｍｇ"), "dosageInstruction": [{"text": "１日１回朝食後"}],
    })  # fmt: skip
    assert told.status == 201, told.value
    yield place
    close_house()


@pytest.fixture(scope="module")
def phone(person, clinic):
    made = Telephone()
    made.register(person)
    return made


def test_results_with_plain_words_a_drawing_and_the_same_as_a_table(phone):
    page = phone.text("results/")
    assert "腎臓から出される老廃物です" in page and "▲ 高い" in page and "<svg" in page
    assert page.index("1.4") < page.index("0.9") and "試験医院" in page
    assert re.search(r"<th scope=\"col\">結果</th>", page)
    assert "あてはまるものはありません" in phone.text("results/?words=ないもの")


def test_what_was_not_told_yet_is_not_shown_anywhere(phone):
    page = phone.text("conditions/")
    assert "高血圧症" in page and "続いている" in page
    for path in ("conditions/", "results/", "download/record.json"):
        assert "まだ伝えていない病名" not in phone.text(path)


def test_drugs_allergies_checkups_and_costs(phone):
    drugs = phone.text("drugs/")
    assert (
        "アムロジピン" in drugs
        and "医療機関の処方" in drugs
        and "レバミピド錠" in drugs
        and "レセプト" in drugs
    )
    allergies = phone.text("allergies/")
    assert (
        "そば" in allergies
        and "食べもの" in allergies
        and "! 重い" in allergies
        and "じんましん" in allergies
    )
    assert "160.5 cm" in phone.text("checkups/")
    costs = phone.text("costs/")
    assert "窓口で払った額" in costs and "06139463" in costs and "駅前医院" in costs
    assert "登録された文書はありません" in phone.text("documents/")


def test_each_page_is_there_in_english_too(phone):
    answer = phone.post("language/", {"language": "en", "next": "/portal/results/"})
    assert answer.headers["Location"] == "/portal/results/"
    page = phone.text("results/")
    assert '<html lang="en">' in page and "Waste that the kidneys remove" in page and "▲ High" in page
    assert (
        phone.post("language/", {"language": "en", "next": "https://elsewhere.example/"}).headers["Location"]
        == "/portal/"
    )
    phone.post("language/", {"language": "ja"})
    assert '<html lang="ja">' in phone.text("results/")


def test_a_page_asks_who_stands_before_it_sends_what_was_typed(phone):
    answer = phone.get("standing/")
    who = answer.headers["Tasuki-Who"]
    assert (answer.status_code, bool(answer.headers["Tasuki-Form-Token"])) == (204, True)
    assert f'data-who="{who}"' in phone.text("entries/")
    answer = Telephone().get("standing/")
    assert answer.headers["HX-Redirect"] == "/portal/enter/"
    assert not {"Tasuki-Who", "Tasuki-Form-Token"} & set(answer.headers)


def test_own_entries_are_kept_apart_and_can_be_taken_back(phone, person):
    from tasuki_server.exchange.models import StoredResource
    from tasuki_server.portal.models import OwnEntry

    before = StoredResource.objects.count()
    for given in (
        {"kind": "pressure", "upper": "138", "lower": "84", "at": "2026-10-01T08:00"},
        {"kind": "pressure", "upper": "131", "lower": "80"},
        {"kind": "weight", "weight": "61.2"},
        {"kind": "note", "text": "<b>朝の頭痛</b>"},
    ):
        assert phone.post("entries/new/", given).status_code == 302
    page = phone.get("entries/").content.decode()
    assert (
        "138 / 84" in page
        and "61.2" in page
        and "本人の記入" in page
        and "&lt;b&gt;朝の頭痛" in page
        and "<svg" in page
    )
    assert StoredResource.objects.count() == before and "138 / 84" not in phone.text("results/")
    for wrong, told in (
        ({"kind": "pressure", "upper": "80", "lower": "84"}, "最高が最低より"),
        ({"kind": "weight", "weight": "61.25"}, "小数1桁"),
        ({"kind": "weight", "weight": "NaN"}, "小数1桁"),
        ({"kind": "note", "text": " "}, "1〜2000文字"),
        ({"kind": "note", "text": "x", "at": "2999-01-01T00:00"}, "今より前"),
        ({"kind": "mood"}, "種類"),
    ):
        answer = phone.post("entries/new/", wrong)
        assert answer.status_code == 400 and told in answer.content.decode(), wrong
    note = OwnEntry.objects.get(person=person, kind="note")
    assert phone.post(f"entries/{note.pk}/end/").status_code == 302
    assert "朝の頭痛" not in phone.text("entries/") and OwnEntry.objects.filter(pk=note.pk).exists()
    assert phone.post(f"entries/{note.pk}/end/").status_code == 404


def test_the_record_is_taken_along_as_fhir_and_on_paper(phone, person):
    phone.post("entries/new/", {"kind": "weight", "weight": "60.9"})
    answer = phone.get("download/record.json")
    assert answer["Content-Type"] == "application/fhir+json" and "attachment" in answer["Content-Disposition"]
    bundle = json.loads(answer.content)
    found = [each["resource"] for each in bundle["entry"]]
    types = {each["resourceType"] for each in found}
    assert {
        "Patient",
        "Observation",
        "Condition",
        "AllergyIntolerance",
        "MedicationRequest",
        "MedicationStatement",
    } <= types
    own = [each for each in found if "本人の記入" in json.dumps(each, ensure_ascii=False)]
    assert own and all(each["performer"] == [{"reference": f"urn:uuid:{person.pk}"}] for each in own)
    wrong = [each for each in Validator().validate(answer.content) if each.severity is Severity.BLOCK]
    assert wrong == []
    paper = phone.get("download/record.pdf")
    assert paper["Content-Type"] == "application/pdf" and paper.content.startswith(b"%PDF")


def test_every_look_is_kept_and_shown_to_the_person(phone, clinic, person):
    from tasuki_server.portal.models import Event

    phone.text("drugs/")
    newest = Event.objects.filter(person=person).order_by("-number").first()
    assert (newest.act, newest.is_refused, newest.proxy_id) == ("drugs", False, None)
    page = phone.text("looks/?whose=all")
    assert "薬を見た" in page and "本人" in page
    assert "薬を見た" not in phone.text("looks/")


def test_a_machine_that_asks_again_and_again_hides_nobody(phone, clinic, person):
    from tasuki_server.platform.models import ServiceEvent
    from tasuki_server.portal.looks import MOST

    at = timezone.now().replace(hour=3, minute=0) - timedelta(days=1)
    ServiceEvent.objects.create(
        caller=clinic.row, operation="emergency-drugs", person_id=person.pk, outcome="1", at=at,
        detail={"reason": "意識がない"},
    )  # fmt: skip
    asked = [
        ServiceEvent(
            caller=clinic.row, operation="card", person_id=person.pk, outcome="1", at=at + timedelta(minutes=each)
        )
        for each in range(1, MOST + 50)
    ]  # fmt: skip
    ServiceEvent.objects.bulk_create(asked)
    page = phone.text("looks/")
    assert "意識がない" in page and f"この日に{len(asked)}回" in page
    # 同じ名前の別の医療機関: nobody hides among the looks of another.
    namesake = Asker("9990199", clinic.row.name)
    ServiceEvent.objects.create(
        caller=namesake.row, operation="card", person_id=person.pk, outcome="1", at=at
    )
    assert f"この日に{len(asked)}回" in phone.text("looks/")
    assert page.count('<li class="card look">') < 10


def test_looks_at_the_other_services_are_told_with_their_way(phone, clinic, person):
    from tasuki_server.platform.models import ServiceEvent

    for operation, outcome in (
        ("card", "1"),
        ("view-drugs", "1"),
        ("view-checkups", "TSKP009"),
        ("disaster", "1"),
    ):
        ServiceEvent.objects.create(
            caller=clinic.row, operation=operation, person_id=person.pk, outcome=outcome
        )
    told = re.findall(r"<li class=\"card look\">(.*?)</li>", phone.text("looks/"), re.DOTALL)
    shown = {
        what: each
        for each in reversed(told)  # the newest is told first, and is the one that stays
        for what in ("カード）", "薬剤・診療情報", "特定健診", "災害時")
        if what in each
    }
    assert "受付・処方での確認" in shown["カード）"] and "見られませんでした" not in shown["カード）"]
    assert "同意による閲覧" in shown["薬剤・診療情報"] and "試験医院" in shown["薬剤・診療情報"]
    assert "見られませんでした" in shown["特定健診"] and "! 災害時の閲覧" in shown["災害時"]


def test_a_refusal_written_in_the_persons_name_is_told_with_its_writer(phone, clinic, person):
    from tasuki.sharing.build.names import INSURED
    from tasuki_server.portal.data import insured_numbers

    number = insured_numbers(person)[0].number
    who = clinic("POST", "Patient", patient(identifier=[{"system": INSURED, "value": number}])).value["id"]
    assert "あなたの名前で拒まれている記録" not in phone.text("consents/")
    written = clinic("POST", "Consent", refusal(who))
    assert written.status == 201, written.value
    page = phone.text("consents/")
    assert "あなたの名前で拒まれている記録" in page and "試験医院" in page
    assert clinic("DELETE", f"Consent/{written.value['id']}").status == 204
    assert "あなたの名前で拒まれている記録" not in phone.text("consents/")


def test_no_page_leaves_without_its_record(phone, monkeypatch):
    from tasuki_server.portal import door

    def broken(*args, **more):
        raise OSError("no disk")

    monkeypatch.setattr(door, "keep_event", broken)
    phone.client.raise_request_exception = False
    answer = phone.get("conditions/")
    phone.client.raise_request_exception = True
    assert answer.status_code == 500 and "高血圧症" not in answer.content.decode()


@pytest.fixture(scope="module")
def people(server, clinic):
    from tasuki_server.demo.portal_people import ensure_portal_people, portal_people

    until = timezone.localdate().replace(year=timezone.localdate().year + 2)
    this_year = timezone.localdate().year
    for nth, (name, born) in enumerate(
        (("架空　大人", date(this_year - 52, 2, 3)), ("架空　老人", date(this_year - 81, 2, 3)), ("架空　子", date(this_year - 8, 2, 3)))
    ):  # fmt: skip
        person_with_card(name, f"70{nth}", born, card=f"DEMO-{nth + 1:05}", card_until_on=until)
    ensure_portal_people()
    ensure_portal_people()
    return {each.part: each for each in portal_people()}


def test_each_of_the_three_enters_and_finds_something(people):
    assert set(people) == {"grown", "elder", "child"}
    for part, path, told in (
        ("grown", "results/", "HbA1c"), ("elder", "conditions/", "2型糖尿病"), ("child", "allergies/", "そば"),
    ):  # fmt: skip
        phone = Telephone()
        phone.get("enter/")
        assert phone.post("enter/demo/", {"code": people[part].code}).status_code == 302, part
        page = phone.text(path)
        assert told in page and "説明前の病名" not in page


def test_the_grown_one_stands_in_for_both(people):
    phone = Telephone()
    phone.post("enter/demo/", {"code": people["grown"].code})
    page = phone.text("")
    assert "架空　老人さんの記録を見る" in page and "架空　子さんの記録を見る" in page
    assert "131 / 82" in phone.text("entries/")


def test_where_others_reach_the_server_no_demo_code_and_no_made_up_card_serves(people, monkeypatch):
    phone = Telephone()
    grown = people["grown"]
    monkeypatch.setenv("TASUKI_HTTPS", "yes")
    assert phone.post("enter/demo/", {"code": grown.code}).status_code == 404
    page = phone.text("register/")
    assert "架空のマイナンバーカード" not in page
    given = {"card": grown.person.card, "born": grown.person.born.isoformat()}
    assert phone.post("register/", given).status_code == 400
    monkeypatch.delenv("TASUKI_HTTPS")
    assert phone.post("register/", given).status_code == 200
