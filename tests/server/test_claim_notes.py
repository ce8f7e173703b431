# SPDX-License-Identifier: Apache-2.0
"""レセプトの摘要 — 特記事項 and 症状詳記 from the page to the month's file; locked, clashing, foreign, taken back."""

from __future__ import annotations

import re
from datetime import date

import pytest

from living_month import MONTH, live_a_month

pytestmark = pytest.mark.server
EARLIER = date(2026, 7, 1)
ADDRESS = "/claims/notes/{number}/"


@pytest.fixture(scope="module")
def month(server):
    from tasuki_server.claims.making import make_claims

    visits = live_a_month(server.first)
    with server.first.work("clerk"):
        make_claims(MONTH)
    return visits


@pytest.fixture(scope="module")
def people(server, month):
    """The patients of the month in the order of their numbers."""
    from tasuki_server.patients.models import Patient

    with server.first.work("clerk"):
        ids = {each.patient_id for each in month}
        return list(Patient.objects.filter(pk__in=ids).order_by("number"))


class Desk:
    """One patient's page, as a browser posts to it."""

    def __init__(self, server, person, role="clerk", month="2026-09"):
        self.browser, self.month = server.first.browser(role), month
        self.address = ADDRESS.format(number=person.number)

    def page(self):
        return self.browser.get(f"{self.address}?month={self.month}").content.decode()

    def post(self, way, **values):
        return self.browser.post(f"{self.address}{way}", {"month": self.month, **values})

    def write(self, code, text):
        return self.post("narrative/", code=code, text=text)

    def records(self):
        """Each narrative of the page: its record and the version that its form carries."""
        return re.findall(
            r'narrative/([0-9a-f-]{36})/".*?name="version" value="(\d+)"', self.page(), re.DOTALL
        )

    def last_act(self, way):
        return re.search(rf'{way}/undo/".*?name="act" value="([0-9a-f-]+)"', self.page(), re.DOTALL)[1]


def _receipt(person):
    """The patient's receipt as it stands in the bytes of the month's file."""
    from tasuki.claims.reader import read
    from tasuki_server.claims.making import newest_build

    for file in newest_build(MONTH).files.all():
        for receipt in read(bytes(file.data), file.name).receipts:
            if receipt.header.chart_number == str(person.number):
                return receipt
    raise AssertionError(person.number)


def test_what_is_entered_on_the_page_stands_in_the_months_file(server, people):
    from tasuki_server.claims.changed import changed_patients, hints_of
    from tasuki_server.claims.making import make_claims, newest_build

    desk = Desk(server, people[0])
    assert "症状詳記はありません" in desk.page()
    assert desk.post("mark/", sort="mark", code="10").status_code == 302
    assert desk.post("mark/", sort="condition", code="001").status_code == 302
    assert desk.write("01", "発熱 39.2度が5日続く。\r\n\r\n咳嗽が強い。").status_code == 302
    assert desk.write("01", "呼吸困難はない。").status_code == 302
    assert desk.write("03", "ＣＴは肺炎を除くため。").status_code == 302
    with server.first.work("clerk"):
        build = newest_build(MONTH)
        assert [each.what for each in hints_of(build)] == ["レセプトの摘要"]
        assert changed_patients(build) == [people[0]]
        made = make_claims(MONTH)
        assert made.receipt_count - made.reused_count == 1
        receipt = _receipt(people[0])
        assert receipt.header.record.value(12) == "10"
        assert receipt.header.record.value(38) == "001"
        assert [each.record.values for each in receipt.narratives] == [
            ("SJ", "01", "発熱　３９．２度が５日続く。"),
            ("SJ", "", "咳嗽が強い。"),
            ("SJ", "", "呼吸困難はない。"),
            ("SJ", "03", "ＣＴは肺炎を除くため。"),
        ]
        claim = made.claims.get(patient=people[0])
    page = desk.browser.get(f"/claims/{claim.id}/").content.decode()
    assert "特記10第三" in page and "呼吸困難はない。" in page and desk.address in page
    assert desk.address in desk.browser.get("/claims/?month=2026-09").content.decode()


def test_the_printed_sheet_shows_them(server, people):
    from tasuki_server.claims.access import sheet_of
    from tasuki_server.claims.making import make_claims

    Desk(server, people[1]).write("07", "訪問看護と併せて管理した。")
    Desk(server, people[1]).post("mark/", sort="mark", code="09")
    with server.first.work("clerk"):
        sheet = sheet_of(make_claims(MONTH).claims.get(patient=people[1]))
    assert sheet["narratives"] == ["訪問看護と併せて管理した。"]
    assert "09施" in sheet["special_notes"]


def test_the_checks_of_the_file_run_on_them(server, people):
    """A mark written past the page (by an earlier version of it) is found when the month is made."""
    from tasuki_server.claims.making import make_claims
    from tasuki_server.claims.models import NoteSort, ReceiptNote

    with server.first.work("clerk"):
        wrong = [
            ReceiptNote.objects.create(patient=people[2], month=MONTH, sort=NoteSort.MARK, code="15"),
            ReceiptNote.objects.create(
                patient=people[2], month=MONTH, sort=NoteSort.NARRATIVE, code="88", text="①"
            ),
        ]
        claim = make_claims(MONTH).claims.get(patient=people[2])
        codes = {each["code"] for each in claim.findings}
        assert {"UKE-L3-3118", "UKE-L2-2384", "UKE-W-01"} <= codes and claim.is_left_out
        ways = server.first.browser("clerk").get(f"/claims/{claim.id}/").content.decode()
        assert "摘要を開く" in ways
        for each in wrong:
            each.withdraw(read_version=1, reason="試験")


@pytest.mark.parametrize(
    ("code", "text", "told"),
    [
        ("", "発熱が続く。", "区分: 症状詳記区分を選んでください"),
        ("99", "発熱が続く。", "区分: 症状詳記区分を選んでください"),
        ("01", " \r\n ", "本文: 症状詳記の本文が空です"),
        ("01", "発熱。\r\n①咳 5㎎", "本文: 2段落目に請求ファイルで使えない文字「①㎎」"),
        ("01", "あ" * 1201, "本文: 1段落目が全角1201文字です。1文字減らして1200文字以内"),
        ("01", "あ" * 20_001, "本文: 本文が20001文字です"),
        ("01", "\x00", "本文: 1段落目に請求ファイルで使えない文字「（U+0000）」"),
    ],
)
def test_what_a_claim_file_cannot_hold_is_refused_with_its_field_and_kept_in_the_form(
    server, people, code, text, told
):
    desk = Desk(server, people[3])
    answer = desk.write(code, text)
    page = answer.content.decode()
    assert answer.status_code == 422 and told in page
    assert 'aria-invalid="true"' in page
    if text.strip() and len(text) < 100 and "\0" not in text:
        assert text.replace("\r\n", "\n") in page.replace("\r\n", "\n")
    assert "症状詳記はありません" in desk.page()


def test_twelve_hundred_characters_are_one_paragraph_and_more_are_two(server, people):
    desk = Desk(server, people[3])
    assert desk.write("02", "あ" * 1200 + "\n" + "い" * 1200).status_code == 302
    assert "1200＋1200文字" in desk.page()
    assert desk.post("narrative/undo/", act=desk.last_act("narrative")).status_code == 302


@pytest.mark.parametrize(
    ("who", "codes", "told"),
    [
        (4, ["26"], "特記事項26はここでは入力できません"),
        (4, ["02", "16"], "特記事項02・03・16は同時に記録できません"),
        (4, ["04"], "特記事項04は公費単独のレセプトだけに使います"),
        (9, ["10", "01"], "特記事項01は医療保険のあるレセプトだけに使います"),
        (4, ["10"], "特記事項10はすでに入っています"),
        (4, ["07", "09", "11", "13"], "特記事項が6個になります。5個以内にしてください"),
    ],
)
def test_a_mark_that_does_not_fit_the_receipt_is_refused_with_what_to_do(server, people, who, codes, told):
    desk = Desk(server, people[who])
    if told.endswith("すでに入っています"):
        desk.post("mark/", sort="mark", code="10")
    answers = [desk.post("mark/", sort="mark", code=code) for code in codes]
    assert [each.status_code for each in answers[:-1]] == [302] * (len(codes) - 1)
    assert answers[-1].status_code == 422 and told in answers[-1].content.decode()


def test_narratives_are_put_in_order_changed_removed_and_taken_back(server, people):
    desk = Desk(server, people[5])
    for text in ("一。", "二。", "三。"):
        desk.write("07", text)

    def texts():
        return re.findall(r"<textarea id=\"text-\d+\".*?>\n(.*?)</textarea>", desk.page(), re.DOTALL)

    def act(at, **values):
        record, version = desk.records()[at]
        return desk.post(f"narrative/{record}/", **{"version": version, **values})

    assert act(2, act="up").status_code == 302
    assert texts() == ["一。", "三。", "二。"]
    assert act(0, act="up").status_code == 302
    assert texts() == ["一。", "三。", "二。"]
    act(1, act="save", code="02", text="三を直した。")
    assert texts() == ["一。", "三を直した。", "二。"]
    act(0, act="remove")
    assert texts() == ["三を直した。", "二。"]
    removed = desk.last_act("narrative")
    assert desk.post("narrative/undo/", act=removed).status_code == 302
    assert texts() == ["一。", "三を直した。", "二。"]
    # The act was taken back meanwhile: a second window is told so, and nothing moves.
    assert desk.post("narrative/undo/", act=removed).status_code == 422
    assert desk.post("narrative/undo/", act=desk.last_act("narrative")).status_code == 302
    assert texts() == ["三を直した。", "二。"]
    assert act(0, act="down").status_code == 302
    assert desk.post("narrative/undo/", act=desk.last_act("narrative")).status_code == 302
    assert texts() == ["三を直した。", "二。"]
    assert act(1, act="up", code="07", text="二に足した。").status_code == 302
    assert texts() == ["二に足した。", "三を直した。"]
    assert act(0, act="down", code="07", text="①").status_code == 422
    assert texts() == ["二に足した。", "三を直した。"]
    assert act(0, act="shuffle").status_code == 400
    assert act(0, act="save", version="x").status_code == 400


def test_a_mark_is_removed_and_taken_back(server, people):
    from tasuki_server.claims.models import NoteSort
    from tasuki_server.claims.note_models import notes_of

    desk = Desk(server, people[5])
    desk.post("mark/", sort="mark", code="14")
    record = re.search(r"mark/([0-9a-f-]{36})/remove/", desk.page())[1]
    assert desk.post(f"mark/{record}/remove/", version=1).status_code == 302
    assert desk.post("mark/undo/", act=desk.last_act("mark")).status_code == 302
    with server.first.work("clerk"):
        assert [each.code for each in notes_of(MONTH, NoteSort.MARK, people[5].id)] == ["14"]


def test_two_people_at_once_lose_no_text(server, people):
    """Other paragraphs go side by side; of the same one, the later hand sees both texts and nothing is written over."""
    clerk, doctor = Desk(server, people[6]), Desk(server, people[6], "doctor")
    clerk.write("01", "始め。")
    ((record, version),) = clerk.records()
    assert doctor.post(f"narrative/{record}/", version=version, act="save", code="01", text="医師。")
    assert doctor.write("03", "もう一つ。").status_code == 302
    clash = clerk.post(f"narrative/{record}/", version=version, act="save", code="01", text="医事①。")
    page = clash.content.decode()
    assert clash.status_code == 409 and "医師。" in page and "医事①。" in page and "操作" not in page
    for act in ("remove", "down"):
        assert clerk.post(f"narrative/{record}/", version=version, act=act).status_code == 409
    assert "医師。" in clerk.page() and "もう一つ。" in clerk.page()


def test_last_narratives_are_a_start_and_come_once(server, people):
    from tasuki_server.claims.models import NoteSort, ReceiptNote

    earlier, desk = Desk(server, people[7], month="2026-07"), Desk(server, people[7])
    assert "症状詳記を写す" not in desk.page()
    earlier.write("01", "七月の経過。")
    earlier.write("03", "必要な理由。")
    assert "2026年7月の症状詳記を写す" in desk.page()
    assert desk.post("narrative/copy/").status_code == 302
    page = desk.page()
    assert page.index("七月の経過。") < page.index("必要な理由。") and "2026年7月から" in page
    again = desk.post("narrative/copy/")
    assert again.status_code == 422 and "写す症状詳記がありません" in again.content.decode()
    desk.post("narrative/undo/", act=desk.last_act("narrative"))
    with server.first.work("clerk"):
        rows = ReceiptNote.objects.current().filter(patient=people[7], sort=NoteSort.NARRATIVE)
        assert {each.month for each in rows} == {EARLIER}


def test_the_doctor_writes_narratives_and_no_marks_and_reception_nothing(server, people):
    doctor, reception = Desk(server, people[8], "doctor"), Desk(server, people[8], "reception")
    assert doctor.write("04", "経過は良い。").status_code == 302
    assert doctor.post("mark/", sort="mark", code="10").status_code == 403
    assert "足す特記事項" not in doctor.page() and "新しい症状詳記" in doctor.page()
    assert reception.write("04", "書けない。").status_code == 403
    assert reception.browser.get(f"{reception.address}?month=2026-09").status_code == 403


def test_every_change_is_in_the_trail_without_its_text(server, people):
    from tasuki_server.audit.models import AuditEvent

    desk = Desk(server, people[8])
    desk.write("02", "記録の確認。")
    ((record, version),) = desk.records()[-1:]
    desk.post(f"narrative/{record}/", version=version, act="save", code="02", text="記録の再確認。")
    desk.post(f"narrative/{record}/", version=2, act="up")
    desk.post(f"narrative/{record}/", version=3, act="remove")
    desk.post("narrative/undo/", act=desk.last_act("narrative"))
    with server.first.work("admin"):
        rows = AuditEvent.objects.filter(patient_id=people[8].id, action__startswith="receiptnote.")
        acts = [each.action for each in rows.order_by("number") if each.action != "receiptnote.read"]
        assert acts[-5:] == [f"receiptnote.{verb}" for verb in ("add", "revise", "move", "withdraw", "undo")]
        assert "確認" not in str([each.detail for each in rows])


def test_another_institution_finds_nothing_of_it(server, people):
    from tasuki_server.claims.gather import entered_notes
    from tasuki_server.claims.models import ReceiptNote

    with server.first.work("clerk"):
        note = ReceiptNote.objects.current().filter(patient=people[0]).first()
        assert people[0].id in entered_notes(MONTH)
    with server.second.work("clerk"):
        assert not ReceiptNote.objects.exists() and entered_notes(MONTH) == {}
    stranger = server.second.browser("clerk")
    address = ADDRESS.format(number=people[0].number)
    answer = stranger.post(
        f"{address}narrative/{note.record_id}/", {"month": "2026-09", "version": 1, "act": "remove"}
    )
    assert answer.status_code == 404
    assert stranger.get(f"{address}?month=2026-09").status_code == 404


def test_no_month_no_patient_and_no_record_of_another_month_is_found(server, people):
    desk = Desk(server, people[0])
    for month in ("2026-13", "9999-12", "0001-01", "x"):
        assert desk.browser.get(f"{desk.address}?month={month}").status_code == 404
        assert desk.post("narrative/", month=month, code="01", text="一。").status_code == 404
    ((record, version), *_) = desk.records()
    wrong = desk.post(f"narrative/{record}/", month="2026-08", version=version, act="remove")
    assert wrong.status_code == 404
    assert desk.post("narrative/undo/", act="x").status_code == 400
    assert desk.browser.get("/claims/notes/999999/").status_code == 404


def test_nothing_changes_while_the_month_is_closed_or_its_receipts_are_past_replacing(server, people):
    from tasuki_server.claims.closing import close_service_month, reopen_month
    from tasuki_server.claims.making import make_claims, newest_build
    from tasuki_server.claims.models import StepKind
    from tasuki_server.claims.sending import add_step, make_submission

    desk = Desk(server, people[0])
    ((record, version), *_) = desk.records()
    with server.first.work("clerk"):
        build = make_claims(MONTH)
        close_service_month(build)
        claim = build.claims.get(patient=people[0])
    for way, values in (
        ("mark/", {"sort": "mark", "code": "13"}),
        ("narrative/", {"code": "01", "text": "後から。"}),
        (f"narrative/{record}/", {"version": version, "act": "remove"}),
        ("narrative/copy/", {}),
    ):
        answer = desk.post(way, **values)
        assert answer.status_code == 422 and "締め済みの月なので変更できません" in answer.content.decode()
    assert "新しい症状詳記" not in desk.page()
    with server.first.work("clerk"):
        sent = make_submission(date(2026, 10, 1), claim.payer, "by_hand")
        add_step(sent, StepKind.ACCEPTED)
        reopen_month(MONTH, "症状詳記の書き忘れ")
    # Until it is examined the month's file is sent anew, so what was forgotten can still be written.
    assert desk.write("07", "書き忘れ。").status_code == 302
    with server.first.work("clerk"):
        add_step(sent, StepKind.EXAMINED)
    answer = desk.write("07", "審査の後。")
    assert answer.status_code == 422 and "審査が済んでいるか、再請求しています" in answer.content.decode()
    with server.first.work("clerk"):
        _come_back(sent, claim)
    assert desk.write("07", "返戻の後に直した。").status_code == 302
    with server.first.work("clerk"):
        made = make_claims(MONTH)
        assert made.id == newest_build(MONTH).id
        assert _receipt(people[0]).narratives[-1].text == "返戻の後に直した。"


def _come_back(submission, claim):
    """The receipt is returned by its payer."""
    from tasuki_server.claims.models import ResultFile, ResultKind, ReturnedClaim, SentClaim

    sent = SentClaim.objects.get(submission=submission, patient_id=claim.patient_id)
    file = ResultFile.objects.create(
        kind=ResultKind.RETURNS, payer=claim.payer, claim_month=submission.claim_month,
        name="returns.txt", data=b"-", sha256="0" * 64,
    )  # fmt: skip
    ReturnedClaim.objects.create(
        file=file, sent=sent, patient_id=claim.patient_id, month=MONTH, records=[], history=b""
    )
