# SPDX-License-Identifier: Apache-2.0
"""安全管理室 — what the officer sees, what is kept with who and when, and the drafts that come of it."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta

import pytest

pytestmark = pytest.mark.server

CONTRACT = {
    "company": "架空システム株式会社",
    "subject": "電子カルテの保守",
    "since": "2026-04-01",
    "until": "2027-03-31",
    "contact": "03-0000-0000",
    "emergency_contact": "",
    "disclosure_received_on": "",
    "hands_over_updates": "on",
}
ASSET = {
    "kind": "server",
    "name": "院内の小さなサーバ",
    "place": "事務室",
    "keeper": "",
    "software": "OpenSSLなど",
    "software_version": "2.31.0",
    "package": "requests",
    "support_until": "2020-01-01",
    "checked_on": "2026-11-01",
}
PAGES = (
    "",
    "people/",
    "reviews/",
    "availability/",
    "register/",
    "papers/",
    "contracts/",
    "assets/",
    "notices/",
)


@pytest.fixture(scope="module")
def clinic(server):
    return server.first


@pytest.fixture(scope="module")
def browser(clinic):
    return clinic.browser("admin")


def text_of(answer):
    assert answer.status_code in (200, 422, 409), answer.status_code
    return answer.content.decode()


def get(browser, path=""):
    return text_of(browser.get(f"/office/{path}"))


def test_only_the_officer_enters_and_every_page_has_its_empty_state(server, clinic, browser):
    other = server.second.browser("doctor", raise_request_exception=False)
    for page in PAGES:
        assert other.get(f"/office/{page}").status_code == 403
        get(browser, page)
    assert "契約はまだありません" in get(browser, "contracts/")
    assert "資産はまだ登録されていません" in get(browser, "assets/")
    assert "お知らせはまだありません" in get(browser, "notices/")


def test_walls_tell_what_is_proved_and_what_is_not(clinic, browser):
    from tasuki_server.audit.checkpoints import take_checkpoint

    page = get(browser)
    assert "署名したチェックポイントがまだありません" in page and "見つかった欠陥は0件です" in page
    assert "別の機械の証人（TASUKI_WITNESS）がありません" in page
    assert "監査記録の改ざん" in page and "2026-" in page
    with clinic.work():
        size = take_checkpoint(clinic.id).frontier.size
    assert f"{size} 件まで" in get(browser)


def test_a_planted_fault_of_the_separation_shows(clinic):
    from django.db import connections

    from tasuki_server.office.reading import _separation

    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE office_asset NO FORCE ROW LEVEL SECURITY")
    try:
        with clinic.work():
            found = _separation()
    finally:
        with connections["owner"].cursor() as cursor:
            cursor.execute("ALTER TABLE office_asset FORCE ROW LEVEL SECURITY")
    assert found.tone == "bad" and "office_asset" in found.words


def test_mfa_and_last_use_are_told_person_by_person(server, browser, clinic):
    from allauth.mfa.models import Authenticator
    from django.utils import timezone

    from tasuki_server.accounts.models import SignInSession, User
    from tasuki_server.office.reading import people

    nurse, clerk = clinic.users["nurse"], clinic.users["clerk"]
    Authenticator.objects.filter(user_id=nurse.pk).delete()
    long_ago = timezone.now() - timedelta(days=120)
    User.objects.filter(pk=clerk.pk).update(created_at=long_ago)
    SignInSession.objects.filter(user_id=clerk.pk).update(last_seen_at=long_ago)
    with clinic.work():
        found = people(timezone.now())
    marks = {each.staff.name: each.mark for each in found}
    assert (
        marks[clinic.staff["nurse"].name] == "二要素が未登録"
        and found[0].staff.pk == clinic.staff["nurse"].pk
    )
    assert marks[clinic.staff["clerk"].name] == "90日を超えて使っていない"
    assert marks[clinic.staff["admin"].name] == "登録済み"
    assert {each.staff.institution_id for each in found} == {clinic.id}
    page = get(browser, "people/")
    assert "二要素が未登録" in page and server.second.staff["nurse"].name not in page.replace(
        clinic.staff["nurse"].name, ""
    )


def test_the_register_is_filtered_and_sorted(browser):
    page = get(browser, "register/?document=checklist")
    assert "18 行" in page and "二要素認証を入れているか" in page and "V6.2.1" not in page
    assert "65文字" not in page
    worst = get(browser, "register/?sort=answer")
    assert worst.index("第三者の侵入試験") < worst.index("一人一つのアカウントと二要素")
    assert "この条件に合う行はありません" in get(browser, "register/?words=zzzz")
    assert "V17.1.1" in get(browser, "register/?answer=該当なし&level=L2")
    assert browser.get("/office/register/row/?key=nothing:1").status_code == 404


def test_an_answer_of_the_organisation_keeps_who_and_when_and_what_was_said_before(browser, clinic):
    key = "checklist:1-1"
    waits = get(browser, "register/?document=checklist&waits=1")
    assert "1-1" in waits
    for words in ("架空 花子（2026-04-01 任命）", "架空 次郎（2026-10-01 任命）"):
        given = {"key": key, "words": words, "answered_on": "2026-11-01"}
        assert browser.post("/office/register/answer/", given).status_code == 302
    page = get(browser, f"register/row/?key={key}")
    assert page.index("架空 次郎") < page.index("架空 花子") and clinic.staff["admin"].name in page
    assert "責任者を置いている" not in get(browser, "register/?document=checklist&waits=1")
    wrong = {"key": key, "words": "", "answered_on": "2099-01-01"}
    refused = browser.post("/office/register/answer/", wrong)
    assert refused.status_code == 422 and "回答を入れてください" in text_of(refused)
    assert "今日より後の日は入れられません" in text_of(refused)
    from tasuki_server.audit.models import AuditEvent

    with clinic.work():
        assert AuditEvent.objects.filter(action="office.answer").count() == 2


def test_another_institution_does_not_see_the_answer(server):
    page = text_of(server.second.browser("admin").get("/office/register/row/?key=checklist:1-1"))
    assert "架空" not in page and "回答はまだありません" in page


@pytest.mark.parametrize(("draft", "rows"), [("checklist", 18), ("disclosure", 76), ("conformity", 66)])
def test_every_form_of_the_office_prints_and_counts_its_rows(browser, draft, rows):
    pypdf = pytest.importorskip("pypdf")
    printed = browser.get(f"/office/papers/{draft}.pdf")
    assert printed["Content-Type"] == "application/pdf"
    pages = pypdf.PdfReader(io.BytesIO(printed.content)).pages
    assert f"全{rows}行" in "".join(pages[0].extract_text().split())
    assert "案" in pages[0].extract_text()
    table = browser.get(f"/office/papers/{draft}.csv")
    lines = list(csv.DictReader(io.StringIO(table.content.decode("utf-8-sig"))))
    assert len(lines) == rows and {"満たす", "組織で回答"} <= {each["回答"] for each in lines}
    if draft == "checklist":
        first = lines[0]
        assert first["組織の回答"].startswith("架空 次郎") and "2026-11-01" in first["回答した人と日"]
        assert lines[1]["組織の回答"] == "未回答"
    assert browser.get("/office/papers/nothing.pdf").status_code == 404


def test_a_cell_of_the_csv_is_never_a_formula():
    from tasuki.forms.control_sheet import ControlLine, ControlSheet
    from tasuki_server.office.drafts import csv_of

    line = ControlLine("1", "遵守", "求め", "満たす", "", "", date(2026, 1, 1), "=1+1", "")
    told = csv_of(ControlSheet("a", "b", "c", "d", "e", date(2026, 1, 1), (line,)))
    assert "'=1+1" in told.decode("utf-8-sig")


def test_responsibilities_of_a_contract_are_kept_with_who_and_when(browser, clinic):
    wrong = browser.post("/office/contracts/new/", CONTRACT | {"until": "2025-01-01", "company": ""})
    assert wrong.status_code == 422
    assert "終了日が開始日より前です" in text_of(wrong) and "事業者を入れてください" in text_of(wrong)
    place = browser.post("/office/contracts/new/", CONTRACT)["Location"]
    assert "責任分界 0／15" in get(browser, "contracts/")
    given = {"party-server_update": "vendor", "words-server_update": "毎月第2週", "party-backup": "both"}
    assert browser.post(f"{place}responsibilities/", given).status_code == 302
    page = get(browser, "contracts/")
    assert "毎月第2週" in page and "責任分界 2／15" in page and clinic.staff["admin"].name in page
    browser.post(f"{place}responsibilities/", given | {"party-server_update": "clinic"})
    from tasuki_server.office.models import Contract, Responsibility

    with clinic.work():
        rows = Responsibility.objects.filter(duty="server_update").order_by("made_at")
        assert [each.party for each in rows] == ["vendor", "clinic"]
        version = Contract.objects.current().get().version
    refused = clinic.browser("admin", raise_request_exception=False)
    assert refused.post(f"{place}responsibilities/", {"party-backup": "anyone"}).status_code == 400
    change = CONTRACT | {"contact": "03-1111-1111", "reason": "移転", "read_version": version}
    assert browser.post(place, change).status_code == 302
    stale = browser.post(place, change | {"contact": "03-2222-2222"})
    assert stale.status_code == 409 and "ほかの人が先に変えました" in text_of(stale)
    assert "03-2222-2222" in text_of(stale) and "03-1111-1111" in get(browser, "contracts/")
    assert browser.post(place, change | {"read_version": version + 1, "do": "withdraw"}).status_code == 302
    assert "契約はまだありません" in get(browser, "contracts/")
    assert browser.get(place).status_code == 404


def test_assets_are_listed_with_their_known_weaknesses(browser):
    assert browser.post("/office/assets/new/", ASSET).status_code == 302
    page = get(browser, "assets/")
    assert "既知の弱点" in page and "CVE-2024-47081" in page and "サポート切れ" in page
    assert "部品が入っています" in page and ">django<" in page
    newer = ASSET | {"name": "新しいサーバ", "software_version": "2.99.0", "support_until": ""}
    browser.post("/office/assets/new/", newer)
    assert get(browser, "assets/").count("CVE-2024-47081") == 1


def test_a_notice_waits_on_the_first_page_until_something_was_done(browser, clinic):
    given = {"title": "ルータの弱点", "source": "医師会", "words": "版を上げる", "due_on": "2026-01-01"}
    assert browser.post("/office/notices/new/", given | {"due_on": "いつか"}).status_code == 422
    assert browser.post("/office/notices/new/", given).status_code == 302
    assert "対応していないお知らせ" in browser.get("/").content.decode()
    assert "期限切れ" in get(browser, "notices/") and "対応していないお知らせ" in get(browser, "reviews/")
    from tasuki_server.office.models import Notice

    with clinic.work():
        place = f"/office/notices/{Notice.objects.get().pk}/finish/"
    assert "ひとこと書いてください" in text_of(browser.post(place, {"words": " "}, follow=True))
    browser.post(place, {"words": "版を上げた"})
    assert "すでに対応が書かれています" in text_of(browser.post(place, {"words": "もう一度"}, follow=True))
    page = get(browser, "notices/")
    assert "版を上げた" in page and "もう一度" not in page
    assert "対応していないお知らせ" not in browser.get("/").content.decode()


def test_availability_is_told_by_month_with_every_stop_and_what_was_said_of_it(browser):
    from datetime import UTC, datetime

    from tasuki.security.availability import StopKind
    from tasuki_server.operations.models import ServiceSpan, ServiceStop
    from tasuki_server.operations.service_record import months_before, served_over

    assert "稼働の記録がまだありません" in get(browser, "availability/")
    at = datetime.now(UTC)
    this, last, *_ = months_before(at, 3)
    hour = timedelta(hours=1)
    broken = last.since + timedelta(days=9)
    spans, stops = ServiceSpan.objects.using("owner"), ServiceStop.objects.using("owner")
    try:
        # An hour away last month without a word, and one that was announced before.
        spans.create(since=last.since, until=broken)
        spans.create(since=broken + hour, until=broken + 5 * hour)
        spans.create(since=broken + 6 * hour, until=at)
        stops.create(
            kind=StopKind.PLANNED, since=broken + 5 * hour, until=broken + 6 * hour, noted_at=last.since,
            reason="版の入替え（架空）",
        )  # fmt: skip
        stops.create(
            kind=StopKind.PLANNED, since=at + hour, until=at + 2 * hour, noted_at=at, reason="次の版（架空）"
        )
        found = served_over(last.since, last.until)
        days = (last.until - last.since).days
        assert found.planned - found.served == hour and found.planned == timedelta(days=days) - hour
        page = get(browser, "availability/")
        assert f"{found.percent}%" in page and '<td class="number">60分</td>' in page
        assert "未満" in page and "未記入" in page and "停止が 1 件" in page and "次の版（架空）" in page
        assert "途中の値" in page and "今月" in page
        stops.create(
            kind=StopKind.FAULT,
            since=broken,
            until=broken + hour,
            noted_at=at,
            reason="電源（架空）",
            remedy="予備",
        )
        page = get(browser, "availability/")
        assert "未記入" not in page and "障害: 電源（架空）（対策: 予備）" in page
        assert this.until > at
    finally:
        spans.all().delete()
        stops.all().delete()
