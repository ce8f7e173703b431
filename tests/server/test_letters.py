# SPDX-License-Identifier: Apache-2.0
"""紹介状と返書 — written in three acts, saved as it is typed, sent, sorted by its receiver, answered, cancelled; over the real service."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from eprescribing import sign
from made_up import TOKYO, make_insurance, make_patient, make_visit

pytestmark = pytest.mark.server
PDF = b"%PDF-1.7 made up"
LETTER = {
    "recipient_number": "1310000000",
    "recipient_name": "となり野病院",
    "recipient_department": "循環器科",
    "recipient_doctor": "隣野 一郎",
    "purpose": "胸痛の精査をお願いします。",
    "complaint": "高血圧症",
    "present": "2週間前から労作時の胸痛。",
    "consent": "oral",
}


@pytest.fixture(scope="module")
def clinics(server):
    """Both share, and both have knocked at the service."""
    from tasuki_server.platform.house import close_house
    from tasuki_server.sharing.setting import set_used

    for clinic in server.clinics():
        with clinic.work("admin"):
            set_used(is_on=True)
        assert _round(clinic).fault == ""
    yield server.first, server.second
    close_house()


def _round(clinic):
    from tasuki_server.institutions.models import Institution
    from tasuki_server.sharing import keeping

    keeping._fetched.clear()
    with clinic.work("admin"):
        institution = Institution.objects.get()
    return keeping.keep_one(institution)


def _number(clinic):
    from tasuki_server.institutions.models import Institution
    from tasuki_server.platform.wire import Asker

    with clinic.work("admin"):
        row = Institution.objects.get()
    return Asker(row.id, row.prefecture, row.code, row.name).number


def _arrived(clinic, number, name="紹介 次郎", kana="ショウカイ ジロウ"):
    from tasuki_server.chart.diagnose import add_diagnosis
    from tasuki_server.orders.catalogue import day_book

    with clinic.work("reception"):
        patient = make_patient(name, kana, address="東京都架空区1-2-3")
        visit = _received(patient, number)
    with clinic.work("doctor"):
        add_diagnosis(patient, "8833421", [], visit.day, day_book(visit.day), is_main=True)
    return visit


def _received(patient, number):
    card = make_insurance(patient, number=number, branch="01")
    return make_visit(patient, at=datetime.now(TOKYO), insurance_record=card.record_id)


def _sent(clinic):
    from tasuki_server.sharing.models import SentLetter

    with clinic.work("doctor"):
        return list(SentLetter.objects.select_related("document", "reply").order_by("document__made_at"))


def _came(clinic, **wanted):
    from tasuki_server.sharing.models import ArrivedDocument

    with clinic.work("doctor"):
        rows = ArrivedDocument.objects.filter(**wanted).select_related("patient")
        return list(rows.order_by("written_at"))


def test_a_letter_goes_its_whole_way_and_is_answered(clinics):
    ours, theirs = clinics
    visit = _arrived(ours, "901")
    doctor, address = ours.browser("doctor"), f"/sharing/visit/{visit.id}/letters/referral/"
    assert "高血圧症" in doctor.get(address).content.decode()
    bad = doctor.post(address, {**LETTER, "recipient_number": "12", "purpose": "", "consent": ""})
    page = bad.content.decode()
    assert bad.status_code == 422 and "10桁の数字" in page and "紹介目的を入れてください" in page
    assert "2週間前から" in page and "同意をどう取ったか" in page
    given = {**LETTER, "recipient_number": _number(theirs), "recipient_name": theirs.name}
    checked = doctor.get("/sharing/receivers/", {"recipient_number": given["recipient_number"]})
    assert "送れます" in checked.content.decode() and theirs.name in checked.content.decode()
    unknown = doctor.get("/sharing/receivers/", {"recipient_number": "1319999999"}).content.decode()
    assert "送れません" in unknown and "紙の紹介状" in unknown
    file = SimpleUploadedFile("心電図.pdf", PDF, content_type="application/pdf")
    assert doctor.post(f"{address}files/", {"file": file}).status_code == 302
    answer = doctor.post(address, given)
    assert answer.status_code == 302, answer.content.decode()
    pdf = doctor.get(f"{answer.url}pdf/")
    assert pdf["Content-Type"] == "application/pdf" and pdf.content.startswith(b"%PDF")
    assert _round(ours).fault == ""
    (sent,) = _sent(ours)
    assert (sent.state, sent.consent) == ("readable", "oral"), doctor.get(answer.url).content.decode()
    assert "閲覧可" in doctor.get(answer.url).content.decode()
    assert doctor.get(f"{answer.url}files/0/").content == PDF

    # 届く: found once, with what goes beside it; its patient is new there.
    assert _round(theirs).fault == ""
    assert _round(theirs).fault == ""
    (row,) = _came(theirs)
    clerk, place = theirs.browser("clerk"), f"/sharing/arrived/{row.id}/"
    assert "確認していない紹介状など" in clerk.get("/").content.decode()
    listed = clerk.get("/sharing/arrived/").content.decode()
    assert "紹介 次郎" in listed and "未確認" in listed
    page = clerk.get(place).content.decode()
    assert "胸痛の精査" in page and ours.name in page and "心電図.pdf" in page and "新しく患者登録" in page
    assert clerk.get(f"{place}files/0/").content == PDF
    assert clerk.get(f"{place}files/1/").status_code == 404
    assert clerk.post(f"{place}sort/", {"urgency": "never"}).status_code == 422
    nurse = theirs.staff["nurse"]
    assert clerk.post(f"{place}sort/", {"urgency": "today", "to": str(nurse.id)}).status_code == 302
    assert "自分が担当する届いた文書" in theirs.browser("nurse").get("/").content.decode()
    assert "今日中" in theirs.browser("nurse").get("/sharing/arrived/?show=mine").content.decode()
    assert theirs.browser("nurse").post(f"{place}register/").status_code == 403
    made = clerk.post(f"{place}register/")
    assert made.status_code == 302 and "/insurances/new/" in made.url
    clerk.post(f"{place}seen/")
    (row,) = _came(theirs)
    assert (row.patient.name, row.seen_by_id) == ("紹介 次郎", theirs.staff["clerk"].id)
    with theirs.work("reception"):
        seen = _received(row.patient, "901")
    assert _round(ours).fault == ""
    assert _sent(ours)[0].state == "fetched"

    # 返書: filled in from the letter, sent, and bound to it at both ends.
    other, reply = theirs.browser("doctor"), f"/sharing/visit/{seen.id}/letters/referral/?answers={row.id}"
    form = other.get(reply).content.decode()
    assert "返書" in form and _number(ours) in form and "胸痛の精査" in form
    answered = {
        **LETTER, "recipient_number": _number(ours), "recipient_name": ours.name, "answers": str(row.id),
        "purpose": "返書です。", "complaint": "狭心症の疑い",
    }  # fmt: skip
    back = other.post(f"/sharing/visit/{seen.id}/letters/referral/", answered)
    assert back.status_code == 302, back.content.decode()
    (row,) = _came(theirs)
    assert row.done_words == "返書を書いた"
    assert _round(theirs).fault == ""
    assert _round(ours).fault == ""
    (sent,) = _sent(ours)
    (came,) = _came(ours)
    assert (sent.state, sent.reply_id, came.answers_id) == ("answered", came.id, sent.document_id)
    assert came.patient_id == visit.patient_id
    assert "返書あり" in doctor.get(answer.url).content.decode()


def test_a_draft_is_kept_as_it_is_typed_and_two_windows_do_not_overwrite(clinics):
    from tasuki_server.sharing.models import LetterDraft

    ours, _ = clinics
    visit = _arrived(ours, "902", "下書 三郎", "シタガキ サブロウ")
    doctor, address = ours.browser("doctor"), f"/sharing/visit/{visit.id}/letters/referral/"
    asked = {"HTTP_HX_REQUEST": "true"}
    typed = {"purpose": "精査", "present": "一つ目", "window": "a", "stamp": "1", "parts_shown": "yes"}
    assert "下書き保存" in doctor.post(f"{address}save/", typed, **asked).content.decode()
    again = doctor.post(f"{address}save/", {**typed, "present": "一つ目を直す", "stamp": "1"}, **asked)
    assert again.status_code == 200
    clash = doctor.post(f"{address}save/", {**typed, "present": "二つ目", "window": "b"}, **asked)
    assert clash.status_code == 422 and "別の画面" in clash.content.decode()
    form = doctor.get(address).content.decode()
    assert "一つ目を直す" in form and "二つ目" not in form
    with ours.work("doctor"):
        (row,) = LetterDraft.objects.filter(visit=visit)
        # No part was ticked: everything the chart could give is left out.
        assert len(row.left_out) == 1
    assert "一つ目を直す" not in ours.browser("admin").get("/").content.decode()
    assert doctor.post(f"{address}discard/").status_code == 302
    with ours.work("doctor"):
        assert not LetterDraft.objects.filter(visit=visit).exists()


def test_only_the_chosen_parts_go_and_what_is_withheld_is_not_offered(clinics):
    import msgspec

    from tasuki_server.chart.diagnose import add_diagnosis
    from tasuki_server.orders.catalogue import day_book
    from tasuki_server.patients.records import add_allergy
    from tasuki_server.sharing.flags import Wanted, set_flags
    from tasuki_server.sharing.models import SharedUnit, Subject

    ours, theirs = clinics
    visit = _arrived(ours, "903", "選択 四郎", "センタク シロウ")
    with ours.work("doctor"):
        hidden = add_diagnosis(visit.patient, "0059003", [], visit.day, day_book(visit.day))
        set_flags(
            visit.patient,
            Subject.DISEASE,
            hidden.record_id,
            Wanted(is_withheld=True),
            "本人の希望",
            read_version=0,
        )
        allergy = add_allergy(
            visit.patient, substance="そば", severity="severe", kind="food", noted_on=visit.day
        )
    doctor, address = ours.browser("doctor"), f"/sharing/visit/{visit.id}/letters/referral/"
    form = doctor.get(address).content.decode()
    assert str(allergy.record_id) in form and str(hidden.record_id) not in form
    with ours.work("doctor"):
        from tasuki_server.sharing.letter_parts import letter_parts

        (disease,) = [each.id for each in letter_parts(visit).listed() if each.group == "傷病名"]
    given = {**LETTER, "recipient_number": _number(theirs), "parts_shown": "yes", "part": [disease]}
    assert doctor.post(address, given).status_code == 302
    with ours.work("doctor"):
        unit = SharedUnit.objects.get(visit=visit, kind="referral")
        bundle = msgspec.json.decode(bytes(unit.bundle))
    kinds = [each["resource"]["resourceType"] for each in bundle["entry"]]
    assert kinds.count("Condition") == 1 and "AllergyIntolerance" not in kinds


def test_a_letter_that_waits_for_consent_is_listed_and_cancelled(clinics):
    ours, theirs = clinics
    visit = _arrived(ours, "904", "後日 五郎", "ゴジツ ゴロウ")
    doctor = ours.browser("doctor")
    given = {**LETTER, "recipient_number": _number(theirs), "consent": "later"}
    answer = doctor.post(f"/sharing/visit/{visit.id}/letters/referral/", given)
    assert answer.status_code == 302
    assert _round(ours).fault == ""
    assert "同意待ち" in doctor.get(answer.url).content.decode()
    assert _round(theirs).fault == ""
    row = _came(theirs)[-1]
    page = theirs.browser("doctor").get(f"/sharing/arrived/{row.id}/").content.decode()
    assert "患者の同意を待っています" in page and "後日" not in page and "胸痛" not in page
    refused = doctor.post(f"{answer.url}cancel/", {"reason": " "})
    assert refused.status_code == 422 and "理由を入れて" in refused.content.decode()
    assert doctor.post(f"{answer.url}cancel/", {"reason": "紹介先を変えた"}).status_code == 302
    assert _round(ours).fault == ""
    (sent,) = [each for each in _sent(ours) if each.document.visit_id == visit.id]
    assert sent.state == "cancelled"
    assert "取り消せません" in doctor.post(f"{answer.url}cancel/", {"reason": "もう一度"}).content.decode()


def test_one_that_never_left_is_cancelled_at_once_and_an_unknown_receiver_is_told(clinics):
    ours, _ = clinics
    visit = _arrived(ours, "905", "未送 六郎", "ミソウ ロクロウ")
    doctor, address = ours.browser("doctor"), f"/sharing/visit/{visit.id}/letters/referral/"
    url = doctor.post(address, LETTER).url
    assert doctor.post(f"{url}cancel/", {"reason": "書き間違い"}).status_code == 302
    first = next(each for each in _sent(ours) if each.document.visit_id == visit.id)
    assert first.state == "cancelled"
    url = doctor.post(address, {**LETTER, "recipient_number": "1319999999"}).url
    _round(ours)
    page = doctor.get(url).content.decode()
    assert "差し戻し" in page and "利用していません" in page


def test_files_are_pdf_of_a_size_that_can_be_sent_and_go_with_the_draft(clinics):
    from tasuki_server.records.rules import MOST_ATTACHMENTS
    from tasuki_server.sharing.letter_draft import MOST_FILES
    from tasuki_server.sharing.models import DraftFile

    ours, _ = clinics
    visit = _arrived(ours, "906", "添付 七郎", "テンプ シチロウ")
    doctor, address = ours.browser("doctor"), f"/sharing/visit/{visit.id}/letters/referral/"

    def attach(name, data):
        return doctor.post(f"{address}files/", {"file": SimpleUploadedFile(name, data)})

    assert "PDFではありません" in attach("絵.pdf", b"GIF89a").content.decode()
    assert attach("結果.pdf", PDF).status_code == 302
    assert "すでにあります" in attach("結果.pdf", PDF).content.decode()
    large = attach("大きい.pdf", PDF + b" " * MOST_FILES)
    assert large.status_code == 422 and "MBまで" in large.content.decode()
    for number in range(2, MOST_ATTACHMENTS + 1):
        assert attach(f"{number}.pdf", PDF).status_code == 302
    many = attach("もう一つ.pdf", PDF)
    assert many.status_code == 422 and f"{MOST_ATTACHMENTS}件まで" in many.content.decode()
    with ours.work("doctor"):
        row, *others = DraftFile.objects.filter(draft__visit=visit).order_by("added_at")
    assert len(others) == MOST_ATTACHMENTS - 1
    assert doctor.get(f"{address}files/{row.id}/").content == PDF
    assert ours.browser("nurse").get(f"{address}files/{row.id}/").status_code == 403
    assert doctor.post(f"{address}files/{row.id}/remove/").status_code == 302
    assert doctor.get(f"{address}files/{row.id}/").status_code == 404


def test_letters_without_a_reply_are_told_after_some_days(clinics):
    from tasuki_server.sharing.letter_tracking import REPLY_DAYS, unanswered
    from tasuki_server.sharing.models import WrittenDocument

    ours, theirs = clinics
    visit = _arrived(ours, "907", "返待 八郎", "ヘンマチ ハチロウ")
    doctor = ours.browser("doctor")
    url = doctor.post(
        f"/sharing/visit/{visit.id}/letters/referral/", {**LETTER, "recipient_number": _number(theirs)}
    ).url
    _round(ours)
    with ours.work("doctor"):
        row = next(each for each in _every(ours) if each.document.visit_id == visit.id)
        assert row.document_id not in set(unanswered().values_list("document_id", flat=True))
        assert row.document_id in set(unanswered(0).values_list("document_id", flat=True))
        assert WrittenDocument.objects.filter(pk=row.document_id).exists() and url
    page = doctor.get("/sharing/letters/?days=0").content.decode()
    assert "返待 八郎" in page and "返書なし" in page
    assert str(REPLY_DAYS) in doctor.get("/sharing/letters/").content.decode()


def _every(clinic):
    from tasuki_server.sharing.models import SentLetter

    return list(SentLetter.objects.select_related("document"))


def test_a_document_is_bound_to_nobody_whose_chart_is_closed_to_who_binds(clinics):
    from tasuki.security.permissions import Permission
    from tasuki_server.audit.models import AuditEvent, ShownPatient
    from tasuki_server.privacy.asking import candidates
    from tasuki_server.privacy.marks import add_mark
    from tasuki_server.sharing.models import ArrivedDocument

    ours, _ = clinics
    with ours.work("doctor"):
        closed, opened = (
            make_patient("封印 花子", "フウイン ハナコ"),
            make_patient("普通 太郎", "フツウ タロウ"),
        )
        add_mark(closed, "sealed", [ours.staff["clerk"]], "本人の希望")
        row = ArrivedDocument.objects.create(
            document="document/closed", remote="closed", kind="referral", sender_number="1310000000",
            sender_name="となり野病院", patient_name="封印 花子", born_on=closed.born + timedelta(days=1),
            data=b"{}", written_at=datetime.now(TOKYO),
        )  # fmt: skip
    for role, named in (("nurse", [opened]), ("clerk", [closed, opened]), ("reception", [])):
        # A list of who is alike tells that somebody is a patient here.
        with ours.work(role):
            assert candidates([closed, opened], Permission.CHART_VIEW) == named
    nurse, place = ours.browser("nurse"), f"/sharing/arrived/{row.id}/bind/"
    for sure in ({}, {"sure": "on"}):
        refused = nurse.post(place, {"number": str(closed.number), **sure})
        assert refused.status_code == 403 and f"{closed.born:%Y-%m-%d}" not in refused.content.decode()
    asked = nurse.post(place, {"number": str(opened.number)})
    assert asked.status_code == 422 and "文書の" in asked.content.decode()
    assert f"生年月日は {opened.born:%Y-%m-%d}" not in asked.content.decode()
    with ours.work("admin"):
        row.refresh_from_db()
        assert row.patient_id is None
        refusals = AuditEvent.objects.filter(action="access.refused", patient_id=closed.id)
        assert refusals.count() == 2
        shown = AuditEvent.objects.order_by("-number").first()
        also = ShownPatient.objects.filter(number=shown.number).values_list("patient_id", flat=True)
        assert opened.id in {shown.patient_id, *also}
    # 結び付いた文書: by the name that the list hides, nobody finds it.
    with ours.work("admin"):
        ArrivedDocument.objects.filter(pk=row.pk).update(patient=closed)
    link, found = f"/sharing/arrived/{row.id}/", "/sharing/arrived/?show=all&q=封印"
    assert link in ours.browser("clerk").get(found).content.decode()
    assert link not in nurse.get(found).content.decode()
    listed = nurse.get("/sharing/arrived/?show=all").content.decode()
    assert link in listed and f"{row.born_on:%Y-%m-%d}" not in listed


def test_a_person_of_another_birth_date_is_asked_about_before_a_document_is_theirs(clinics):
    from tasuki_server.sharing.models import ArrivedDocument

    ours, _ = clinics
    visit = _arrived(ours, "908", "別人 九郎", "ベツジン クロウ")
    with ours.work("doctor"):
        row = ArrivedDocument.objects.create(
            document="document/made-up", remote="made-up", kind="referral", sender_number="1310000000",
            sender_name="となり野病院", patient_name="別人 九郎", born_on=visit.patient.born + timedelta(days=1),
            data=b"{}", written_at=datetime.now(TOKYO),
        )  # fmt: skip
    clerk, place = ours.browser("clerk"), f"/sharing/arrived/{row.id}/"
    refused = clerk.post(f"{place}bind/", {"number": str(visit.patient.number)})
    assert refused.status_code == 422 and "同じ人と確かめた" in refused.content.decode()
    for typed in ("別人 九郎", "別人　九郎", "別人九郎", "となり野病院"):
        assert place in clerk.get("/sharing/arrived/", {"show": "all", "q": typed}).content.decode(), typed
    assert "いません" in clerk.post(f"{place}bind/", {"number": "99999999"}).content.decode()
    assert clerk.post(f"{place}bind/", {"number": str(visit.patient.number), "sure": "on"}).status_code == 302
    assert "入れてください" in clerk.post(f"{place}done/", {"words": ""}).content.decode()
    assert clerk.post(f"{place}done/", {"words": "予約を取った"}).status_code == 302
    assert "予約を取った" in clerk.get(place).content.decode()
    clerk.post(f"{place}done/", {"do": "reopen"})
    clerk.post(f"{place}bind/", {"do": "unbind"})
    with ours.work("doctor"):
        row.refresh_from_db()
        assert (row.patient_id, row.done_at, row.done_words) == (None, None, None)


def test_a_signed_chart_is_not_needed_to_write_but_its_note_fills_the_letter(clinics):
    ours, _ = clinics
    visit = _arrived(ours, "909", "記載 十郎", "キサイ ジュウロウ")
    sign(ours, visit)
    form = ours.browser("doctor").get(f"/sharing/visit/{visit.id}/letters/referral/").content.decode()
    assert "変わりなし。" in form


def test_what_one_clinic_shares_the_other_sees_only_while_it_is_open(clinics):
    ours, theirs = clinics
    visit = _arrived(ours, "910", "閲覧 一子", "エツラン イチコ")
    sign(ours, visit)
    assert _round(ours).fault == ""
    with theirs.work("reception"):
        there = _received(make_patient("閲覧 一子", "エツラン イチコ", address="東京都架空区1-2-3"), "910")
    doctor, place = theirs.browser("doctor"), f"/sharing/visit/{there.id}/others/"
    assert doctor.post(f"{place}ask/").status_code == 302
    assert _round(theirs).fault == ""
    closed = doctor.get(place).content.decode()
    assert "閲覧できません" in closed and "同意がありません" in closed and "高血圧症" not in closed
    asked = {"way": "emergency", "words": "意識がなく、同意を確かめられない。"}
    assert doctor.post(f"{place}ask/", asked).status_code == 302
    assert _round(theirs).fault == ""
    page = doctor.get(place).content.decode()
    assert "高血圧症" in page and ours.name in page and "救急時閲覧" in page


def test_a_letter_is_read_as_soon_as_the_patient_consents_later(clinics):
    from uuid import UUID

    from tasuki.sharing.permission import DOCUMENTS
    from tasuki_server.records.messages import Insured
    from tasuki_server.records.person import grant, portal_wire

    ours, theirs = clinics
    visit = _arrived(ours, "911", "後日 二子", "ゴジツ ニコ")
    given = {**LETTER, "recipient_number": _number(theirs), "consent": "later"}
    doctor = ours.browser("doctor")
    answer = doctor.post(f"/sharing/visit/{visit.id}/letters/referral/", given)
    assert _round(ours).fault == "" and _round(theirs).fault == ""
    sent = next(each for each in _sent(ours) if each.document.visit_id == visit.id)
    (row,) = _came(theirs, remote=sent.remote)
    assert row.patient_name == "（患者の同意待ち）" and row.born_on is None
    portal = portal_wire(UUID(int=911), "架空の閲覧窓口")
    person = [Insured("01130012:12345:911:01")]
    grant(portal, person, _number(theirs), DOCUMENTS, document=sent.remote)
    assert _round(theirs).fault == ""
    (row,) = _came(theirs, remote=sent.remote)
    assert (row.patient_name, row.born_on) == ("後日 二子", visit.patient.born)
    assert "胸痛の精査" in theirs.browser("doctor").get(f"/sharing/arrived/{row.id}/").content.decode()
    assert _round(ours).fault == ""
    assert "受領" in doctor.get(answer.url).content.decode()
