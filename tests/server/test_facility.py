# SPDX-License-Identifier: Apache-2.0
"""施設の設定 — hours and standards are read, refused in Japanese, kept once, and decide the bill."""

from __future__ import annotations

import re
from datetime import datetime

import pytest

from made_up import TOKYO, make_insurance, make_patient, make_visit

pytestmark = pytest.mark.server


@pytest.fixture(autouse=True)
def as_before(server):
    """What a test changes of the institution is put back."""
    from tasuki_server.institutions.models import Institution

    with server.first.work("admin"):
        kept = Institution.objects.values().get()
    yield
    with server.first.work("admin"):
        Institution.objects.update(**{name: value for name, value in kept.items() if name != "id"})


def _institution(server):
    from tasuki_server.institutions.models import Institution

    with server.first.work("admin"):
        return Institution.objects.get()


def _stamp(browser) -> str:
    page = browser.get("/facility/").content.decode()
    return re.search(r'name="read_stamp" value="(\w+)"', page)[1]


def _settings(**changes):
    hours = {f"hours_{weekday}": "9:00-12:00 15:00-19:00" for weekday in range(5)}
    return {"name": "ためしの診療所", "beds": "0", **hours, "hours_5": "9:00-13:00", **changes}


def test_settings_are_saved_with_their_trail(server):
    browser = server.first.browser("admin")
    given = _settings(closed_days="R8.8.13\n2026-08-14", departments=["01", "09"], is_open_on_holidays="on")
    answer = browser.post("/facility/", {**given, "read_stamp": _stamp(browser)})
    assert answer.status_code == 302
    facts = _institution(server).facts()
    assert facts.name == "ためしの診療所"
    assert (facts.departments, facts.is_open_on_holidays) == (("01", "09"), True)
    assert [str(day) for day in sorted(facts.closed_days)] == ["2026-08-13", "2026-08-14"]
    assert len(facts.hours) == 11
    trail = browser.get("/audit/").content.decode()
    assert "institution.change" in trail or "施設" in trail


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"hours_0": "朝から"}, "時間帯として読めません"),
        ({"hours_0": "12:00-9:00"}, "終わりが始まりより前"),
        ({"hours_0": "9:00-12:00 11:00-15:00"}, "前の時間帯と重なって"),
        ({"hours_0": "9:00-25:00"}, "時刻として正しくありません"),
        ({"closed_days": "お盆"}, "日付として読めません"),
        ({"beds": "3", "general_beds": "5"}, "許可病床数より多く"),
        ({"name": ""}, "名称を入れてください"),
    ],
)
def test_what_cannot_be_read_is_refused_in_japanese(server, changes, message):
    browser = server.first.browser("admin")
    before = _institution(server).hours
    answer = browser.post("/facility/", {**_settings(**changes), "read_stamp": _stamp(browser)})
    assert answer.status_code == 422
    assert message in answer.content.decode()
    assert _institution(server).hours == before


def test_a_page_opened_before_another_change_saves_nothing(server):
    browser = server.first.browser("admin")
    stamp = _stamp(browser)
    assert browser.post("/facility/", {**_settings(name="先の名"), "read_stamp": stamp}).status_code == 302
    answer = browser.post("/facility/", {**_settings(name="後の名"), "read_stamp": stamp})
    assert answer.status_code == 409
    assert "先に変わりました" in answer.content.decode()
    assert _institution(server).name == "先の名"


def test_a_standard_is_found_notified_billed_by_and_ended(server):
    from tasuki_server.billing.draft import draft_bill

    browser = server.first.browser("admin")
    found = browser.get("/facility/standards/search/?text=機能強化").content.decode()
    assert "3522" in found
    with server.first.work("doctor"):
        patient = make_patient("新規 太郎", "シンキ タロウ")
        card = make_insurance(patient)
        monday = datetime(2026, 6, 15, 10, tzinfo=TOKYO)
        visit = make_visit(patient, monday, insurance_record=card.record_id)

    def codes() -> set[str]:
        with server.first.work("clerk"):
            return {line.code for line in draft_bill(visit).statement.granted()}

    assert "111013770" not in codes()
    given = {"code": "3522", "since": "2026-06-01"}
    answer = browser.post("/facility/standards/", {**given, "read_stamp": _stamp(browser)})
    assert answer.status_code == 302
    assert "111013770" in codes()
    again = browser.post("/facility/standards/", {**given, "read_stamp": _stamp(browser)})
    assert again.status_code == 422
    assert "期間の重なる届出" in again.content.decode()
    ended = {"act": "end", "code": "3522", "since": "2026-06-01", "until": "2026-06-14"}
    browser.post("/facility/standards/", {**ended, "read_stamp": _stamp(browser)})
    assert "111013770" not in codes()
    withdrawn = {"act": "withdraw", "code": "3522", "since": "2026-06-01"}
    browser.post("/facility/standards/", {**withdrawn, "read_stamp": _stamp(browser)})
    assert "3522" not in {each["code"] for each in _institution(server).standards}


@pytest.mark.parametrize("code", ["", "99999", "なし"])
def test_an_unknown_standard_is_refused(server, code):
    browser = server.first.browser("admin")
    given = {"code": code, "since": "2026-06-01", "read_stamp": _stamp(browser)}
    answer = browser.post("/facility/standards/", given)
    assert answer.status_code == 422


def test_only_the_administrator_opens_the_settings(server):
    for name in ("reception", "doctor", "clerk", "nurse"):
        assert server.first.browser(name).get("/facility/").status_code == 403
