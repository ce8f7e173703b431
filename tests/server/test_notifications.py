# SPDX-License-Identifier: Apache-2.0
"""感染症発生届（医療機関側） — proposed beside the chart, never by itself; drafted, signed, printed, handed in, corrected."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest

from made_up import TOKYO, make_patient, make_visit

pytestmark = pytest.mark.server
MEASLES, PERTUSSIS, SYPHILIS, TUBERCULOSIS, HYPERTENSION = (
    "0559004",
    "0339001",
    "8839057",
    "8838810",
    "8833421",
)
WHO = {
    "occupation": "会社員",
    "whereabouts": "自宅",
    "address": "東京都架空区1-2-3",
}


@pytest.fixture(scope="module")
def clinic(server):
    return server.first


def _arrived(clinic, name="届出 花子", born=None):
    with clinic.work("reception"):
        given = {} if born is None else {"born": born}
        patient = make_patient(name, "トドケデ ハナコ", address="東京都架空区1-2-3", **given)
        return make_visit(patient, at=datetime.now(TOKYO))


def _disease(clinic, visit, code, modifiers=(), since=None):
    from tasuki_server.chart.diagnose import add_diagnosis
    from tasuki_server.orders.catalogue import day_book

    with clinic.work("doctor"):
        return add_diagnosis(visit.patient, code, modifiers, since or visit.day, day_book(visit.day))


def _filled(clinic, visit, code, **more):
    """The boxes as the page shows them, with what a doctor adds to make it whole."""
    from tasuki_server.notifications.access import access_disease
    from tasuki_server.notifications.prefill import prefilled
    from tasuki_server.notifications.typed import box_names

    with clinic.work("doctor"):
        disease = access_disease(code, visit)
        typed = {
            name: values[0] for name, values in prefilled(visit, disease, clinic.staff["doctor"]).items()
        }
        known = set(box_names(disease))
    added = {
        "symptom": "1",
        "method_words": "臨床診断",
        "cause_words": "不明",
        "cause.certainty": "presumed",
        "region": "東京都",
        "region.is_abroad": "false",
        "region.certainty": "presumed",
        "reporter.address": "東京都架空区9-9-9",
        **WHO,
    }
    made = typed | {name: value for name, value in added.items() if name in known} | more
    return {name: value for name, value in made.items() if value is not None}


def _signed(clinic, visit, code, **more):
    from tasuki_server.notifications.models import DiseaseNotice

    page = clinic.browser("doctor").post(
        f"/notifications/visit/{visit.id}/write/{code}/sign/", _filled(clinic, visit, code, **more)
    )
    assert page.status_code == 302, page.content.decode()
    with clinic.work("doctor"):
        return DiseaseNotice.objects.filter(visit=visit).order_by("-made_at").first()


def _text(answer):
    return answer.content.decode()


def test_a_diagnosis_is_proposed_with_its_class_and_day(clinic):
    visit = _arrived(clinic)
    doctor = clinic.browser("doctor")
    panel = f"/notifications/visit/{visit.id}/panel/"
    assert "感染症の届出" not in _text(doctor.get(panel))
    _disease(clinic, visit, HYPERTENSION)
    _disease(clinic, visit, PERTUSSIS)
    shown = _text(doctor.get(panel))
    assert "百日咳" in shown and "五類感染症・診断から7日以内" in shown and "発生届を書く" in shown
    assert f"{visit.day + timedelta(days=7):%-m/%-d}まで" in shown
    assert "発生届を書く" not in _text(clinic.browser("clerk").get(panel))
    with clinic.work("doctor"):
        from tasuki_server.notifications.models import DiseaseNotice, NoticeDraft

        assert not DiseaseNotice.objects.filter(visit=visit).exists()
        assert not NoticeDraft.objects.filter(visit=visit).exists()


def test_a_suspected_disease_is_proposed_only_where_suspicion_is_reported(clinic):
    from tasuki_server.notifications.hints import hints_of

    visit = _arrived(clinic)
    _disease(clinic, visit, PERTUSSIS, ["8002"])
    _disease(clinic, visit, TUBERCULOSIS, ["8002"])
    with clinic.work("doctor"):
        assert [each.disease.code for each in hints_of(visit)] == ["tuberculosis"]
    filled = _filled(clinic, visit, "tuberculosis")
    assert filled["subject"] == "suspected"


def test_an_old_or_ended_disease_is_not_proposed(clinic):
    from tasuki.chart.visit import Outcome
    from tasuki_server.chart.diagnose import close_diagnosis
    from tasuki_server.notifications.hints import hints_of

    visit = _arrived(clinic)
    _disease(clinic, visit, SYPHILIS, since=visit.day - timedelta(days=61))
    ended = _disease(clinic, visit, PERTUSSIS)
    with clinic.work("doctor"):
        assert [each.disease.code for each in hints_of(visit)] == ["pertussis"]
        close_diagnosis(ended, Outcome.CURED, visit.day, read_version=1)
        assert hints_of(visit) == []


def test_the_page_is_filled_in_from_the_chart_and_a_nameless_form_has_no_name(clinic):
    visit = _arrived(clinic)
    doctor = clinic.browser("doctor")
    named = _text(doctor.get(f"/notifications/visit/{visit.id}/write/measles/"))
    assert 'name="name" value="届出 花子"' in named and 'name="occupation"' in named
    assert f'name="diagnosed_on" value="{visit.day}"' in named
    nameless = _text(doctor.get(f"/notifications/visit/{visit.id}/write/pertussis/"))
    assert 'name="name"' not in nameless and 'name="address"' not in nameless
    assert 'name="reporter.address"' in nameless and "氏名・住所・職業は書きません" in nameless
    assert doctor.get(f"/notifications/visit/{visit.id}/write/colds/").status_code == 404


def test_a_draft_is_kept_as_typed_and_another_window_is_told(clinic):
    from tasuki_server.notifications.models import NoticeDraft

    visit = _arrived(clinic)
    doctor, address = clinic.browser("doctor"), f"/notifications/visit/{visit.id}/write/measles/"
    saved = doctor.post(address, {"stamp": "0", "diagnosed_on": "あす", "name": "届出 花子"})
    assert saved.status_code == 200 and "「あす」を読めません" in _text(saved)
    assert 'value="あす"' in _text(doctor.get(address))
    stale = doctor.post(address, {"stamp": "0", "diagnosed_on": "2026-01-01"})
    assert stale.status_code == 409 and "先に保存されています" in _text(stale)
    assert 'name="stamp" value="1"' in _text(stale) and 'value="2026-01-01"' in _text(stale)
    assert doctor.post(address, {"stamp": "1", "diagnosed_on": f"{visit.day}"}).status_code == 200
    with clinic.work("doctor"):
        (draft,) = NoticeDraft.objects.filter(visit=visit)
        assert (draft.stamp, draft.due_on) == (2, visit.day)


def test_a_draft_prints_at_any_time_stamped_and_says_what_is_missing(clinic):
    from io import BytesIO

    from pypdf import PdfReader

    from tasuki_server.audit.models import AuditEvent

    visit = _arrived(clinic)
    doctor, address = clinic.browser("doctor"), f"/notifications/visit/{visit.id}/write/measles/"
    sent = {
        "stamp": "0",
        "diagnosed_on": "あす",
        "name": "届出 花子",
        "symptom_words": "発しん三日目",
        "print": "1",
    }
    answer = doctor.post(address, sent)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{address}draft.pdf")
    printed = doctor.get(f"{address}draft.pdf")
    assert printed.headers["Content-Type"] == "application/pdf"
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(printed.content)).pages)
    text = "".join(text.split())
    assert "保健所に出さないでください" in text and "発しん三日目" in text
    assert "「あす」を読めません" in text and "性別を選んでください" in text
    assert 'name="print"' in _text(doctor.get(address))
    drafts = _text(doctor.get("/notifications/?show=draft&sort=patient"))
    assert address in drafts and "要確認" not in drafts
    with clinic.work("admin"):
        kinds = [e.detail.get("kind") for e in AuditEvent.objects.filter(action="document.read", patient_id=visit.patient_id)]  # fmt: skip
        assert kinds == ["notification-draft"]
    reception = clinic.browser("reception", raise_request_exception=False)
    assert reception.get(f"{address}draft.pdf").status_code == 403


def test_nothing_wrong_is_signed_and_every_reason_is_told(clinic):
    from tasuki_server.notifications.models import DiseaseNotice

    visit = _arrived(clinic)
    doctor, address = clinic.browser("doctor"), f"/notifications/visit/{visit.id}/write/measles/sign/"
    empty = doctor.post(address, {})
    assert empty.status_code == 422 and "性別を選んでください" in _text(empty)
    lacking = doctor.post(address, _filled(clinic, visit, "measles", occupation=None, type=None))
    assert lacking.status_code == 422
    assert "職業がありません" in _text(lacking) and "病型がありません" in _text(lacking)
    odd = doctor.post(address, _filled(clinic, visit, "measles", subject="suspected"))
    assert odd.status_code == 422 and "類型を選んでください" in _text(odd)
    with clinic.work("doctor"):
        assert not DiseaseNotice.objects.filter(visit=visit).exists()


def test_words_beside_a_tick_are_never_lost(clinic):
    visit = _arrived(clinic)
    doctor = clinic.browser("doctor")
    row = _signed(
        clinic, visit, "syphilis", **{"type": "1", "extra.words:1": "あり", "symptom.words:15": "倦怠感"}
    )
    page = _text(doctor.get(f"/notifications/{row.record_id}/"))
    assert "妊娠の有無（あり）" in page and "その他（倦怠感）" in page and "初期硬結" in page
    typed = _filled(clinic, visit, "tuberculosis", **{"type": "1", "type.words:2": "腎"})
    refused = doctor.post(f"/notifications/visit/{visit.id}/write/tuberculosis/sign/", typed)
    assert refused.status_code == 422 and "選ばれていない「肺外結核」に内容があります" in _text(refused)


def test_a_minor_wants_a_guardian_and_a_question_wants_an_answer(clinic):
    visit = _arrived(clinic, born=datetime.now(TOKYO).date() - timedelta(days=170))
    doctor, address = clinic.browser("doctor"), f"/notifications/visit/{visit.id}/write/ehec/sign/"
    child = _filled(clinic, visit, "ehec", subject="carrier")
    assert child["age_years"] == "0" and child["age_months"] == "5"
    refused = doctor.post(address, child)
    assert refused.status_code == 422 and "保護者の氏名がありません" in _text(refused)
    child |= {"guardian_name": "届出 太郎", "guardian_address": "同上"}
    asked = doctor.post(address, child)
    assert asked.status_code == 422 and "確認しました" in _text(asked)
    assert doctor.post(address, {**child, "confirmed": "1"}).status_code == 302


def test_a_signed_notice_prints_as_signed_and_its_fhir_names_nobody(clinic):
    from tasuki.notifications.response import read_response
    from tasuki_server.notifications.forms_in_use import current_table

    visit = _arrived(clinic, "無名 桜子")
    row = _signed(clinic, visit, "syphilis", type="1", **{"name": "無名 桜子"})
    doctor = clinic.browser("doctor")
    page = _text(doctor.get(f"/notifications/{row.id}/"))
    assert "要提出" in page and "早期顕症梅毒Ⅰ期" in page
    pdf = doctor.get(f"/notifications/{row.record_id}/notification.pdf")
    assert pdf["Content-Type"] == "application/pdf" and pdf.content.startswith(b"%PDF")
    from tasuki_server.notifications.signing import is_as_signed

    assert is_as_signed(row, pdf.content)
    fhir = doctor.get(f"/notifications/{row.record_id}/notification.json")
    notice, _ = read_response(json.loads(fhir.content), current_table())
    assert not notice.identity.is_told and "桜子" not in fhir.content.decode()
    assert notice.reporter.doctor == clinic.staff["doctor"].name


def test_numbers_have_no_gap_and_the_draft_is_gone(clinic):
    from tasuki_server.notifications.models import NoticeDraft

    visit, other = _arrived(clinic), _arrived(clinic)
    address = f"/notifications/visit/{visit.id}/write/pertussis/"
    clinic.browser("doctor").post(address, {"stamp": "0", "diagnosed_on": f"{visit.day}"})
    first = _signed(clinic, visit, "pertussis")
    second = _signed(clinic, other, "pertussis")
    assert second.number == first.number + 1
    with clinic.work("doctor"):
        assert not NoticeDraft.objects.filter(visit=visit).exists()


def test_it_is_open_until_someone_says_how_it_was_handed_in(clinic):
    visit = _arrived(clinic, "一覧 一郎")
    _disease(clinic, visit, PERTUSSIS)
    row = _signed(clinic, visit, "pertussis")
    doctor, nurse = clinic.browser("doctor"), clinic.browser("nurse")
    panel = f"/notifications/visit/{visit.id}/panel/"
    assert "要提出" in _text(doctor.get(panel))
    shown = _text(doctor.get("/notifications/?q=一覧"))
    assert "百日咳" in shown and "要提出" in shown
    address = f"/notifications/{row.record_id}/submitted/"
    assert nurse.post(address, {"stamp": "1", "way": ""}).status_code == 422
    assert nurse.post(address, {"stamp": "1", "way": "exchange"}).status_code == 422
    assert nurse.post(address, {"stamp": "1", "way": "fax", "words": "架空保健所"}).status_code == 302
    assert "百日咳" not in _text(doctor.get("/notifications/?q=一覧"))
    assert "届出済" in _text(doctor.get("/notifications/?q=一覧&show=done"))
    assert "架空保健所" in _text(doctor.get(f"/notifications/{row.record_id}/"))
    assert "届出済" in _text(doctor.get(panel))
    assert nurse.post(address, {"stamp": "1", "way": "fax", "act": "undo"}).status_code == 302
    assert "百日咳" in _text(doctor.get("/notifications/?q=一覧"))


def test_a_correction_says_why_and_is_handed_in_anew(clinic):
    from tasuki_server.notifications.models import DiseaseNotice

    visit = _arrived(clinic)
    row = _signed(clinic, visit, "pertussis")
    doctor = clinic.browser("doctor")
    doctor.post(f"/notifications/{row.record_id}/submitted/", {"stamp": "1", "way": "web"})
    address = f"/notifications/{row.record_id}/revise/"
    assert "持続する咳" in _text(doctor.get(address))
    filled = _filled(clinic, visit, "pertussis", remarks="家族に咳", stamp="1")
    assert doctor.post(address, filled).status_code == 422
    assert doctor.post(address, {**filled, "reason": "家族の症状が分かった"}).status_code == 302
    assert doctor.post(address, {**filled, "reason": "二重"}).status_code == 409
    page = _text(doctor.get(f"/notifications/{row.record_id}/"))
    assert "前の版は届出済みです" in page and "家族の症状が分かった" in page
    assert doctor.post(f"/notifications/{row.id}/submitted/", {"stamp": "1", "way": "web"}).status_code == 422
    with clinic.work("doctor"):
        versions = list(DiseaseNotice.objects.filter(record_id=row.record_id).order_by("version"))
        assert [(each.version, each.number) for each in versions] == [(1, row.number), (2, row.number)]


def test_a_withdrawn_notice_says_so_and_asks_to_tell(clinic):
    visit = _arrived(clinic)
    row = _signed(clinic, visit, "measles", type="2")
    doctor, address = clinic.browser("doctor"), f"/notifications/{row.record_id}/withdraw/"
    doctor.post(f"/notifications/{row.record_id}/submitted/", {"stamp": "1", "way": "phone"})
    assert doctor.post(address, {"stamp": "1"}).status_code == 422
    assert doctor.post(address, {"stamp": "1", "reason": "PCR陰性"}).status_code == 302
    page = _text(doctor.get(f"/notifications/{row.record_id}/"))
    assert "取り下げました（PCR陰性）" in page and "保健所にも取下げを連絡" in page


def test_a_late_one_is_told_on_the_list_and_the_first_page(clinic):
    visit = _arrived(clinic, "期限 太郎")
    _disease(clinic, visit, PERTUSSIS, since=visit.day - timedelta(days=10))
    doctor = clinic.browser("doctor")
    shown = _text(doctor.get("/notifications/?show=late&q=期限"))
    assert "期限超過" in shown and "百日咳" in shown
    assert "届け出る感染症" in _text(doctor.get("/"))


def test_a_doctor_may_decide_against_it_with_a_reason(clinic):
    visit = _arrived(clinic, "判断 花子")
    row = _disease(clinic, visit, SYPHILIS)
    doctor, address = clinic.browser("doctor"), f"/notifications/visit/{visit.id}/decide/"
    given = {"diagnosis": str(row.record_id), "disease": "syphilis", "act": "dismiss"}
    assert doctor.post(address, given).status_code == 422
    assert doctor.post(address, {**given, "words": "届出の基準を満たさない"}).status_code == 302
    assert "梅毒" not in _text(doctor.get("/notifications/?q=判断"))
    assert "届出しない" in _text(doctor.get(f"/notifications/visit/{visit.id}/panel/"))
    assert doctor.post(address, {**given, "act": "undo"}).status_code == 302
    assert "梅毒" in _text(doctor.get("/notifications/?q=判断"))
    assert clinic.browser("nurse").post(address, given).status_code == 403


def test_the_list_does_not_say_what_a_sealed_patient_has(clinic):
    """The row and its day stay for whoever hands it in; the disease is what the seal is for."""
    from tasuki_server.privacy.marks import add_mark, withdraw_mark

    visit = _arrived(clinic, "封じ 花子")
    row = _signed(clinic, visit, "syphilis", type="1", **{"name": "無名 桜子"})
    draft = f"/notifications/visit/{visit.id}/"
    saved = clinic.browser("doctor").post(f"{draft}write/measles/", {"stamp": "0", "diagnosed_on": "あす"})
    assert saved.status_code == 200
    with clinic.work("doctor"):
        mark = add_mark(visit.patient, "sealed", [clinic.staff["doctor"]], "本人の希望")
    try:
        place = f"/notifications/{row.record_id}/"
        seen, hidden = (
            _text(clinic.browser(role).get("/notifications/?show=all")) for role in ("doctor", "nurse")
        )
        line = next(each for each in hidden.split("<tr>") if place in each)
        assert row.title in next(each for each in seen.split("<tr>") if place in each)
        assert row.title not in line and "閲覧制限" in line and str(visit.patient.number) in line
        found = _text(clinic.browser("nurse").get("/notifications/", {"show": "all", "q": row.title}))
        assert place not in found
        # The address of a draft names the disease.
        seen, hidden = (
            _text(clinic.browser(role).get("/notifications/?show=draft")) for role in ("doctor", "nurse")
        )
        assert f"{draft}write/" in seen and f"{draft}write/" not in hidden
        assert f'href="{draft}"' in hidden
    finally:
        with clinic.work("doctor"):
            withdraw_mark(mark, read_version=mark.version, why="確かめた")


def test_only_a_doctor_signs_and_another_institution_sees_nothing(clinic, server):
    visit = _arrived(clinic)
    row = _signed(clinic, visit, "pertussis")
    nurse = clinic.browser("nurse")
    address = f"/notifications/visit/{visit.id}/write/pertussis/"
    assert nurse.get(address).status_code == 200
    assert nurse.post(f"{address}sign/", _filled(clinic, visit, "pertussis")).status_code == 403
    assert clinic.browser("reception").get(f"/notifications/{row.record_id}/").status_code == 403
    stranger = server.second.browser("doctor")
    for path in ("", "notification.pdf", "notification.json", "revise/"):
        assert stranger.get(f"/notifications/{row.record_id}/{path}").status_code == 404


def test_each_read_and_act_is_in_the_trail(clinic):
    from tasuki_server.audit.models import AuditEvent

    visit = _arrived(clinic)
    _disease(clinic, visit, PERTUSSIS)
    doctor = clinic.browser("doctor")
    doctor.get(f"/notifications/visit/{visit.id}/panel/")
    row = _signed(clinic, visit, "pertussis")
    doctor.get(f"/notifications/{row.record_id}/")
    doctor.get(f"/notifications/{row.record_id}/notification.pdf")
    doctor.post(f"/notifications/{row.record_id}/submitted/", {"stamp": "1", "way": "fax"})
    with clinic.work("admin"):
        found = set(AuditEvent.objects.filter(patient_id=visit.patient_id).values_list("action", flat=True))
    assert {
        "notification.hint",
        "notification.sign",
        "notification.read",
        "document.read",
        "notification.submit",
    } <= found


def test_the_documents_page_leads_here(clinic):
    visit = _arrived(clinic)
    page = _text(clinic.browser("doctor").get(f"/documents/visit/{visit.id}/"))
    assert f"/notifications/visit/{visit.id}/" in page
    assert "/notifications/visit/" not in _text(
        clinic.browser("reception").get(f"/documents/visit/{visit.id}/")
    )
    whole = _text(clinic.browser("doctor").get(f"/notifications/visit/{visit.id}/?q=麻しん"))
    assert "write/measles/" in whole and "write/syphilis/" not in whole


class _Center:
    """A 保健所 behind the stand-in: takes, refuses or is away."""

    def __init__(self):
        self.taken, self.refuse, self.away = [], "", False

    async def handle(self, call):
        from tasuki_server.platform.engine import Reply

        if self.away:
            return Reply(503, "application/json", b"")
        assert (call.method, call.parts) == ("POST", ("notifications",))
        if self.refuse:
            issue = {"severity": "error", "code": "value", "diagnostics": self.refuse}
            outcome = {"resourceType": "OperationOutcome", "issue": [issue]}
            return Reply(422, "application/fhir+json", json.dumps(outcome).encode())
        self.taken.append(json.loads(call.body))
        return Reply(200, "application/json", json.dumps({"id": "n-1", "state": "sent"}).encode())


@pytest.fixture
def center(clinic):
    from tasuki_server.platform.engine import Service, refusal
    from tasuki_server.platform.house import close_house
    from tasuki_server.platform.services import SERVICES

    made, before = _Center(), SERVICES.get("records")
    SERVICES["records"] = Service(
        "records", {"": "client"}, made.handle, lambda status, error, _: refusal(status, error)
    )
    yield made
    if before is None:
        del SERVICES["records"]
    else:
        SERVICES["records"] = before
    close_house()


def test_the_stand_in_takes_a_notice_and_a_refusal_is_told(clinic, center):
    visit = _arrived(clinic)
    row = _signed(clinic, visit, "pertussis")
    doctor, address = clinic.browser("doctor"), f"/notifications/{row.record_id}/send/"
    assert doctor.post(address, {"stamp": "1", "receiver": "1310000001"}).status_code == 422
    center.refuse = "接続している保健所ではありません。"
    refused = doctor.post(address, {"stamp": "1", "receiver": "1370000001"})
    assert refused.status_code == 422 and "接続している保健所ではありません" in _text(refused)
    center.refuse, center.away = "", True
    away = doctor.post(address, {"stamp": "1", "receiver": "1370000001"})
    assert away.status_code == 422 and "送れませんでした" in _text(away)
    center.away = False
    assert doctor.post(address, {"stamp": "1", "receiver": "1370000001"}).status_code == 302
    (taken,) = center.taken
    assert taken["receiver"] == "1370000001" and taken["response"] == row.response
    page = _text(doctor.get(f"/notifications/{row.record_id}/"))
    assert "届出済" in page and "受付 n-1" in page
    assert clinic.browser("nurse").post(address, {"stamp": "1", "receiver": "1370000001"}).status_code == 403


def test_after_a_lost_answer_the_doctor_is_told_that_it_may_be_sent_again(clinic):
    from tasuki.kernel.finding import BadInput
    from tasuki.kernel.messages import sentence
    from tasuki_server.notifications.models import Submission
    from tasuki_server.notifications.sending import send
    from tasuki_server.platform.engine import Reply
    from tasuki_server.platform.wire import NotReached

    row = _signed(clinic, _arrived(clinic), "pertussis")
    bodies = []

    def wire(method, path, body, headers):
        bodies.append(body)
        if len(bodies) == 1:
            raise NotReached
        return Reply(200, "application/json", b'{"id": "n-2"}')

    with clinic.work("doctor"):
        with pytest.raises(BadInput) as lost:
            send(row, "1370000001", wire)
        assert "もう一度送って二重にはなりません" in sentence(lost.value.findings[0])
        send(row, "1370000001", wire)
        assert Submission.objects.get(receipt="n-2").notice_id == row.id
    assert bodies[0] == bodies[1]


def test_a_broken_sheet_is_told_and_does_not_close_the_first_page(clinic, monkeypatch, tmp_path):
    from tasuki_server.notifications import forms_in_use

    visit = _arrived(clinic)
    _disease(clinic, visit, PERTUSSIS)
    (tmp_path / "ehec-2026-09-01.sheet").write_text("#category,EHEC\n")
    monkeypatch.setattr(forms_in_use, "sheets_folder", lambda: tmp_path)
    doctor = clinic.browser("doctor")
    panel = _text(doctor.get(f"/notifications/visit/{visit.id}/panel/"))
    assert "取り込んだ様式を読めません" in panel and "#since" in panel
    home = doctor.get("/")
    assert home.status_code == 200 and "発生届の様式を読めません" in _text(home)
