# SPDX-License-Identifier: Apache-2.0
"""数字から料金へ — a number of self-care or a 起算日 that is recorded changes what is billed and what the receipt says."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta

import pytest

from made_up import TOKYO, make_insurance, make_patient, make_visit

pytestmark = pytest.mark.server
MONDAY = datetime(2026, 6, 15, 9, 30, tzinfo=TOKYO)
TEXTS = {"subjective": "", "objective": "", "assessment": "", "plan": "続ける"}
DIABETES_1, DIABETES_2, APNOEA, KNEE = "2500014", "2500015", "7805017", "7153018"
TO_27, FROM_28, START = "114040610", "114028410", "114028570"
CPAP = "114040810"
MUSCLES, MUSCLES_STANDARD = "180755710", "828"


@pytest.fixture
def doctor(server):
    """A browser of the doctor."""
    return server.first.browser("doctor")


@pytest.fixture
def rehabilitating(server):
    """The institution with 運動器リハビリテーション料（Ⅰ） notified."""
    from tasuki_server.institutions.models import Institution

    with server.first.work("admin"):
        kept = [{"code": MUSCLES_STANDARD, "since": "2024-06-01"}]
        Institution.objects.filter(pk=server.first.id).update(standards=kept)


class Stay:
    """Someone treated here since January, and what the doctor does at the visits of June."""

    def __init__(self, server, browser, disease):
        from tasuki_server.billing.settle import settle_bill
        from tasuki_server.chart.diagnose import add_diagnosis
        from tasuki_server.orders.catalogue import day_book

        self.server, self.browser = server, browser
        with server.first.work("doctor"):
            self.patient = make_patient("試験 太郎", "シケン タロウ")
            self.card = make_insurance(self.patient)
            add_diagnosis(self.patient, disease, [], date(2026, 1, 5), day_book(MONDAY.date()), is_main=True)
            earlier = make_visit(
                self.patient, MONDAY.replace(month=5, day=11), insurance_record=self.card.record_id
            )
            settle_bill(earlier, read_version=0)

    def visit(self, at=MONDAY):
        with self.server.first.work("doctor"):
            return make_visit(self.patient, at, insurance_record=self.card.record_id)

    def post(self, visit, part, **given):
        answer = self.browser.post(f"/orders/{visit.id}/{part}", given, headers={"HX-Request": "true"})
        assert answer.status_code == 200
        return answer.content.decode()

    def order(self, visit, code, began=None, amount=""):
        from tasuki_server.chart.draft import basket_of
        from tasuki_server.chart.models import Draft

        self.post(visit, "add/", code=code)
        with self.server.first.work("doctor"):
            order = basket_of(Draft.objects.get(visit=visit)).orders[-1]
        if began is not None:
            self.post(visit, f"{order.id}/", began_on=began.isoformat())
        if amount:
            self.post(visit, f"{order.id}/0/", amount=amount)

    def facts(self, visit, base=None, **given):
        self.post(visit, "facts/", facts_base=json.dumps(base or {}), **given)

    def sign(self, visit, **given):
        page = self.browser.get(f"/chart/{visit.id}/?edit=1").content.decode()
        stamp = page.partition('name="text_stamp" value="')[2].partition('"')[0]
        answer = self.browser.post(f"/chart/{visit.id}/sign/", {"text_stamp": stamp, **TEXTS, **given})
        assert answer.status_code == 302, answer.content.decode()[:500]

    def billed(self, visit):
        """コード → 点数 and 回数 of what the bill grants, and the codes it denies."""
        from tasuki_server.billing.draft import draft_bill
        from tasuki_server.reception.models import Visit

        with self.server.first.work("clerk"):
            found = draft_bill(Visit.objects.select_related("patient").get(pk=visit.id)).statement
        granted = {line.code: (unit.points, unit.times) for unit in found.units for line in unit.lines}
        return granted, {line.code for line in found.denied}

    def receipt(self, visit):
        """Settles the visit and gives the acts of the month's receipt as they were recorded."""
        from tasuki.claims.reader import read
        from tasuki_server.billing.settle import settle_bill
        from tasuki_server.claims.making import make_claims

        with self.server.first.work("clerk"):
            settle_bill(visit, read_version=0)
            files = [read(bytes(each.data), each.name) for each in make_claims(date(2026, 6, 1)).files.all()]
        return {
            value
            for file in files
            for each in file.receipts
            for line in each.records
            for value in line.values
        }


@pytest.mark.parametrize(("count", "code", "points"), [("27", TO_27, 650), ("28", FROM_28, 750)])
def test_the_count_of_injections_decides_the_fee_and_the_receipt(server, doctor, count, code, points):
    stay = Stay(server, doctor, DIABETES_2)
    visit = stay.visit()
    stay.order(visit, TO_27)
    stay.facts(visit, injections_a_month=count, injections_since="2025-01-13")
    stay.sign(visit)
    granted, _ = stay.billed(visit)
    assert granted[code] == (points, 1)
    assert not {TO_27, FROM_28} - {code} & granted.keys()
    assert code in stay.receipt(visit)


def test_a_corrected_count_is_a_version_and_another_fee(server, doctor):
    stay = Stay(server, doctor, DIABETES_2)
    visit = stay.visit()
    stay.order(visit, FROM_28)
    stay.facts(visit, injections_a_month="30", injections_since="2025-01-13")
    stay.sign(visit)
    assert FROM_28 in stay.billed(visit)[0]
    kept = {"self_care": {"injections_a_month": 30, "injections_since": "2025-01-13"}}
    stay.facts(visit, kept, injections_a_month="20", injections_since="2025-01-13")
    stay.sign(visit, reason="回数の誤記")
    granted, denied = stay.billed(visit)
    assert granted[TO_27] == (650, 1) and FROM_28 in denied


@pytest.mark.parametrize(("since", "is_added"), [("2026-04-01", True), ("2026-03-31", False)])
def test_the_month_of_the_first_guidance_ends_the_addition_of_the_start(server, doctor, since, is_added):
    stay = Stay(server, doctor, DIABETES_2)
    visit = stay.visit()
    stay.order(visit, FROM_28)
    stay.facts(visit, injections_a_month="30", injections_since=since)
    stay.sign(visit)
    granted, _ = stay.billed(visit)
    assert granted[FROM_28] == (750, 1)
    assert granted.get(START) == ((580, 1) if is_added else None)


@pytest.mark.parametrize(
    ("disease", "tests", "points"),
    [
        (DIABETES_2, "19", None), (DIABETES_2, "20", 350), (DIABETES_2, "30", 465), (DIABETES_2, "40", 580),
        (DIABETES_2, "60", 830), (DIABETES_2, "100", 830), (DIABETES_1, "90", 1170), (DIABETES_1, "120", 1490),
    ],
)  # fmt: skip
def test_the_count_of_blood_sugar_tests_decides_the_addition(server, doctor, disease, tests, points):
    from tasuki.masters.starter import load_starter

    stay = Stay(server, doctor, disease)
    visit = stay.visit()
    stay.order(visit, FROM_28)
    stay.facts(visit, injections_a_month="60", injections_since="2025-01-13", glucose_tests_a_month=tests)
    stay.sign(visit)
    book = load_starter().at(MONDAY.date())
    granted, _ = stay.billed(visit)
    found = [code for code in granted if book.has(code) and "血糖自己測定器加算" in book.item(code).name]
    assert [granted[code] for code in found] == ([] if points is None else [(points, 1)])
    if found:
        assert found[0] in stay.receipt(visit)


@pytest.mark.parametrize("months", [1, 2, 3])
def test_material_for_several_months_is_billed_so_often(server, doctor, months):
    stay = Stay(server, doctor, DIABETES_2)
    visit = stay.visit()
    stay.order(visit, FROM_28)
    stay.facts(
        visit,
        injections_a_month="60",
        injections_since="2025-01-13",
        glucose_tests_a_month="60",
        months_supplied=str(months),
    )
    stay.sign(visit)
    granted, _ = stay.billed(visit)
    assert (830, months) in granted.values()


@pytest.mark.parametrize(("minutes", "is_billed"), [("59 59 59", False), ("59 60 59", True)])
def test_hours_of_cpap_below_one_in_all_three_months_take_the_fee_away(server, doctor, minutes, is_billed):
    stay = Stay(server, doctor, APNOEA)
    visit = stay.visit()
    stay.order(visit, CPAP)
    stay.facts(visit, cpap=minutes)
    stay.sign(visit)
    granted, denied = stay.billed(visit)
    assert (CPAP in granted, CPAP in denied) == (is_billed, not is_billed)
    if is_billed:
        assert granted[CPAP] == (240, 1)


@pytest.mark.parametrize(("passed", "is_billed"), [(150, True), (151, False)])
def test_the_start_of_rehabilitation_ends_it_for_whoever_receives_long_term_care(
    server, doctor, rehabilitating, passed, is_billed
):
    """The first day counts: 150 days are over on the 151st."""
    stay = Stay(server, doctor, KNEE)
    visit = stay.visit()
    stay.order(visit, MUSCLES, MONDAY.date() - timedelta(days=passed - 1), amount="2")
    stay.post(visit, "flags/", flag="receives_long_term_care")
    stay.sign(visit)
    granted, denied = stay.billed(visit)
    assert (MUSCLES in granted, MUSCLES in denied) == (is_billed, not is_billed)
    if is_billed:
        assert granted[MUSCLES] == (370, 1)


def test_after_the_standard_days_thirteen_units_a_month_are_billed(server, doctor, rehabilitating):
    from tasuki_server.billing.settle import settle_bill

    stay = Stay(server, doctor, KNEE)
    began = date(2026, 1, 5)  # the 151st day is 4 June
    for day, amount in ((8, "6"), (9, "6"), (10, "1")):
        visit = stay.visit(MONDAY.replace(day=day))
        stay.order(visit, MUSCLES, began, amount)
        stay.sign(visit)
        assert stay.billed(visit)[0][MUSCLES] == (185 * int(amount), 1)
        with server.first.work("clerk"):
            settle_bill(visit, read_version=0)
    last = stay.visit()
    stay.order(last, MUSCLES, began, "1")
    stay.sign(last)
    granted, denied = stay.billed(last)
    assert MUSCLES in denied and MUSCLES not in granted
