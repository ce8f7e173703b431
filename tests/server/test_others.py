# SPDX-License-Identifier: Apache-2.0
"""他院の情報 — seen beside ours under consent or in an emergency, taken over once, undone, and gone when it ends."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from made_up import TOKYO, make_insurance, make_patient, make_visit
from records_stand_in import sharing, standing_in

pytestmark = pytest.mark.server
HYPERTENSION = "8833421"


@pytest.fixture(scope="module")
def clinic(server):
    with sharing(server.first) as clinic:
        yield clinic


@pytest.fixture
def service(clinic):
    with standing_in() as service:
        yield service


def _arrived(clinic, number):
    with clinic.work("reception"):
        patient = make_patient("共有 花子", "キョウユウ ハナコ", address="東京都架空区1-2-3")
        card = make_insurance(patient, number=number, branch="01")
        return make_visit(patient, at=datetime.now(TOKYO), insurance_record=card.record_id)


def _keep(clinic):
    from tasuki_server.institutions.models import Institution
    from tasuki_server.institutions.opening import system_actor
    from tasuki_server.sharing.viewing import attend_views

    with clinic.work("admin"):
        institution = Institution.objects.get()
    return attend_views(institution, system_actor(institution.id))


def _disease(code=HYPERTENSION, name="高血圧症", id="d1", **given):
    from tasuki.chart.visit import Diagnosis
    from tasuki.sharing.build.facts import ConditionFacts

    flags = given.pop("flags", frozenset())
    diagnosis = Diagnosis(code, date(2024, 5, 1), name=name, **given)
    return ConditionFacts(id, diagnosis, flags=flags, recorded_on=date(2024, 5, 1))


def _allergy(substance="そば", code="J9FA19140000", id="a1"):
    from tasuki.sharing.build.facts import AllergenKind, AllergyFacts, Criticality

    return AllergyFacts(
        id, AllergenKind.FOOD, substance, code, Criticality.HIGH, "じんましん", date(2025, 1, 2)
    )


def _told(service):
    """A hospital tells of a disease the patient does not know, an allergy and a result; everyone consented."""
    from records_stand_in import elsewhere
    from tasuki.sharing.build.facts import Flag

    service.tell("condition", elsewhere(_disease(flags=frozenset({Flag.UNINFORMED}))))
    service.tell("allergy", elsewhere(_allergy()))


def _look(clinic, visit, query="", role="doctor"):
    return clinic.browser(role).get(f"/sharing/visit/{visit.id}/others/{query}").content.decode()


def _ask(clinic, visit, role="doctor", **given):
    return clinic.browser(role).post(f"/sharing/visit/{visit.id}/others/ask/", given)


def test_others_stand_beside_ours_with_their_source_flags_and_consent(clinic, service):
    from tasuki_server.audit.models import AuditEvent
    from tasuki_server.patients.records import add_allergy

    visit = _arrived(clinic, "801")
    with clinic.work("doctor"):
        add_allergy(visit.patient, substance="そば", severity="severe", kind="food", noted_on=visit.day)
    _told(service)
    before = _look(clinic, visit)
    assert "まだ取り寄せていません" in before and "高血圧症" not in before and "カードリーダー" in before
    assert _ask(clinic, visit).status_code == 302
    assert _keep(clinic) == 1
    panel = clinic.browser("doctor").get(f"/sharing/visit/{visit.id}/others/panel/").content.decode()
    assert "取寄せ済み" in panel and "高血圧症" not in panel
    page = _look(clinic, visit)
    assert "高血圧症" in page and "となり野病院" in page and "⚑ 未告知" in page and "他院だけ" in page
    assert "傷病名" in page and "まで</small>" in page
    # そば is coded there and in words here: nobody said that they are the same.
    assert page.count("そば") >= 2
    with clinic.work("admin"):
        reads = AuditEvent.objects.filter(action="others.read", patient_id=visit.patient_id)
        assert reads.count() == 2 and reads.last().detail["shown"] == {"condition": 1, "other_allergy": 1}
    assert clinic.browser("reception").get(f"/sharing/visit/{visit.id}/others/").status_code == 403
    assert "傷病名</b>" not in _look(clinic, visit, "?part=laboratory")


def test_without_consent_nothing_is_seen_and_the_page_says_what_to_do(clinic, service):
    visit = _arrived(clinic, "802")
    _told(service)
    service.open_kinds.clear()
    _ask(clinic, visit)
    _keep(clinic)
    page = _look(clinic, visit)
    assert "閲覧できません" in page and "本人の同意がありません" in page and "高血圧症" not in page
    assert "取り寄せる" in page and "マイナポータル" in page


def test_a_line_that_is_down_waits_and_asks_again(clinic, service):
    from tasuki_server.sharing.line import NotAnswered
    from tasuki_server.sharing.models import OthersView

    visit = _arrived(clinic, "803")
    service.closed = True
    _ask(clinic, visit)
    _ask(clinic, visit)
    with pytest.raises(NotAnswered):
        _keep(clinic)
    assert "取り寄せています" in _look(clinic, visit)
    service.closed = False
    service.tell("condition")
    with clinic.work("doctor"):
        rows = OthersView.objects.filter(patient=visit.patient_id)
        assert rows.count() == 1
        rows.update(next_at=datetime.now(TOKYO))
    assert _keep(clinic) == 1
    keys = [body for method, path, body in service.asked if path == "views"]
    assert keys and keys[0]["basis"] == "reader" and "condition" in keys[0]["kinds"]


def _decide(clinic, visit, source, decision, role="doctor"):
    return clinic.browser(role).post(
        f"/sharing/visit/{visit.id}/others/decide/?part=", {"source": source, "decision": decision}
    )


def test_a_disease_and_an_allergy_are_taken_over_once_and_undone(clinic, service):
    from tasuki_server.chart.models import DiagnosisRecord
    from tasuki_server.patients.models import AllergyRecord
    from tasuki_server.sharing.models import Reconciled

    visit = _arrived(clinic, "804")
    _told(service)
    _ask(clinic, visit)
    _keep(clinic)
    disease, allergy = "1310000000^Condition^d1", "1310000000^AllergyIntolerance^a1"
    assert _decide(clinic, visit, disease, "taken", "nurse").status_code == 403
    for _ in range(2):
        assert _decide(clinic, visit, disease, "taken").status_code == 302
        assert _decide(clinic, visit, allergy, "taken").status_code == 302
    with clinic.work("doctor"):
        (row,) = DiagnosisRecord.objects.filter(patient=visit.patient_id)
        # 診療開始日 is ours; what the other institution said stays with the decision.
        assert (row.code, row.since) == (HYPERTENSION, visit.day)
        (taken,) = Reconciled.objects.filter(patient=visit.patient_id, source=disease)
        assert (taken.made_record, taken.source_number, taken.source_on) == (
            row.record_id, "1310000000", date(2024, 5, 1)
        )  # fmt: skip
        assert taken.source_version != "" and taken.made_by_id == clinic.staff["doctor"].id
        assert AllergyRecord.objects.get(patient=visit.patient_id).severity == "severe"
    page = _look(clinic, visit)
    assert "引き継いだ" in page and "自院・他院" in page and "となり野病院（2024-05-01）から" in page
    undo = f"/sharing/visit/{visit.id}/others/undo/{taken.record_id}/"
    assert clinic.browser("doctor").post(undo, {"version": "1"}).status_code == 302
    assert clinic.browser("doctor").post(undo, {"version": "1"}).status_code == 404
    with clinic.work("doctor"):
        assert not DiagnosisRecord.objects.current().filter(patient=visit.patient_id).exists()
    assert _decide(clinic, visit, disease, "taken").status_code == 302
    with clinic.work("doctor"):
        assert DiagnosisRecord.objects.current().filter(patient=visit.patient_id).count() == 1


def test_what_is_ours_by_the_key_is_known_and_not_taken_twice(clinic, service):
    from tasuki_server.chart.diagnose import add_diagnosis
    from tasuki_server.chart.models import DiagnosisRecord
    from tasuki_server.orders.catalogue import day_book
    from tasuki_server.sharing.models import Reconciled

    visit = _arrived(clinic, "805")
    with clinic.work("doctor"):
        ours = add_diagnosis(visit.patient, HYPERTENSION, [], visit.day, day_book(visit.day))
    _told(service)
    _ask(clinic, visit)
    _keep(clinic)
    assert "自院・他院" in _look(clinic, visit)
    _decide(clinic, visit, "1310000000^Condition^d1", "taken")
    with clinic.work("doctor"):
        (row,) = Reconciled.objects.filter(patient=visit.patient_id)
        assert (row.decision, row.made_record) == ("known", ours.record_id)
        assert DiagnosisRecord.objects.filter(patient=visit.patient_id).count() == 1


def test_what_our_master_does_not_know_is_refused_with_what_to_do(clinic, service):
    from records_stand_in import elsewhere
    from tasuki.chart.visit import Outcome

    visit = _arrived(clinic, "806")
    service.tell("condition", elsewhere(_disease("0000999", "架空熱", "d2")))
    ended = _disease(id="d3", outcome=Outcome.CURED, ended_on=date(2025, 1, 1))
    service.tell("condition", elsewhere(ended))
    _ask(clinic, visit)
    _keep(clinic)
    refused = _decide(clinic, visit, "1310000000^Condition^d2", "taken")
    assert refused.status_code == 422 and "病名の欄で選んで" in refused.content.decode()
    refused = _decide(clinic, visit, "1310000000^Condition^d3", "taken")
    assert refused.status_code == 422 and "確認済み" in refused.content.decode()
    assert _decide(clinic, visit, "1310000000^Condition^d3", "known").status_code == 302
    assert _decide(clinic, visit, "1310000000^Condition^none", "known").status_code == 404


def test_a_drug_goes_into_the_draft_and_comes_out_again(clinic, service):
    from decimal import Decimal

    from made_up import AMLODIPINE
    from records_stand_in import elsewhere
    from tasuki.chart.orders import OrderKind
    from tasuki.sharing.build import from_book
    from tasuki.sharing.build.facts import PrescribedDrug
    from tasuki_server.chart.draft import basket_of, find_draft
    from tasuki_server.orders.catalogue import day_book
    from tasuki_server.sharing.models import Reconciled

    visit = _arrived(clinic, "807")
    drug = PrescribedDrug(
        "p1", 1, 1, OrderKind.INTERNAL, AMLODIPINE, "アムロジピン錠５ｍｇ「サワイ」", Decimal(1), "錠", 28, "1日1回 朝食後",
        datetime(2026, 11, 1, 9, tzinfo=TOKYO), date(2026, 11, 1), categories=("OHO",),
    )  # fmt: skip
    with clinic.work("doctor"):
        codes = from_book(day_book(visit.day), [drug])
    service.tell("prescription", elsewhere(drug, *codes))
    _ask(clinic, visit)
    _keep(clinic)
    answer = _decide(clinic, visit, "1310000000^MedicationRequest^p1", "taken")
    assert answer.status_code == 302, answer.content.decode()
    with clinic.work("doctor"):
        draft = find_draft(visit.patient, clinic.staff["doctor"])
        (order,) = basket_of(draft).orders
        assert (order.items[0].code, order.count, order.usage) == (AMLODIPINE, 28, "1日1回 朝食後")
        row = Reconciled.objects.get(patient=visit.patient_id)
    undo = f"/sharing/visit/{visit.id}/others/undo/{row.record_id}/"
    assert clinic.browser("doctor").post(undo, {"version": "1"}).status_code == 302
    with clinic.work("doctor"):
        assert basket_of(find_draft(visit.patient, clinic.staff["doctor"])).orders == ()


def test_the_copy_goes_when_it_ends_and_a_kind_with_its_consent(clinic, service):
    from tasuki_server.sharing.models import OthersView
    from tasuki_server.sharing.viewing import end_copies, held_of

    visit = _arrived(clinic, "808")
    _told(service)
    service.until = datetime.now(TOKYO) + timedelta(minutes=20)
    _ask(clinic, visit)
    _keep(clinic)
    with clinic.work("admin"):
        row = OthersView.objects.get(patient=visit.patient_id)
        assert row.until_at == service.until
        assert held_of(row, service.until + timedelta(seconds=1)).sets == ()
        assert end_copies(service.until + timedelta(seconds=1)) >= 1
        row.refresh_from_db()
        assert row.data is None and row.deleted_at is not None
    assert "控えは消えました" in _look(clinic, visit)


def test_an_emergency_needs_words_and_somebody_elses_review(clinic, service):
    from tasuki_server.sharing.models import OthersView

    visit = _arrived(clinic, "809")
    _told(service)
    service.open_kinds.clear()
    refused = _ask(clinic, visit, way="emergency", words=" ")
    assert refused.status_code == 422 and "言葉で" in refused.content.decode()
    assert _ask(clinic, visit, way="emergency", words="意識がなく、同意を確かめられない。").status_code == 302
    _keep(clinic)
    page = _look(clinic, visit)
    assert "救急時閲覧" in page and "意識がなく" in page and "高血圧症" in page
    with clinic.work("doctor"):
        row = OthersView.objects.get(patient=visit.patient_id)
    address = f"/sharing/emergencies/{row.id}/"
    own = clinic.browser("doctor").post(address, {"ok": "1", "words": "必要だった"})
    assert own.status_code == 422 and "自分では確認できません" in own.content.decode()
    assert "救急時閲覧" in clinic.browser("admin").get("/").content.decode()
    admin = clinic.browser("admin")
    assert "意識がなく" in admin.get("/sharing/emergencies/").content.decode()
    assert admin.post(address, {"ok": "0", "words": "同意を待てた。"}).status_code == 302
    assert admin.post(address, {"ok": "1", "words": "もう一度"}).status_code == 422
    # What was not justified is not held any longer.
    assert "高血圧症" not in _look(clinic, visit)


def test_a_withdrawal_reaches_the_copy_that_an_earlier_fetching_left(clinic, service):
    from tasuki_server.sharing.models import OthersView

    visit = _arrived(clinic, "812")
    _told(service)
    _ask(clinic, visit)
    _keep(clinic)
    assert "高血圧症" in _look(clinic, visit)
    service.open_kinds.clear()
    _ask(clinic, visit)
    assert _keep(clinic) == 1
    assert "高血圧症" not in _look(clinic, visit)
    with clinic.work("admin"):
        assert not OthersView.objects.filter(patient=visit.patient_id, data__isnull=False).exists()


def test_an_emergency_that_was_not_justified_is_not_fetched_any_more(clinic, service):
    from tasuki_server.sharing.models import OthersView

    visit = _arrived(clinic, "813")
    _told(service)
    service.open_kinds.clear()
    _ask(clinic, visit, way="emergency", words="意識がなく、同意を確かめられない。")
    with clinic.work("doctor"):
        row = OthersView.objects.get(patient=visit.patient_id)
    address = f"/sharing/emergencies/{row.id}/"
    assert clinic.browser("admin").post(address, {"ok": "0", "words": "同意を待てた。"}).status_code == 302
    assert _keep(clinic) == 0
    assert not [path for _, path, _ in service.asked if path == "views"]
    page = _look(clinic, visit)
    assert "高血圧症" not in page and "適切でなかった" in page


def test_what_stands_in_a_unit_and_in_a_letter_as_well_is_one(clinic, service):
    from records_stand_in import elsewhere

    visit = _arrived(clinic, "811")
    service.tell("condition", elsewhere(_disease(name="高血圧症（前の版）")))
    service.tell("condition", elsewhere(_disease()))
    _ask(clinic, visit)
    _keep(clinic)
    page = _look(clinic, visit, "?part=condition")
    assert "前の版" not in page and page.count("となり野病院 <small") == 1


def test_results_of_two_units_are_two_and_only_one_unit_makes_a_course():
    from records_stand_in import elsewhere, hba1c
    from tasuki.sharing.build import lab_mapping
    from tasuki_server.sharing.side_groups import course_of, groups_of
    from tasuki_server.sharing.side_items import others_item

    mapped = lab_mapping("L1", "HbA1c", _code_of_hba1c(), "試験", date(2026, 1, 1))
    rows = [
        ("6.9", "%", date(2026, 1, 5)),
        ("7.4", "%", date(2026, 6, 5)),
        ("57", "mmol/mol", date(2026, 6, 6)),
    ]
    items = []
    for place, (value, unit, day) in enumerate(rows):
        resource = elsewhere(hba1c(value, day, unit=unit, id=str(place)), mapped)
        items.append(others_item(resource, "1310000000", "となり野病院"))
    percent, other = sorted(groups_of(items, {}), key=lambda each: len(each.rows), reverse=True)
    assert (percent.has_course, other.has_course) == (True, False)
    assert [row.item.on for row in percent.rows] == [date(2026, 6, 5), date(2026, 1, 5)]
    drawn = course_of(percent)
    assert "7.4" in drawn and "57" not in drawn


def _code_of_hba1c():
    from tasuki.sharing.codes import find_lab_codes

    return find_lab_codes("HbA1c", "%", "全血", 1)[0].code
