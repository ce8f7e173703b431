# SPDX-License-Identifier: Apache-2.0
"""診療の数字 — minutes, home visits and self-care: asked when they matter, kept by version, and billed."""

from __future__ import annotations

import json
from datetime import date, datetime

import pytest

from made_up import TOKYO, make_insurance, make_patient, make_visit

pytestmark = pytest.mark.server
MONDAY = datetime(2026, 6, 15, 9, 30, tzinfo=TOKYO)
DEPRESSION = "2961003"
UNDER_HALF_HOUR, HALF_HOUR = "180067310", "180067410"
PSYCHIATRY_STANDARD = "23"
TEXTS = {"subjective": "眠れない", "objective": "", "assessment": "", "plan": "続ける"}


@pytest.fixture
def doctor(server):
    """A browser of the doctor."""
    return server.first.browser("doctor")


def _visit(server, department="01", disease="", at=MONDAY):
    """A visit of someone treated here since January, so that it is a revisit."""
    from tasuki_server.billing.settle import settle_bill
    from tasuki_server.chart.diagnose import add_diagnosis
    from tasuki_server.orders.catalogue import day_book

    with server.first.work("doctor"):
        patient = make_patient("試験 太郎", "シケン タロウ")
        card = make_insurance(patient)
        if disease:
            add_diagnosis(patient, disease, [], date(2026, 1, 5), day_book(MONDAY.date()), is_main=True)
        earlier = make_visit(patient, at.replace(month=5, day=11), insurance_record=card.record_id)
        settle_bill(earlier, read_version=0)
        return make_visit(patient, at, insurance_record=card.record_id, department=department)


@pytest.fixture
def psychiatric(server):
    """A revisit to psychiatry, which the institution has, for depression."""
    from tasuki_server.institutions.models import Institution

    with server.first.work("admin"):
        kept = [{"code": PSYCHIATRY_STANDARD, "since": "2024-06-01"}]
        Institution.objects.filter(pk=server.first.id).update(standards=kept)
    return _visit(server, "02", DEPRESSION)


def _draft(server, visit):
    from tasuki_server.chart.models import Draft

    with server.first.work("doctor"):
        return Draft.objects.filter(visit=visit).first()


def _facts(browser, visit, base=None, **given):
    data = {"facts_base": json.dumps(base or {}), **given}
    answer = browser.post(f"/orders/{visit.id}/facts/", data, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return answer.content.decode()


def _sign(browser, visit, **given):
    page = browser.get(f"/chart/{visit.id}/?edit=1").content.decode()
    stamp = page.partition('name="text_stamp" value="')[2].partition('"')[0]
    return browser.post(f"/chart/{visit.id}/sign/", {"text_stamp": stamp, **TEXTS, **given})


def _preview(browser, visit):
    return browser.get(f"/chart/{visit.id}/preview/").content.decode()


def _notes(server, visit):
    from tasuki_server.chart.models import Note

    with server.first.work("doctor"):
        return list(Note.objects.filter(visit=visit).order_by("version"))


def _statement(server, visit):
    from tasuki_server.billing.draft import draft_bill
    from tasuki_server.reception.models import Visit

    with server.first.work("clerk"):
        return draft_bill(Visit.objects.select_related("patient").get(pk=visit.id)).statement


def _codes(statement):
    return {line.code for unit in statement.units for line in unit.lines}


def _is_open(page, heading):
    """Whether the part of the page with this heading stands open."""
    before = page.partition(f"<summary>{heading}")[0]
    return before.rstrip().endswith(" open>")


def test_minutes_are_asked_of_psychiatry_and_of_nobody_else(server, doctor, psychiatric):
    page = doctor.get(f"/chart/{psychiatric.id}/").content.decode()
    assert _is_open(page, "診療時間") and "未記録" in page
    page = doctor.get(f"/chart/{_visit(server).id}/").content.decode()
    assert not _is_open(page, "診療時間") and "未記録" not in page


def test_an_order_by_time_asks_for_its_minutes_in_any_department(server, doctor):
    visit = _visit(server)
    data = {"code": UNDER_HALF_HOUR}
    table = doctor.post(f"/orders/{visit.id}/add/", data, headers={"HX-Request": "true"}).content.decode()
    assert _is_open(table, "診療時間") and "未記録" in table


def test_minutes_reach_the_preview_the_bill_and_the_receipt(server, doctor, psychiatric):
    from tasuki.claims.reader import read
    from tasuki_server.billing.settle import settle_bill
    from tasuki_server.claims.making import make_claims

    assert "診療に要した時間" in _preview(doctor, psychiatric)
    assert "通院精神療法（３０分未満）" not in _preview(doctor, psychiatric).partition("算定できるかも")[0]
    _facts(doctor, psychiatric, minutes="２０")
    assert _draft(server, psychiatric).facts == {"minutes": 20}
    assert "20分の診療を行ったため" in _preview(doctor, psychiatric)
    assert _sign(doctor, psychiatric).status_code == 302
    assert _notes(server, psychiatric)[0].facts == {"minutes": 20}
    assert UNDER_HALF_HOUR in _codes(_statement(server, psychiatric))
    with server.first.work("clerk"):
        bill = settle_bill(psychiatric, read_version=0)
        build = make_claims(date(2026, 6, 1))
        files = [read(bytes(each.data), each.name) for each in build.files.all()]
        acts = [
            line
            for file in files
            for each in file.receipts
            for line in each.records
            if UNDER_HALF_HOUR in line.values
        ]
    assert bill.total_points == _statement(server, psychiatric).total_points
    assert len(acts) == 1


def test_other_minutes_after_signing_are_a_version_and_another_fee(server, doctor, psychiatric):
    _facts(doctor, psychiatric, minutes="20")
    _sign(doctor, psychiatric)
    assert "診療時間: 20分" in doctor.get(f"/chart/{psychiatric.id}/").content.decode()
    _facts(doctor, psychiatric, {"minutes": 20}, minutes="30")
    assert UNDER_HALF_HOUR in _codes(_statement(server, psychiatric)), "a draft is nobody's record"
    assert _sign(doctor, psychiatric, reason="診療時間の誤記").status_code == 302
    assert [note.facts for note in _notes(server, psychiatric)] == [{"minutes": 20}, {"minutes": 30}]
    codes = _codes(_statement(server, psychiatric))
    assert HALF_HOUR in codes and UNDER_HALF_HOUR not in codes
    versions = doctor.get(f"/chart/{psychiatric.id}/versions/").content.decode()
    assert "診療時間: 20分" in versions and "診療時間: 30分" in versions


def test_minutes_still_in_the_field_are_signed_with_the_text(server, doctor, psychiatric):
    assert _sign(doctor, psychiatric, facts_base="{}", minutes="35").status_code == 302
    assert _notes(server, psychiatric)[0].facts == {"minutes": 35}


@pytest.mark.parametrize("text", ["0", "-5", "1441", "半時間", "9" * 30, "1.5"])
def test_a_number_that_cannot_be_read_changes_nothing_and_is_not_signed(server, doctor, psychiatric, text):
    _facts(doctor, psychiatric, minutes="20")
    assert "1から1440までの数字" in _facts(doctor, psychiatric, {"minutes": 20}, minutes=text)
    assert _draft(server, psychiatric).facts == {"minutes": 20}
    answer = _sign(doctor, psychiatric, facts_base='{"minutes": 20}', minutes=text)
    assert answer.status_code == 422 and "1から1440までの数字" in answer.content.decode()
    assert _notes(server, psychiatric) == []


def test_a_second_window_never_undoes_what_it_did_not_show(server, doctor, psychiatric):
    _facts(doctor, psychiatric, minutes="20")
    _facts(doctor, psychiatric, {}, minutes="", injections_a_month="28")
    assert _draft(server, psychiatric).facts == {"minutes": 20, "self_care": {"injections_a_month": 28}}
    _facts(doctor, psychiatric, {"minutes": 20}, minutes="")
    assert _draft(server, psychiatric).facts == {"self_care": {"injections_a_month": 28}}


@pytest.mark.parametrize(
    "base", ["", "[]", "null", '{"home": 3}', '{"home": {"manner": "x"}}', '{"new": 1}', "{"]
)
def test_a_base_that_is_none_of_ours_is_taken_as_an_empty_one(server, doctor, psychiatric, base):
    answer = doctor.post(
        f"/orders/{psychiatric.id}/facts/",
        {"facts_base": base, "minutes": "20"},
        headers={"HX-Request": "true"},
    )
    assert answer.status_code == 200
    assert _draft(server, psychiatric).facts == {"minutes": 20}


ALONE, HOUSE_CALL = "114001110", "114000110"
SEEN = {"manner": "planned", "residence": "house", "plan": "twice", "patients_that_day": "1"}


def test_a_home_visit_is_stated_kept_and_billed(server, doctor):
    visit = _visit(server, disease="2500015")
    assert not _is_open(doctor.get(f"/chart/{visit.id}/").content.decode(), "訪問の診療")
    _facts(doctor, visit, **{**SEEN, "patients_that_day": ""})
    assert "「同じ建物で同じ日に訪問診療した人数」を記録" in _preview(doctor, visit)
    _facts(doctor, visit, {"home": {"manner": "planned", "plan": "twice"}}, **SEEN)
    kept = {"home": {"manner": "planned", "plan": "twice", "patients_that_day": 1}}
    assert _draft(server, visit).facts == kept
    assert _sign(doctor, visit).status_code == 302
    assert _notes(server, visit)[0].facts == kept
    codes = _codes(_statement(server, visit))
    assert ALONE in codes and "112007410" not in codes, "no 再診料 beside 訪問診療料"
    page = doctor.get(f"/chart/{visit.id}/").content.decode()
    assert "訪問: 訪問診療、居宅、月2回以上、同じ建物で同じ日に訪問診療した人数 1" in page


def test_a_fee_of_home_care_asks_for_the_visit(server, doctor):
    visit = _visit(server)
    table = doctor.post(
        f"/orders/{visit.id}/add/", {"code": HOUSE_CALL}, headers={"HX-Request": "true"}
    ).content.decode()
    assert _is_open(table, "訪問の診療") and "未記録" in table


def test_every_field_of_a_home_visit_is_kept(server, doctor):
    from tasuki.chart.home_visit import HomeVisit
    from tasuki_server.chart.values import visit_value
    from tasuki_server.reception.models import Visit

    visit = _visit(server)
    _facts(
        doctor,
        visit,
        manner="called",
        residence="facility",
        plan="once",
        patients_that_day="2",
        building_patients="9",
        dwellings="20",
        home_minutes="65",
        travel_yen="500",
        shares_household="yes",
        is_second_in_household="yes",
        is_attached="yes",
        is_over_16_km="yes",
        prescription="no",
        discharged_on="R8.6.1",
    )
    _sign(doctor, visit)
    with server.first.work("clerk"):
        home = visit_value(Visit.objects.get(pk=visit.id)).home
    assert home == HomeVisit(
        manner="called",
        residence="facility",
        is_attached=True,
        patients_that_day=2,
        building_patients=9,
        dwellings=20,
        shares_household=True,
        is_second_in_household=True,
        minutes=65,
        plan="once",
        is_prescription_given=False,
        discharged_on=date(2026, 6, 1),
        is_over_16_km=True,
        travel_yen=500,
    )


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"manner": "flying"}, "訪問の区分を選び直して"),
        ({"manner": "called", "residence": "moon"}, "訪問の区分を選び直して"),
        ({"manner": "called", "discharged_on": "きのう"}, "「退院日」は日付で"),
        ({"injections_a_month": "1000"}, "1から999までの数字"),
        ({"months_supplied": "4"}, "1から3までの数字"),
        ({"cpap": "60 多い"}, "0から1440までの数字"),
        ({"injections_since": "2026-02-30"}, "日付で入れて"),
    ],
)
def test_what_cannot_be_read_is_named(server, doctor, given, told):
    visit = _visit(server)
    assert told in _facts(doctor, visit, **given)
    assert _draft(server, visit).facts == {}


def test_self_care_is_kept_and_the_last_visit_offers_what_does_not_change(server, doctor):
    visit = _visit(server, disease="2500015")
    _facts(doctor, visit, injections_a_month="30", injections_since="2026-05-01", cpap="50 61", **SEEN)
    kept = {
        "injections_a_month": 30,
        "injections_since": "2026-05-01",
        "cpap_minutes_a_day": [50, 61],
    }
    assert _draft(server, visit).facts["self_care"] == kept
    assert _sign(doctor, visit).status_code == 302
    with server.first.work("clerk"):
        later = make_visit(visit.patient, MONDAY.replace(day=22), insurance_record=visit.insurance_record)
    assert doctor.get(f"/chart/{later.id}/").content.decode().count("前回と同じ") == 2
    for part in ("home", "self_care", "minutes"):
        doctor.post(f"/orders/{later.id}/facts/same/{part}/", headers={"HX-Request": "true"})
    assert _draft(server, later).facts == {
        "home": {"manner": "planned", "plan": "twice"},
        "self_care": {"injections_a_month": 30, "injections_since": "2026-05-01"},
    }


REHABILITATION = "180755710"


def test_the_start_of_rehabilitation_is_asked_offered_again_and_reaches_the_calculation(server, doctor):
    from tasuki_server.chart.draft import basket_of
    from tasuki_server.orders.models import PlacedOrder

    visit = _visit(server)
    page = doctor.post(
        f"/orders/{visit.id}/add/", {"code": REHABILITATION}, headers={"HX-Request": "true"}
    ).content.decode()
    assert "起算日" in page
    with server.first.work("doctor"):
        order = basket_of(_draft(server, visit)).orders[0]
    address = f"/orders/{visit.id}/{order.id}/"
    for wrong in ("いつか", "2026-06-16"):
        answer = doctor.post(address, {"began_on": wrong}, headers={"HX-Request": "true"}).content.decode()
        assert "起算日は、受診の日までの日付" in answer
    doctor.post(address, {"began_on": "R8.5.20"}, headers={"HX-Request": "true"})
    doctor.post(f"/orders/{visit.id}/{order.id}/0/", {"amount": "2"}, headers={"HX-Request": "true"})
    with server.first.work("doctor"):
        assert basket_of(_draft(server, visit)).orders[0].began_on == date(2026, 5, 20)
        PlacedOrder.objects.create(
            patient=visit.patient,
            visit=visit,
            position=1,
            kind="act",
            value={**_draft(server, visit).orders[0]["order"]},
            record_id=order.id,
        )
        from tasuki_server.chart.values import visit_value
        from tasuki_server.reception.models import Visit

        assert visit_value(Visit.objects.get(pk=visit.id)).orders[0].began_on == date(2026, 5, 20)
        later = make_visit(visit.patient, MONDAY.replace(day=22), insurance_record=visit.insurance_record)
    doctor.post(f"/chart/{visit.id}/discard/")
    page = doctor.post(
        f"/orders/{later.id}/add/", {"code": REHABILITATION}, headers={"HX-Request": "true"}
    ).content.decode()
    assert "前回の 2026-05-20" in page


def test_an_advice_leads_to_where_its_fact_is_stated(server, doctor, psychiatric):
    from tasuki.security.permissions import Role
    from tasuki_server.institutions.models import Staff

    clerk = server.first.browser("clerk")
    assert '#fact-minutes">診療時間を記録</a>' in _preview(doctor, psychiatric)
    bill = clerk.get(f"/billing/visit/{psychiatric.id}").content.decode()
    assert f'href="/chart/{psychiatric.id}/?edit=1#fact-minutes">診療時間を記録</a>' in bill
    assert "/facility/" not in bill.partition("算定できるかもしれないもの")[2], "a clerk cannot open it"
    with server.first.work("admin"):
        Staff.objects.filter(pk=server.first.staff["clerk"].pk).update(roles=[Role.CLERK, Role.ADMIN])
    bill = clerk.get(f"/billing/visit/{psychiatric.id}").content.decode()
    with server.first.work("admin"):
        Staff.objects.filter(pk=server.first.staff["clerk"].pk).update(roles=[Role.CLERK])
    assert 'href="/facility/?text=' in bill and "施設基準を確かめる" in bill
    assert 'id="fact-minutes"' in doctor.get(f"/chart/{psychiatric.id}/?edit=1").content.decode()


def test_a_missing_number_of_a_home_visit_leads_to_its_field(server, doctor):
    visit = _visit(server, disease="2500015")
    _facts(doctor, visit, manner="planned")
    assert '#fact-patients_that_day">' in _preview(doctor, visit)
    assert 'id="fact-patients_that_day"' in doctor.get(f"/chart/{visit.id}/").content.decode()


UNCODED, WOUND_CARE = "777770000", "140000610"


def test_a_material_without_a_code_takes_name_amount_and_price(server, doctor):
    visit = _visit(server)

    def post(part, **given):
        answer = doctor.post(f"/orders/{visit.id}/{part}", given, headers={"HX-Request": "true"})
        return answer.content.decode()

    assert UNCODED in doctor.get(f"/orders/{visit.id}/search/?text=未コード").content.decode()
    post("add/", code=WOUND_CARE)
    page = post("add/", code=UNCODED)
    for wanted in ("数量を入れて", "購入価格を入れて", "商品名と規格を入れて"):
        assert wanted in page
    order = _draft(server, visit).orders[-1]["order"]
    index = [item["code"] for item in order["items"]].index(UNCODED)
    assert len(order["items"]) == 2, "it joins the act it was used in"
    place = f"{order['id']}/{index}/"
    post(place, item_code=UNCODED, comment="架空ドレーン 12Fr")
    post(place, item_code=UNCODED, unit_price="1200")
    page = post(place, item_code=UNCODED, amount="1")
    assert "入れてください" not in page
    assert _sign(doctor, visit).status_code == 302
    billed = [
        (line.name, unit.points)
        for unit in _statement(server, visit).units
        for line in unit.lines
        if line.code == UNCODED
    ]
    assert billed == [("架空ドレーン 12Fr", 120)]
