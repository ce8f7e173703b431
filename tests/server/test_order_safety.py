# SPDX-License-Identifier: Apache-2.0
"""処方の点検 — the chart tells dangers in three tiers, asks for the numbers it lacks, and stops 禁忌 until a reason is given."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta

import pytest

from made_up import LOXOPROFEN, TOKYO, make_insurance, make_patient, make_visit

pytestmark = pytest.mark.server
MONDAY = datetime(2026, 6, 15, 9, 30, tzinfo=TOKYO)
METFORMIN, SUVOREXANT, CLARITHROMYCIN, CANDESARTAN = "621974701", "622374201", "616140105", "610432012"
TEXTS = {"subjective": "架空の訴え", "objective": "", "assessment": "", "plan": ""}


@pytest.fixture
def doctor(server):
    """A browser of the doctor."""
    return server.first.browser("doctor")


def _visit(server, disease="", at=MONDAY, patient=None, **person):
    from tasuki_server.chart.diagnose import add_diagnosis
    from tasuki_server.orders.catalogue import day_book

    with server.first.work("doctor"):
        patient = patient or make_patient("試験 太郎", "シケン タロウ", **person)
        card = make_insurance(patient)
        if disease:
            add_diagnosis(patient, disease, [], date(2026, 1, 5), day_book(at.date()), is_main=True)
        return make_visit(patient, at, insurance_record=card.record_id)


def _post(browser, visit, part, **given):
    answer = browser.post(f"/orders/{visit.id}/{part}", given, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return answer.content.decode()


def _order(browser, server, visit, code, amount="1", usage="1日1回 朝食後", count="14"):
    _post(browser, visit, "add/", code=code)
    from tasuki_server.chart.draft import basket_of, find_draft

    with server.first.work("doctor"):
        order = basket_of(find_draft(visit.patient, server.first.staff["doctor"])).orders[-1]
    _post(browser, visit, f"{order.id}/0/", amount=amount)
    _post(browser, visit, f"{order.id}/", usage=usage)
    return _post(browser, visit, f"{order.id}/", count=count)


def _facts(browser, visit, **given):
    return _post(browser, visit, "facts/", facts_base=json.dumps({}), **given)


def _sign(browser, visit):
    page = browser.get(f"/chart/{visit.id}/?edit=1").content.decode()
    stamp = page.partition('name="text_stamp" value="')[2].partition('"')[0]
    return browser.post(f"/chart/{visit.id}/sign/", {"text_stamp": stamp, **TEXTS})


def _warnings(server, visit):
    from tasuki_server.chart.draft import find_draft
    from tasuki_server.chart.page import basket_state

    with server.first.work("doctor"):
        draft = find_draft(visit.patient, server.first.staff["doctor"])
        return basket_state(visit, draft).warnings


def test_a_contraindicated_disease_stops_the_signature_until_a_reason_is_given(server, doctor):
    from tasuki_server.orders.models import WarningOverride

    visit = _visit(server, disease="5319009")
    page = _order(doctor, server, visit, LOXOPROFEN, amount="4", usage="1日3回 毎食後")
    # Told by sign and word, not by colour alone; the excess of the dose is to be looked at.
    assert "■</span> 禁忌" in page and "禁忌病名: 消化性潰瘍（病名「胃潰瘍」）" in page
    assert "極量・上限: ロキソプロフェン 1日240mg" in page
    assert "ほかの医療機関の薬は確認していません。" in page
    refused = _sign(doctor, visit)
    assert refused.status_code == 422 and "禁忌病名" in refused.content.decode()
    stop, caution = _warnings(server, visit)
    assert (stop.blocks, caution.blocks) == (True, False)
    _post(doctor, visit, "override/", key=stop.key, reason="胃薬を合わせて出す")
    assert _sign(doctor, visit).status_code == 302
    with server.first.work():
        kept = WarningOverride.objects.get(visit=visit)
        assert (kept.code, kept.reason) == ("RX-A-07", "胃薬を合わせて出す")
        assert kept.facts["disease"] == "胃潰瘍"


def test_a_reason_does_not_cover_another_dose(server, doctor):
    from tasuki_server.chart.draft import basket_of, find_draft

    visit = _visit(server, born=date(2014, 6, 16))
    _order(doctor, server, visit, METFORMIN)
    _facts(doctor, visit, egfr="25")
    (first,) = [each for each in _warnings(server, visit) if each.blocks]
    _post(doctor, visit, "override/", key=first.key, reason="検査値を確かめた")
    _facts(doctor, visit, egfr="20")
    (second,) = [each for each in _warnings(server, visit) if each.blocks]
    assert second.key != first.key
    with server.first.work("doctor"):
        draft = find_draft(visit.patient, server.first.staff["doctor"])
        assert first.key in draft.overrides and second.key not in draft.overrides
        assert basket_of(draft).orders


def test_the_kidneys_are_asked_for_kept_and_used_again_at_the_next_visit(server, doctor):
    from tasuki_server.chart.models import Note

    visit = _visit(server)
    page = _order(doctor, server, visit, METFORMIN)
    assert "eGFRが分かりません" in page
    chart = doctor.get(f"/chart/{visit.id}/").content.decode()
    assert 'id="ask-body" open' in chart and "薬の点検に必要" in chart
    page = _facts(doctor, visit, egfr="４０", weight_kg="52.5")
    assert "腎機能: eGFR 40（2026-06-15）" in page and "分かりません" not in page
    assert _sign(doctor, visit).status_code == 302
    with server.first.work():
        note = Note.objects.get(visit=visit)
        assert note.facts["body"] == {"weight_kg": "52.5", "egfr": "40", "kidney_on": "2026-06-15"}
    assert "身体の数字: 体重（kg） 52.5、eGFR" in doctor.get(f"/chart/{visit.id}/").content.decode()
    later = _visit(server, at=MONDAY + timedelta(days=28), patient=visit.patient)
    assert "腎機能: eGFR 40（2026-06-15）" in _order(doctor, server, later, METFORMIN)
    assert "前回と同じ" in doctor.get(f"/chart/{later.id}/").content.decode()
    assert 'value="52.5"' in _post(doctor, later, "facts/same/body/")


def test_a_number_that_cannot_be_read_says_so_and_changes_nothing(server, doctor):
    visit = _visit(server)
    _order(doctor, server, visit, METFORMIN)
    for given, told in (
        ({"egfr": "多い"}, "「eGFR（mL/分/1.73㎡）」は1から200までの数字で"),
        ({"weight_kg": "5000"}, "「体重（kg）」は0.3から300までの数字で"),
        ({"creatinine": "1.2345"}, "小数は2桁まで"),
        ({"egfr": "40", "kidney_on": "2026-06-16"}, "受診日までの日付"),
    ):
        assert told in _facts(doctor, visit, **given)
    assert [each.code for each in _warnings(server, visit)] == ["RX-A-31"]


def test_pregnancy_is_asked_of_women_and_not_carried_over(server, doctor):
    visit = _visit(server, sex="female", born=date(1995, 4, 4))
    page = _order(doctor, server, visit, CANDESARTAN)
    assert "妊娠の有無を選ぶと点検します" in page
    page = _facts(doctor, visit, is_pregnant="yes", is_lactating="no")
    assert "妊娠中です。妊婦には使えません" in page and "■</span> 禁忌" in page
    _facts(doctor, visit, is_pregnant="no", weight_kg="50")
    assert _sign(doctor, visit).status_code == 302
    later = _visit(server, at=MONDAY + timedelta(days=28), patient=visit.patient)
    assert "妊娠の有無を選ぶと点検します" in _order(doctor, server, later, CANDESARTAN)
    man = _visit(server, born=date(1995, 4, 4))
    assert "妊娠" not in _order(doctor, server, man, CANDESARTAN)


def test_drugs_of_elsewhere_come_from_the_registered_provider(server, doctor):
    from tasuki.prescriptions.safety import Medicine
    from tasuki_server.orders import shared_drugs

    taken = Medicine(
        CLARITHROMYCIN, "架空クラリス", "6149003F2ZZZ", MONDAY.date() - timedelta(days=2),
        MONDAY.date() + timedelta(days=3), institution="架空クリニック",
    )  # fmt: skip
    visit = _visit(server)
    shared_drugs.register_shared_drugs(
        lambda patient: shared_drugs.SharedDrugs((taken,) if patient == visit.patient else (), is_asked=True)
    )
    try:
        page = _order(doctor, server, visit, SUVOREXANT)
    finally:
        shared_drugs.register_shared_drugs(shared_drugs.nobody_asked)
    assert "と、架空クリニックの「架空クラリス」" in page and "■</span> 禁忌" in page
    assert "ほかの医療機関の薬は確認していません" not in page


def test_drugs_given_here_before_are_met_by_what_is_ordered_now(server, doctor):
    visit = _visit(server)
    _order(doctor, server, visit, CLARITHROMYCIN, amount="2", usage="1日2回 朝夕食後", count="14")
    assert _sign(doctor, visit).status_code == 302
    later = _visit(server, at=MONDAY + timedelta(days=7), patient=visit.patient)
    page = _order(doctor, server, later, SUVOREXANT)
    assert "併用禁忌: 「ベルソムラ錠１５ｍｇ」と、前に出した「クラリス錠２００" in page
    after = _visit(server, at=MONDAY + timedelta(days=14), patient=visit.patient)
    doctor.post(f"/chart/{later.id}/discard/")
    assert "併用禁忌" not in _order(doctor, server, after, SUVOREXANT)


def test_an_imported_table_is_used_from_the_next_order_on(server, doctor, tmp_path, monkeypatch):
    from tasuki.prescriptions.safety import read_knowledge
    from tasuki_server.orders import drug_knowledge

    monkeypatch.setattr(drug_knowledge, "data_folder", lambda: tmp_path)
    visit = _visit(server)
    assert "架空の禁忌" not in _order(doctor, server, visit, SUVOREXANT)
    text = "drug\ttier\ttext\tsource\n1190023\t禁忌\t架空の禁忌\t架空\n"
    drug_knowledge.keep_tables("local", read_knowledge({"ages.tsv": text.encode()}).tables)
    assert "架空の禁忌" in _order(doctor, server, visit, LOXOPROFEN)
