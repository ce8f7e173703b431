# SPDX-License-Identifier: Apache-2.0
"""健診結果の一巡 — a V08 package of a clinic: registered, in the insurer's list with nothing lost, beside another doctor's own
results, and on the telephone of whom it is about.
"""

from __future__ import annotations

import html
import io
import re
import zipfile
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from insured import make_cover, make_person
from made_up import TOKYO, make_insurance, make_patient, make_visit
from portal import Telephone
from records import Asker
from sharing.made_up_checkups import DOCTOR, checkup
from tasuki.sharing.checkups import (
    check_checkup,
    facts_of,
    read_checkup_xml,
    read_report,
    write_checkup,
    write_checkup_xml,
)
from tasuki.sharing.checkups.conversion import CheckupWire
from tasuki.sharing.checkups.values import CheckupInstitution, InsuredNumber, PersonName

pytestmark = pytest.mark.server
INSURER, SYMBOL, NUMBER = "00999999", "架空", "5501"
SENDER = CheckupInstitution("1319990001", "ひがし野診療所", "100-0000", "東京都架空区1", "03-0000-0000")
FOLDER = "1319990001_00999999_202606300_1"
BORN = date(1970, 5, 4)


def _result(branch, kana="カクウ タロウ", **more):
    made = checkup(author=SENDER, performer=SENDER, **more)
    insured = InsuredNumber(INSURER, SYMBOL, NUMBER, branch)
    return replace(made, examinee=replace(made.examinee, insured=insured, kana=PersonName(kana)))


def _package(results, count=None):
    """The ZIP that goes to an insurer, without the schemas."""
    made = io.BytesIO()
    index = f'<index xmlns="https://www.mhlw.go.jp/stf/seisakunitsuite/bunya/0000161103.html"><totalRecordCount value="{len(results) if count is None else count}"/></index>'
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{FOLDER}/ix08_V08.xml", index)
        for place, data in enumerate(results, 1):
            archive.writestr(f"{FOLDER}/DATA/h131999000120260630{place:08}.xml", data)
    return made.getvalue()


@pytest.fixture(scope="module")
def places(server):
    """Both clinics share; an insurer asks by machine; the person is in the register."""
    from tasuki_server.platform.house import close_house
    from tasuki_server.sharing.setting import set_used

    for clinic in server.clinics():
        with clinic.work("admin"):
            set_used(is_on=True)
    person = make_person("架空　太郎", born=BORN)
    make_cover(person, NUMBER, insurer=INSURER, symbol=SYMBOL, branch="41")
    with server.first.work("reception"):
        make_patient("架空 太郎", "カクウ タロウ", BORN)
    yield server.first, server.second, Asker("0999999", "架空健康保険組合", "8", "00"), person
    close_house()


def _send(clinic, data, do="send", name="kenshin.zip", role="clerk", **given):
    browser = clinic.browser(role, raise_request_exception=False)
    file = SimpleUploadedFile(name, data)
    return browser.post("/sharing/checkups/", {"file": file, "do": do, "doctor": DOCTOR.text, **given})


def _words(answer, status=200):
    text = html.unescape(answer.content.decode())
    assert answer.status_code == status, re.sub(r"<[^>]*>|\s+", " ", text)[-2000:]
    return text


def _listed(insurer):
    return insurer("GET", f"records/checkups?insurer={INSURER}").value["checkups"]


def _raw(insurer):
    """As the wire gives it: numbers keep their zeros."""
    reply = insurer.wire("GET", f"records/checkups?insurer={INSURER}")
    import msgspec

    from tasuki_server.records.messages import CheckupList

    return [bytes(each.bundle) for each in msgspec.json.decode(reply.body, type=CheckupList).checkups]


def test_a_package_goes_from_the_clinic_to_the_insurer_the_other_doctor_and_the_person(places):
    clinic, other, insurer, person = places
    sent = [write_checkup_xml(_result("41")), write_checkup_xml(_result("42", "カクウ ハナコ"))]
    broken = sent[1].replace(b'value="162.3"', b'value="162,3"')
    package = _package([*sent, broken])

    # 点検だけ registers nothing; then two of three go.
    checked = _words(_send(clinic, package, "check"))
    assert checked.count("登録できます</span>") == 2 and "誤りあり" in checked and _listed(insurer) == []
    page = _words(_send(clinic, package))
    assert (
        page.count("登録済み</span>") == 2
        and page.count("誤りあり</span>") == 1
        and "数値として読めません" in page
    )

    # 保険者: its list has both, and every fact of the files comes back from the reports.
    reports = _raw(insurer)
    assert len(reports) == 2
    for xml, report in zip(sent, reports, strict=True):
        before = read_checkup_xml(xml).checkup
        back = write_checkup(read_report(report).checkup, CheckupWire.XML)
        after = read_checkup_xml(back.data).checkup
        assert facts_of(after) == facts_of(before)
        assert not [each for each in check_checkup(after) if each.severity.name == "BLOCK"]

    # もう一度: the same file is the same two results.
    before = [each["id"] for each in _listed(insurer)]
    _send(clinic, package)
    assert sorted(each["id"] for each in _listed(insurer)) == sorted(before)

    # 本人: on the page of checkups, with the mark of the institution and its name; another's results never.
    phone = Telephone()
    phone.register(person)
    shown = phone.text("checkups/")
    assert (
        "ひがし野診療所" in shown
        and "162.3 cm" in shown
        and "149 mmHg" in shown
        and "2000 mg/dl以上" in shown
    )
    assert shown.count("HbA1c") == 1
    assert "架空健康保険組合" in phone.text("looks/")

    # ほかの医師: beside the own result of HbA1c, in one group with its course, once the person permits it.
    _permit(insurer, other)
    visit = _visit(other)
    look = _fetched(other, visit)
    group = next(each for each in look.split('<tr class="group-head">') if "HbA1c" in each)
    assert "自院・他院" in group and "<svg" in group and "ひがし野診療所" in group
    assert "5.4 %" in group and "6.1 %" in group and "健診" in group
    assert "身長" in look.split("健診結果")[-1]

    from tasuki_server.audit.models import AuditEvent

    with clinic.work("admin"):
        begun, done = AuditEvent.objects.filter(action="checkup.send").order_by("number")[:2]
        assert begun.detail == {"results": 3, "begun": 2}
        assert done.detail == {"results": 3, "registered": 2, "faulty": 1} and done.at > begun.at


def _permit(insurer, other):
    from tasuki_server.institutions.models import Institution
    from tasuki_server.sharing.line import wire_for

    with other.work("admin"):
        institution = Institution.objects.get()
    assert wire_for(institution)("GET", "status").status == 200
    portal = Asker("0000000", "本人の画面", "9", "00")
    told = portal("POST", "records/person/permissions", {
        "insured": [{"number": f"{INSURER}:{SYMBOL}:{NUMBER}:41"}], "institution": "1319990002",
        "kinds": ["checkup", "laboratory"], "until": (timezone.now() + timedelta(days=1)).isoformat(),
    })  # fmt: skip
    assert told.status == 200, told.value


def _visit(clinic):
    """A patient of the other clinic with an own result of HbA1c, whose name is mapped."""
    with clinic.work("reception"):
        patient = make_patient("架空 太郎", "カクウ タロウ", BORN, address="東京都架空区1-2-3")
        card = make_insurance(patient, insurer_number=INSURER, symbol=SYMBOL, number=NUMBER, branch="41")
        visit = make_visit(patient, at=datetime.now(TOKYO), insurance_record=card.record_id)
    doctor = clinic.browser("doctor")
    lines = {
        "name": ["HbA1c"],
        "value": ["6.1"],
        "unit": ["%"],
        "specimen": ["全血"],
        "day": "",
        "time": "0:01",
    }
    assert doctor.post(f"/sharing/visit/{visit.id}/results/", lines).status_code == 302
    from tasuki_server.sharing.local_names import lab_name

    key = lab_name("HbA1c", "%", "全血").key
    found = doctor.get("/sharing/codes/candidates/", {"kind": "lab", "key": key}).content.decode()
    code = re.search(r'value="(HbA1c-NGSP\|[^"]+)"', found)[1]
    given = {"kind": "lab", "key": key, "code": code, "version": "0"}
    assert doctor.post("/sharing/codes/choose/", given).status_code == 302
    return visit


def _fetched(clinic, visit):
    from tasuki_server.institutions.models import Institution
    from tasuki_server.institutions.opening import system_actor
    from tasuki_server.sharing.viewing import attend_views

    doctor = clinic.browser("doctor")
    assert doctor.post(f"/sharing/visit/{visit.id}/others/ask/").status_code == 302
    with clinic.work("admin"):
        institution = Institution.objects.get()
    assert attend_views(institution, system_actor(institution.id)) == 1
    return _words(doctor.get(f"/sharing/visit/{visit.id}/others/"))


def test_a_checkup_that_is_our_own_is_told_as_ours():
    from tasuki_server.sharing.checkup_items import side_items

    ours, theirs = ([*side_items(_result("41"), number, "")] for number in ("", "1310000000"))
    assert {each.is_ours for each in ours} == {True} and {each.is_ours for each in theirs} == {False}
    shown = {each.title: each for each in theirs}
    assert shown["HbA1c(NGSP値)"].facts.value == Decimal("5.4")
    # Beyond what can be entered: no number to draw a line through.
    assert shown["空腹時中性脂肪(トリグリセリド)"].facts.comparator == ">="
    assert not any("身長" in each or "尿糖" in each for each in shown)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"PK\x03\x04 broken", "ZIP"),
        (b"<a/>", "誤りあり"),
        (_package([]), "ありません"),
        (_package([write_checkup_xml(checkup())]), "この医療機関（1319990001）ではありません"),
    ],
)
def test_what_is_not_ours_or_no_result_is_not_registered(places, data, words):
    clinic, _, insurer, _ = places
    before = _listed(insurer)
    answer = _send(clinic, data)
    assert (
        words in html.unescape(answer.content.decode()) and "登録済み</span>" not in answer.content.decode()
    )
    assert _listed(insurer) == before


def test_a_service_that_is_away_leaves_them_unregistered_and_says_what_to_do(places, monkeypatch):
    from tasuki_server.platform.wire import NotReached
    from tasuki_server.sharing import checkup_sending

    asked = []

    def away(institution):
        def ask(*given):
            asked.append(given)
            raise NotReached

        return ask

    clinic = places[0]
    monkeypatch.setattr(checkup_sending, "wire_for", away)
    page = _words(
        _send(clinic, _package([write_checkup_xml(_result("43")), write_checkup_xml(_result("44"))]))
    )
    assert page.count("未登録（つながらない）</span>") == 2 and "もう一度登録" in page
    assert len(asked) == 1, "the rest does not wait for a line that is down"


def test_what_was_begun_is_on_record_before_the_first_is_sent(places, monkeypatch):
    """Nothing is held meanwhile, and a page that dies on its way leaves what it began."""
    from django.db import connections

    from tasuki_server.audit.models import AuditEvent
    from tasuki_server.institutions.work import has_work
    from tasuki_server.sharing import checkup_sending

    clinic, seen = places[0], []

    def dies(institution):
        def ask(*given):
            seen.append((has_work(), connections["default"].connection.info.transaction_status.name))
            raise RuntimeError("the process ends here")

        return ask

    with clinic.work("admin"):
        before = AuditEvent.objects.filter(action="checkup.send").count()
    monkeypatch.setattr(checkup_sending, "wire_for", dies)
    assert _send(clinic, _package([write_checkup_xml(_result("45"))])).status_code == 500
    assert seen == [(False, "IDLE")]
    with clinic.work("admin"):
        rows = AuditEvent.objects.filter(action="checkup.send").order_by("number")
        assert rows.count() == before + 1 and rows.last().detail == {"results": 1, "begun": 1}


def test_more_than_a_page_can_carry_is_refused_and_so_is_who_may_not(places, monkeypatch):
    from tasuki_server.sharing import checkup_sending

    clinic = places[0]
    assert (
        clinic.browser("reception", raise_request_exception=False).get("/sharing/checkups/").status_code
        == 403
    )
    assert "ファイル" in _words(clinic.browser("doctor").get("/sharing/checkups/"))
    monkeypatch.setattr(checkup_sending, "MOST_RESULTS", 1)
    assert "ZIPを分けて" in _words(_send(clinic, _package([b"<a/>", b"<a/>"])), 422)
    assert "選んでください" in _words(clinic.browser("clerk").post("/sharing/checkups/", {"do": "send"}), 422)
