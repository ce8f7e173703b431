# SPDX-License-Identifier: Apache-2.0
"""改定影響の画面 — a real month under another revision: asked, shown, taken away as a table."""

from __future__ import annotations

import pytest

from made_up import make_history, make_insurance, make_patient, make_visit

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def month(server):
    from tasuki_server.billing.settle import settle_bill

    with server.first.work("doctor"):
        patient = make_patient("改田 まなぶ", "カイダ マナブ")
        visit = make_visit(patient, insurance_record=make_insurance(patient).record_id)
        make_history(visit, server.first.staff["doctor"])
        bill = settle_bill(visit, read_version=0)
    return visit.day, bill


def test_a_month_under_another_revision(server, month):
    day, bill = month
    browser = server.first.browser("clerk")
    empty = browser.get("/impact/").content.decode()
    assert "診療月と改定を選んでください" in empty
    page = browser.get("/impact/", {"month": f"{day:%Y-%m}", "to": "R6"})
    text = page.content.decode()
    assert page.status_code == 200 and "改田 まなぶ" in text
    assert f"{bill.total_points:,}点" in text
    for table in ("items", "patients", "lines"):
        answer = browser.get(f"/impact/{table}.csv", {"month": f"{day:%Y-%m}", "to": "R6"})
        assert answer.status_code == 200 and answer["Content-Type"].startswith("text/csv")
        assert "改田" not in answer.content.decode()


def test_gathered_visits_are_those_the_bill_was_drafted_from(server, month):
    """Read in bulk, and yet the same values as one visit at a time."""
    from tasuki_server.chart.values import visit_value
    from tasuki_server.impact.gather import gather_visits

    day, bill = month
    with server.first.work("doctor"):
        (person,) = gather_visits(day.replace(day=1)).people
        assert person.visits == (visit_value(bill.visit),)


def test_wrong_questions_are_refused(server):
    browser = server.first.browser("clerk")
    for query in ({"month": "x"}, {"month": "9999-01"}, {"month": "2026-10", "to": "R99"}):
        assert browser.get("/impact/", query).status_code == 400, query
    assert browser.get("/impact/none.csv", {"month": "2026-10", "to": "R6"}).status_code == 404
    none = browser.get("/impact/", {"month": "2026-07", "to": "R6"}).content.decode()
    assert "確定した会計の受診がありません" in none
    assert server.first.browser("nurse").get("/impact/").status_code == 403


def test_a_long_month_goes_step_by_step_and_is_taken_up_again(server, month, monkeypatch):
    """The steps put together are what one calculation gives; a page left half-way goes on where it was."""
    from tasuki_server.billing.settle import settle_bill
    from tasuki_server.impact import steps, views

    day, _ = month
    with server.first.work("doctor"):
        for number in range(2):
            patient = make_patient(f"段野 {number}", "ダンノ")
            card = make_insurance(patient)
            settle_bill(make_visit(patient, insurance_record=card.record_id), read_version=0)
    browser = server.first.browser("clerk")
    asked = {"month": f"{day:%Y-%m}", "to": "R6"}
    whole = {name: browser.get(f"/impact/{name}.csv", asked).content for name in ("items", "patients")}
    monkeypatch.setattr(views, "AT_ONCE", 0)
    monkeypatch.setattr(steps, "VISITS_A_STEP", 1)
    assert "計算を始める" in browser.get("/impact/", asked).content.decode()
    assert browser.get("/impact/items.csv", asked).status_code == 400
    where = browser.post("/impact/runs", asked)["Location"]
    assert "3件のうち 0件" in browser.get(where).content.decode()
    assert browser.get(f"{where}/items.csv").status_code == 404
    first = browser.post(f"{where}/step", headers={"HX-Request": "true"})
    assert "3件のうち 1件" in first.content.decode() and "hx-post" in first.content.decode()
    # Left here, and opened again by someone else.
    other = server.first.browser("admin")
    assert "3件のうち 1件" in other.get(where).content.decode()
    assert other.post(f"{where}/step").status_code == 302
    last = browser.post(f"{where}/step", headers={"HX-Request": "true"})
    assert (last.status_code, last["HX-Redirect"]) == (204, where)
    assert browser.post(f"{where}/step").status_code == 302
    page = browser.get(where).content.decode()
    assert "改田 まなぶ" in page and "済み" in browser.get("/impact/").content.decode()
    for name, data in whole.items():
        assert browser.get(f"{where}/{name}.csv").content == data
    assert server.second.browser("clerk", raise_request_exception=False).get(where).status_code == 404
    assert (
        server.first.browser("nurse", raise_request_exception=False).post(f"{where}/step").status_code == 403
    )


def test_other_tables_end_a_run_begun_under_those_of_before(server, month, monkeypatch):
    from tasuki_server.impact import steps

    day, _ = month
    browser = server.first.browser("clerk")
    where = browser.post("/impact/runs", {"month": f"{day:%Y-%m}", "to": "R6"})["Location"]
    monkeypatch.setattr(steps, "book_mark", lambda: "other")
    told = browser.post(f"{where}/step", headers={"HX-Request": "true"}).content.decode()
    assert "初めから計算し直してください" in told and "hx-post" not in told
