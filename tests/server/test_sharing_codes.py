# SPDX-License-Identifier: Apache-2.0
"""コード対応 — local names the charts hold, what is suggested, choosing, taking back, and two people at once."""

from __future__ import annotations

from datetime import datetime

import pytest

from made_up import TOKYO, make_insurance, make_patient, make_visit

pytestmark = pytest.mark.server
LINES = {
    "name": ["γ-GTP", "γ－ＧＴＰ", "謎の検査"],
    "value": ["62", "51", "3.1"],
    "unit": ["U/L", "Ｕ／Ｌ", "AU"],
    "specimen": ["血清", "血清", "血清"],
}


@pytest.fixture(scope="module")
def clinic(server):
    return server.first


@pytest.fixture(scope="module")
def visit(clinic):
    with clinic.work("reception"):
        patient = make_patient("対応 太郎", "タイオウ タロウ", address="東京都架空区1-2-3")
        card = make_insurance(patient, number="401")
        return make_visit(patient, at=datetime.now(TOKYO), insurance_record=card.record_id)


@pytest.fixture(scope="module")
def doctor(clinic, visit):
    browser = clinic.browser("doctor")
    assert (
        browser.post(f"/sharing/visit/{visit.id}/results/", {**LINES, "day": "", "time": "9:30"}).status_code
        == 302
    )
    return browser


def _key(name, unit, specimen="血清"):
    from tasuki_server.sharing.local_names import lab_name

    return lab_name(name, unit, specimen).key


def test_spellings_of_one_name_are_one_line_with_its_count(doctor):
    page = doctor.get("/sharing/codes/").content.decode()
    assert page.count("選ぶ") == 3 and "謎の検査" in page  # two lines, and the words that tell what to do
    assert '<td class="number">2</td>' in page
    assert "謎の検査" not in doctor.get("/sharing/codes/?q=GTP").content.decode()
    assert "当てはまる名称はありません" in doctor.get("/sharing/codes/?show=none").content.decode()


def test_a_code_is_chosen_by_whom_taken_back_and_kept_from_a_second_choice(clinic, doctor):
    from tasuki_server.sharing.models import LocalCode

    key = _key("γ-GTP", "U/L")
    found = doctor.get("/sharing/codes/candidates/", {"kind": "lab", "key": key}).content.decode()
    assert "GGT|3B090000002327101" in found and "標準コードなし" in found
    given = {"kind": "lab", "key": key, "code": "GGT|3B090000002327101", "version": "0", "list_sort": "name"}
    answer = doctor.post("/sharing/codes/choose/", given)
    assert (answer.status_code, answer.url) == (302, "/sharing/codes/?sort=name")
    clerk = clinic.browser("clerk")
    late = clerk.post("/sharing/codes/choose/", {**given, "code": "none"})
    assert late.status_code == 422 and "先に変えています" in late.content.decode()
    page = clerk.get("/sharing/codes/?show=chosen").content.decode()
    assert "3B090000002327101" in page and clinic.staff["doctor"].name in page
    assert clerk.post("/sharing/codes/undo/", {"kind": "lab", "key": key}).status_code == 302
    with clinic.work("doctor"):
        assert [(row.version, row.withdrawn) for row in LocalCode.objects.order_by("version")] == [
            (1, False),
            (2, True),
        ]
    assert doctor.post("/sharing/codes/choose/", given).status_code == 302
    unknown = doctor.post("/sharing/codes/choose/", {**given, "code": "GGT|123", "version": "3"})
    assert unknown.status_code == 422 and "一覧にありません" in unknown.content.decode()


def test_only_who_may_maps_codes(clinic):
    assert clinic.browser("nurse").get("/sharing/codes/").status_code == 403


def test_a_line_without_its_result_is_told_by_its_number_and_nothing_is_kept(clinic, doctor, visit):
    from tasuki_server.sharing.models import LabResult

    with clinic.work("doctor"):
        before = LabResult.objects.count()
    bad = {"name": ["AST", "ALT"], "value": ["20", ""], "low": ["a", ""], "day": "2999-01-01"}
    answer = doctor.post(f"/sharing/visit/{visit.id}/results/", bad)
    assert answer.status_code == 422 and "今日までの日" in answer.content.decode()
    answer = doctor.post(f"/sharing/visit/{visit.id}/results/", {**bad, "day": ""})
    page = answer.content.decode()
    assert "2行目に項目と結果" in page and "1行目の基準値「a」" in page and 'value="AST"' in page
    with clinic.work("doctor"):
        assert LabResult.objects.count() == before


def test_a_chosen_code_goes_with_the_result_and_a_name_without_one_goes_uncoded(clinic, doctor, visit):
    from tasuki_server.sharing.planning import preview

    with clinic.work("doctor"):
        *_, planned = preview(visit, clinic.staff["doctor"])
    assert planned.checked.is_sound, planned.checked.told
    coded = [entry["resource"]["code"]["coding"] for entry in planned.checked.bundle["entry"][1:]]
    assert [each[1]["code"] for each in coded] == ["3B090000002327101", "3B090000002327101", "9" * 17]
    assert coded[0][1]["display"] == "GGT" and coded[0][0]["code"] == coded[1][0]["code"]
