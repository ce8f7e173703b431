# SPDX-License-Identifier: Apache-2.0
"""保存していない入力 — nothing typed is dropped without a word, and nothing is asked when all is saved."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from journeys.test_clinic_day import _with_a_patient as with_a_patient
from journeys.test_day_and_month import picture
from keyboard import focused, press_until, signed_out_elsewhere

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.server]
expect = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect
__all__ = ["picture"]
WORDS = "咳が続くため。"
STAY = "here.textContent.startsWith('戻って保存する')"


@pytest.fixture
def notes(page, sign_in) -> Page:
    """摘要のページ — of a month nobody claims yet."""
    # Months that other journeys close do not change any more.
    month = datetime.now(ZoneInfo("Asia/Tokyo")).replace(day=1) + timedelta(days=32)
    sign_in(page, "clerk")
    page.goto(f"/claims/notes/7/?month={month:%Y-%m}")
    return page


def question(page: Page) -> Any:
    """The question, once it is asked."""
    box = page.get_by_role("alertdialog")
    expect(box).to_be_visible()
    return box


def expect_no_question(page: Page) -> None:
    expect(page.locator("#typed-dialog")).to_be_hidden()


def write(page: Page, words: str = WORDS) -> None:
    page.keyboard.press("F8")
    expect(page.locator("#new-text")).to_be_focused()
    page.keyboard.type(words)


def test_the_button_of_another_form_asks_first(notes, picture):
    write(notes)
    notes.keyboard.press("Alt+M")
    notes.keyboard.type("01")
    press_until(notes, "Tab", "here.textContent.trim() === '入れる'")
    notes.keyboard.press("Enter")
    expect(question(notes)).to_contain_text("「本文」に保存していない入力があります。")
    assert focused(notes, STAY)
    picture(notes, "asked")
    notes.keyboard.press("Escape")
    expect_no_question(notes)
    expect(notes.locator("#new-text")).to_be_focused()
    expect(notes.locator("#new-text")).to_have_value(WORDS)

    press_until(notes, "Tab", "here.textContent.trim() === '入れる'")
    notes.keyboard.press("Enter")
    question(notes)
    notes.keyboard.press("Tab")
    assert focused(notes, "here.hasAttribute('data-discard')")
    notes.keyboard.press("Enter")
    expect(notes.get_by_text("特記事項01を入れました。")).to_be_visible()
    expect(notes.locator("#new-text")).to_have_value("")
    notes.keyboard.press("Alt+U")
    expect(notes.get_by_text("直前の操作を元に戻しました。")).to_be_visible()


def test_what_is_saved_by_its_own_button_is_not_asked_about(notes):
    notes.keyboard.press("F4")
    notes.keyboard.type("01")
    write(notes)
    notes.keyboard.press("F9")
    expect(notes.get_by_text("症状詳記を追加しました。")).to_be_visible()
    notes.keyboard.press("Alt+G")
    notes.wait_for_url("**/claims/?month=*")


def test_a_link_and_a_key_ask_first(notes):
    # Written and taken out again is nothing.
    write(notes, "あ")
    notes.keyboard.press("Backspace")
    write(notes)
    notes.keyboard.press("Alt+G")
    question(notes)
    notes.keyboard.press("Enter")
    expect(notes.locator("#new-text")).to_be_focused()
    expect(notes.locator("#new-text")).to_have_value(WORDS)
    here = notes.url

    notes.locator("nav.menu a").first.press("Enter")
    question(notes)
    notes.keyboard.press("Escape")
    assert notes.url == here
    # What was said "leave it" to is left, and the browser does not ask once more.
    asked: list[str] = []
    notes.on("dialog", lambda each: (asked.append(each.type), each.dismiss()))
    notes.keyboard.press("Alt+G")
    question(notes)
    notes.keyboard.press("Alt+X")
    notes.wait_for_url("**/claims/?month=*")
    assert asked == []


def test_closing_and_going_back_are_asked_by_the_browser(notes):
    asked: list[str] = []
    notes.on("dialog", lambda each: (asked.append(each.type), each.dismiss()))
    write(notes)
    notes.evaluate("() => { location.reload(); }")
    expect(notes.locator("#new-text")).to_have_value(WORDS)
    assert asked == ["beforeunload"]


def test_what_was_refused_is_still_unsaved(notes):
    notes.expected_refusals = {422}
    write(notes)
    notes.keyboard.press("F9")
    expect(notes.locator("#refusal")).to_be_visible()
    expect(notes.locator("#new-text")).to_have_value(WORDS)
    notes.keyboard.press("Alt+G")
    expect(question(notes)).to_contain_text("「本文」")
    notes.keyboard.press("Alt+X")
    notes.wait_for_url("**/claims/?month=*")


def test_a_report_opens_beside_and_signing_out_waits_for_nobody(page, sign_in):
    sign_in(page, "reception", anew=True)
    page.goto("/patients/new/")
    expect(page.locator("#id_name")).to_be_focused()
    page.keyboard.type("試走 花子")
    with page.context.expect_page() as opened:
        page.keyboard.press("Alt+/")
    expect(opened.value.locator("h1")).to_contain_text("報告")
    opened.value.close()
    expect(page.locator("#id_name")).to_have_value("試走 花子")
    page.get_by_role("button", name="サインアウト").press("Enter")
    page.wait_for_url("**/login/**")


def test_an_ended_session_shows_nothing_more_whatever_is_typed(notes, new_page, sign_in):
    """セッションの終了 — containment waits for no answer, and the page of the ended session opens no other."""
    write(notes)
    office = new_page()
    sign_in(office, "admin")
    office.goto("/watch/containment/")
    clerk = office.locator("#staff option", has_text="医事 さとる").get_attribute("value")
    office.locator("#staff").select_option(clerk)
    office.locator("#reason-all").press("x")
    office.keyboard.press("F2")
    press_until(office, "Tab", "here.id === 'reason'")
    office.keyboard.type("席を離れた")
    office.keyboard.press("F8")
    expect(office.locator("table.grid")).to_contain_text("席を離れた")

    notes.keyboard.press("Alt+G")
    question(notes)
    notes.keyboard.press("Alt+X")
    notes.wait_for_url("**/accounts/login/**")
    assert "摘要" not in notes.content()


def test_a_draft_that_saves_itself_asks_nothing(new_page, sign_in, picture):
    page = with_a_patient(new_page, sign_in)
    chart = page.url
    page.keyboard.type(WORDS)
    expect(page.locator("#saved")).to_contain_text("下書き保存", timeout=5000)
    page.keyboard.press("Alt+1")
    page.wait_for_url("**/reception/")
    page.goto(chart)
    expect(page.locator("#soap-subjective")).to_have_value(WORDS)
    # Typed in the last moment: it goes with the page.
    expect(page.locator("#soap-subjective")).to_be_focused()
    page.keyboard.press("Control+End")
    page.keyboard.type("熱なし。")
    page.keyboard.press("Alt+1")
    page.wait_for_url("**/reception/")
    page.goto(chart)
    expect(page.locator("#soap-subjective")).to_have_value(WORDS + "熱なし。")

    # An order still in its box is no order yet.
    page.keyboard.press("F4")
    page.keyboard.type("アムロ")
    page.keyboard.press("F8")
    expect(question(page)).to_contain_text("「オーダをさがす」")
    picture(page, "order")
    page.keyboard.press("Escape")
    expect(page.locator("#order-text")).to_have_value("アムロ")
    page.keyboard.press("Control+A")
    page.keyboard.press("Delete")
    page.keyboard.press("F8")
    expect(page.locator(".messages")).to_contain_text("署名しました（第1版）")


def test_a_draft_that_could_not_be_saved_asks(new_page, sign_in):
    page = with_a_patient(new_page, sign_in)
    page.expected_refusals = {422}
    refusal = {"status": 422, "content_type": "text/html", "body": '<p id="saved">保存できません</p>'}
    page.route("**/save/", lambda route: route.fulfill(**refusal))
    page.keyboard.type(WORDS)
    expect(page.locator("#saved")).to_have_text("保存できません")
    page.keyboard.press("Alt+1")
    question(page)
    page.keyboard.press("Alt+X")
    page.wait_for_url("**/reception/")


def test_what_is_sent_after_the_session_ended_is_kept_and_sent_after_a_new_sign_in(page, sign_in, picture):
    """セッションの終了と入力 — nothing typed is lost, nothing is sent under another name."""
    sign_in(page, "clerk", anew=True)
    month = datetime.now(ZoneInfo("Asia/Tokyo")).replace(day=1) + timedelta(days=32)
    page.goto(f"/claims/notes/8/?month={month:%Y-%m}")
    page.keyboard.press("F4")
    page.keyboard.type("01")
    write(page)
    signed_out_elsewhere(page)
    page.keyboard.press("F9")
    box = page.get_by_role("alertdialog")
    expect(box).to_contain_text("サインインが終わりました。入力はこの画面に残っています。")
    picture(page, "ended")
    page.keyboard.press("F9")
    expect(box).to_contain_text("サインインが終わりました。")
    expect(page.locator("#new-text")).to_have_value(WORDS)

    with page.context.expect_page() as opened:
        page.keyboard.press("F8")
    tab = opened.value
    expect(tab.locator("#id_login")).to_be_focused()
    sign_in(tab, "reception", anew=True)
    assert focused(page, "here.hasAttribute('data-again')")
    page.keyboard.press("F9")
    expect(box).to_contain_text("いまは別の人がサインインしています。")
    tab.get_by_role("button", name="サインアウト").press("Enter")
    tab.wait_for_url("**/login/**")
    sign_in(tab, "clerk", anew=True)
    tab.close()
    page.keyboard.press("F9")
    expect(page.get_by_text("症状詳記を追加しました。")).to_be_visible()
    expect(page.locator("#text-1")).to_have_value(WORDS)


def test_what_cannot_be_sent_stays_on_the_page(notes):
    notes.expected_refusals = {502}
    notes.keyboard.press("F4")
    notes.keyboard.type("01")
    write(notes)
    notes.route("**/sessions/standing/", lambda route: route.fulfill(status=502))
    notes.keyboard.press("F9")
    box = notes.get_by_role("alertdialog")
    expect(box).to_contain_text("サーバにつながりません。")
    notes.keyboard.press("Escape")
    expect(box).to_be_hidden()
    expect(notes.locator("#new-text")).to_have_value(WORDS)
    notes.unroute("**/sessions/standing/")
    notes.keyboard.press("F9")
    expect(notes.get_by_text("症状詳記を追加しました。")).to_be_visible()


def test_a_draft_whose_session_ended_is_kept_and_saved_after_a_new_sign_in(new_page, sign_in):
    page = with_a_patient(new_page, sign_in)
    page.keyboard.type(WORDS)
    expect(page.locator("#saved")).to_contain_text("下書き保存", timeout=5000)
    signed_out_elsewhere(page)
    page.keyboard.type("熱なし。")
    box = page.get_by_role("alertdialog")
    expect(box).to_contain_text("サインインが終わりました。")
    with page.context.expect_page() as opened:
        page.keyboard.press("F8")
    sign_in(opened.value, "doctor", anew=True)
    opened.value.close()
    chart = page.url
    with page.expect_response("**/save/") as saved:
        page.keyboard.press("F9")
    assert saved.value.ok
    expect(box).to_be_hidden()
    page.goto(chart)
    expect(page.locator("#soap-subjective")).to_have_value(WORDS + "熱なし。")


def test_a_button_with_a_question_of_its_own_asks_once(page, sign_in):
    asked: list[str] = []
    page.on("dialog", lambda each: (asked.append(each.message), each.dismiss()))
    sign_in(page, "admin")
    page.goto("/facility/")
    page.locator("#id_director").press("x")
    page.get_by_role("button", name="取消").first.press("Enter")
    assert len(asked) == 1
    assert asked[0].startswith("この届出を、はじめからなかったことにしますか。")
    assert "に保存していない入力があります。続けると消えます。" in asked[0]
    expect_no_question(page)


def test_a_choice_beside_a_button_is_no_text(notes):
    notes.keyboard.press("Alt+M")
    notes.keyboard.type("01")
    expect(notes.locator("#mark")).not_to_have_value("")
    notes.keyboard.press("Alt+G")
    notes.wait_for_url("**/claims/?month=*")
