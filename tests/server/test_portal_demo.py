# SPDX-License-Identifier: Apache-2.0
"""お試しの本人の画面 — a grown person, an elder and a child of the register, entered by a code that serves here alone."""

from __future__ import annotations

from datetime import date

import pytest
from django.utils import timezone

from portal import Telephone, person_with_card

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def people(server):
    from tasuki_server.demo.portal_people import ensure_portal_people, portal_people
    from tasuki_server.platform.house import close_house

    until = timezone.localdate().replace(year=timezone.localdate().year + 2)
    this_year = timezone.localdate().year
    for nth, (name, born) in enumerate(
        (("架空　大人", date(this_year - 52, 2, 3)), ("架空　老人", date(this_year - 81, 2, 3)), ("架空　子", date(this_year - 8, 2, 3)))
    ):  # fmt: skip
        person_with_card(name, f"70{nth}", born, card=f"DEMO-{nth + 1:05}", card_until_on=until)
    ensure_portal_people()
    ensure_portal_people()
    yield {each.part: each for each in portal_people()}
    close_house()


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
