# SPDX-License-Identifier: Apache-2.0
"""算定ルールの画面 — every rule opens, is found by its words, and is reached from the line it decided."""

from __future__ import annotations

import pytest
from django.urls import reverse

from made_up import make_history, make_insurance, make_patient, make_visit
from tasuki.calculation.rule_catalogue import TABLES, chapters_present, find_rules, rule_catalogue
from tasuki_server.reference.rule_cases import cases_of

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def browser(server):
    return server.first.browser("clerk")


def test_every_rule_has_its_page(browser):
    for rule_id, entry in rule_catalogue().items():
        answer = browser.get(reverse("reference:rule", args=[rule_id]))
        assert answer.status_code == 200, rule_id
        page = answer.content.decode()
        assert entry.title in page
        said = page.split("このルールが言うこと")[1].split("</ul>")[0]
        assert '<span class="badge plain">' in said, rule_id
    assert browser.get("/reference/rules/no/such").status_code == 404


def test_search_by_word_and_chapter(browser):
    page = browser.get("/reference/rules/", {"q": "外来管理"}).content.decode()
    assert "外来管理加算" in page
    tests = {entry.id for entry in find_rules(chapter="tests")}
    assert tests and all(entry.chapter == "tests" for entry in find_rules(chapter="tests"))
    assert find_rules("Ｄ４００") == find_rules("d400") != []
    assert sum(count for _, _, count in chapters_present()) == len(rule_catalogue())
    empty = browser.get("/reference/rules/", {"q": "そのようなものはない"}).content.decode()
    assert "該当するルールはありません" in empty


def test_a_bill_s_reasons_lead_to_their_rules(server, browser):
    with server.first.work("doctor"):
        patient = make_patient("道野 ひかり", "ミチノ ヒカリ")
        visit = make_visit(patient, insurance_record=make_insurance(patient).record_id)
        make_history(visit, server.first.staff["doctor"])
    page = browser.get(f"/billing/visit/{visit.id}?open=1").content.decode()
    links = {part.split('"')[0] for part in page.split('href="/reference/rules/')[1:]}
    assert links - {""}
    for each in links - {""}:
        assert browser.get(f"/reference/rules/{each}").status_code == 200


def test_every_kind_of_table_statement_has_an_entry_and_rules_have_cases():
    """Whatever a line may name as its reason must be in the catalogue."""
    import re
    from pathlib import Path

    import tasuki.calculation

    named = set()
    for path in Path(tasuki.calculation.__path__[0]).rglob("*.py"):
        named |= set(re.findall(r'"(table/[a-z_]+)"', path.read_text("utf-8")))
    assert named <= set(rule_catalogue()), "give it a title in rule_catalogue.TABLES"
    assert set(TABLES) - {"order"} <= named
    assert any(case["fires"] for case in cases_of("D400/blood_drawing"))


def test_coverage_by_chapter_leads_to_the_rules(browser):
    assert "部を選ぶと" in browser.get("/reference/coverage/").content.decode()
    page = browser.get("/reference/coverage/", {"chapter": "A"}).content.decode()
    assert "<td>初診料</td>" in page and "/reference/rules/A000/" in page
    none = browser.get("/reference/coverage/", {"chapter": "Z"})
    assert none.status_code == 200 and "該当する区分番号はありません" in none.content.decode()
