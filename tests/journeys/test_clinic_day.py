# SPDX-License-Identifier: Apache-2.0
"""診療の一日 — 受付 → カルテ → Do処方 → 署名 by keyboard only, and a second screen that sees it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.server]
expect = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect


def _press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def _somebody() -> str:
    """A kana name nobody in the house has."""
    return "しそう " + "".join("あいうえおかきくけこさしすせそた"[int(each, 16)] for each in uuid4().hex[:8])


def _register(page: Page, kana: str, born: str) -> int:
    """A new patient with an insurance card; gives the chart number."""
    _press(page, "Alt+2")
    page.wait_for_url("**/patients/")
    expect(page.locator("#patient-search")).to_be_focused()
    page.keyboard.type(kana)
    expect(page.locator("#found")).to_contain_text("当てはまる患者はいません")
    _press(page, "F2")
    page.wait_for_url("**/patients/new/**")
    expect(page.locator("#id_name")).to_be_focused()
    page.keyboard.type(kana.replace("しそう", "試走"))
    _press(page, "Tab", "Tab")
    page.keyboard.type(born)
    _press(page, "Tab", "ArrowDown", "Enter")
    page.wait_for_url("**/insurances/new/")
    expect(page.locator("#id_kind")).to_be_focused()
    _press(page, "Tab")
    page.keyboard.type("01130012")
    _press(page, "Tab", "Tab", "Tab")
    page.keyboard.type("123")
    _press(page, "Tab", "Tab")
    page.keyboard.type("R6.4.1")
    _press(page, "F8")
    page.wait_for_url(re.compile(r"/patients/\d+/$"))
    return int(page.url.rstrip("/").rsplit("/", 1)[1])


def _receive(page: Page) -> None:
    """From the patient's page to the board."""
    _press(page, "F8")
    page.wait_for_url("**/reception/patients/**")
    _press(page, "F8")
    page.wait_for_url("**/reception/")


def _add(page: Page, text: str, wanted: str) -> None:
    """Types into the order box and takes the first candidate."""
    page.keyboard.type(text)
    expect(page.locator("#order-candidates [role=option]").first).to_contain_text(wanted)
    _press(page, "Enter")


def test_a_visit_and_a_revisit_by_keyboard_only(new_page, sign_in):
    page, desk = new_page(), new_page()
    sign_in(desk, "reception")
    number = _register(desk, _somebody(), "S60.2.3")
    _receive(desk)
    row = desk.locator("#board tr", has_text=f"{number} シソウ")
    expect(row).to_contain_text("受付")

    sign_in(page, "doctor")
    _press(page, "Alt+1")
    page.wait_for_url("**/reception/")
    _call(page, number)
    # 二つ目の画面: the desk sees the change by itself within five seconds.
    expect(row).to_contain_text("診察中", timeout=5000)

    page.keyboard.type("2日前から咳と鼻水。")
    _press(page, "Tab")
    page.keyboard.type("咽頭発赤あり。")
    _press(page, "Tab")
    page.keyboard.type("急性上気道炎。")
    _press(page, "Tab")
    page.keyboard.type("対症療法。")
    expect(page.locator("#saved")).to_contain_text("下書き保存", timeout=5000)
    _press(page, "Alt+B")
    page.keyboard.type("かんぼう")
    expect(page.locator("#disease-candidates [role=option]").first).to_contain_text("感冒")
    _press(page, "Enter")
    expect(page.locator("#diagnoses .diagnoses")).to_contain_text("感冒")

    _press(page, "F4")
    _add(page, "アムロジピン錠5", "アムロジピン")
    page.keyboard.type("1")
    _press(page, "Enter")
    _add(page, "あさ", "1日1回 朝食後")
    page.keyboard.type("28")
    _press(page, "Enter")
    _add(page, "160008010", "末梢血液一般検査")
    expect(page.locator("#preview")).to_contain_text("末梢血液一般検査")
    expect(page.locator("#order-status")).not_to_contain_text("入れてください")
    _press(page, "F8")
    expect(page.locator(".messages")).to_contain_text("署名しました（第1版）")
    expect(page.locator(".signed")).to_contain_text("咽頭発赤あり。")

    # 再診: the same patient comes again; Do in two keys, then sign.
    desk.goto(f"/patients/{number}/")
    _receive(desk)
    _press(page, "Alt+1")
    page.wait_for_url("**/reception/")
    _call(page, number)
    expect(page.locator(".past")).to_contain_text("2日前から咳と鼻水。")
    page.emulate_media(media="print")
    past = page.locator(".past .part").first
    expect(past.locator(".letter")).to_be_visible()
    assert past.locator(".text").bounding_box()["width"] > past.bounding_box()["width"] / 2
    page.emulate_media(media="screen")
    page.keyboard.type("咳はおさまった。")
    _press(page, "F2")
    expect(page.locator("#do-dialog button.primary")).to_be_focused()
    _press(page, "Enter")
    expect(page.locator("#order-table")).to_contain_text("アムロジピン")
    expect(page.locator(".order-block")).to_have_count(2)
    expect(page.locator("#order-table .badge", has_text="Do")).to_have_count(2)
    _press(page, "F8")
    expect(page.locator(".messages")).to_contain_text("署名しました（第1版）")


# A drug, and what is typed after Enter; "wait" is when the answer comes.
TYPED_AHEAD = (
    ("アムロジピン錠5", ["3", "wait", "Enter"]),
    ("レバミピド錠", ["4", "wait", "Tab"]),
    ("カルボシステイン錠", ["6", "Enter", "wait"]),
    ("ファモチジン錠", ["wait", "2", "Enter"]),
)


def test_an_amount_typed_before_the_answer_is_the_amount_kept(new_page, sign_in):
    """Digits typed while the order is still on its way are saved, not only shown."""
    page = _with_a_patient(new_page, sign_in)
    held: list[Any] = []
    page.route("**/add/", lambda route: held.append(route))
    amounts = page.locator("#order-table input[name=amount]")
    for count, (drug, keys) in enumerate(TYPED_AHEAD, start=1):
        _press(page, "F4")
        page.keyboard.type(drug)
        expect(page.locator("#order-candidates [role=option]").first).to_contain_text(drug[:5])
        with page.expect_request("**/add/"):
            _press(page, "Enter")
        for key in keys:
            if key == "wait":
                while not held:
                    page.wait_for_timeout(20)
                held.pop().continue_()
                expect(amounts).to_have_count(count)
            else:
                page.keyboard.press(key)
        (digit,) = (key for key in keys if key.isdecimal())
        expect(amounts.last).to_have_value(digit)
        page.wait_for_timeout(700)
        page.reload()
        expect(amounts.last).to_have_value(digit)


def test_orders_are_entered_while_the_row_before_is_still_being_written(new_page, sign_in):
    """Each Enter means what stood in the box then, however many are waiting for their answer."""
    page = _with_a_patient(new_page, sign_in)
    _press(page, "F4")
    held: list[Any] = []
    is_free = False
    page.route("**/add/", lambda route: route.continue_() if is_free else held.append(route))
    _add(page, "アムロジピン錠5", "アムロジピン")
    amount = page.locator("#order-table input[name=amount]").first
    page.keyboard.type("1")
    _press(page, "Enter")
    # A candidate chosen meanwhile is the one that is sent, though its words alone could mean another.
    _add(page, "あさ", "1日1回 朝食後")
    page.keyboard.type("28")
    _press(page, "Enter")
    page.keyboard.type("160008010")
    _press(page, "Enter")
    page.keyboard.type("検査の")
    page.wait_for_timeout(300)
    assert len(held) == 1
    is_free = True
    held.pop().continue_()
    expect(page.locator("#order-table")).to_contain_text("末梢血液一般検査")
    expect(page.locator("#order-text")).to_have_value("検査の")
    page.wait_for_load_state("networkidle")
    page.reload()
    expect(amount).to_have_value("1")
    expect(page.locator("#order-table input[name=usage]").first).to_have_value("1日1回 朝食後")
    expect(page.locator("#order-table input[name=count]").first).to_have_value("28")
    expect(page.locator("#order-table")).to_contain_text("末梢血液一般検査")


def test_a_note_is_signed_after_the_text_that_is_still_on_its_way(new_page, sign_in):
    """A save overtaken by the signature would come back as a draft that nobody wrote."""
    page = _with_a_patient(new_page, sign_in)
    held: list[Any] = []
    page.route("**/save/", lambda route: held.append(route))
    page.keyboard.type("咳がつづく。")
    while not held:
        page.wait_for_timeout(50)
    signing: list[str] = []
    page.on(
        "request", lambda request: signing.append(request.url) if request.url.endswith("/sign/") else None
    )
    page.keyboard.type("熱はない。")
    _press(page, "F8")
    page.wait_for_timeout(300)
    assert signing == []
    held.pop(0).continue_()
    expect(page.locator(".messages")).to_contain_text("署名しました（第1版）")
    expect(page.locator(".signed")).to_contain_text("咳がつづく。熱はない。")
    assert len(signing) == 1
    _press(page, "F9")
    page.wait_for_url("**/billing/visit/**")


def _with_a_patient(new_page: Any, sign_in: Any) -> Page:
    """The doctor's page, with a new patient in the room."""
    page, desk = new_page(), new_page()
    sign_in(desk, "reception")
    number = _register(desk, _somebody(), "S60.2.3")
    _receive(desk)
    sign_in(page, "doctor")
    _press(page, "Alt+1")
    page.wait_for_url("**/reception/")
    _call(page, number)
    return page


def _call(page: Page, number: int) -> None:
    """Walks down the board to the patient's row and calls them in."""
    button = page.locator("#board tr.state-waiting", has_text=f"{number} シソウ").locator("[data-row]")
    page.locator("#board [data-row]").first.focus()
    while not button.evaluate("each => each === document.activeElement"):
        _press(page, "ArrowDown")
    _press(page, "Enter")
    page.wait_for_url("**/chart/**")
    expect(page.locator(".banner-number")).to_have_text(str(number))
    expect(page.locator("#soap-subjective")).to_be_focused()


def test_the_board_keeps_the_focus_while_it_renews_itself(new_page, sign_in):
    page, other = new_page(), new_page()
    sign_in(page, "reception")
    number = _register(page, _somebody(), "H2.8.9")
    _receive(page)
    link = page.locator("#board tr", has_text=f"{number} シソウ").locator("a.name")
    link.focus()
    held = link.get_attribute("id")
    sign_in(other, "nurse")
    other.goto(f"/patients/{number}/")
    visit = held.removeprefix("v-")
    other.goto("/reception/")
    other.locator(f"#m-{visit}").press("Enter")
    expect(page.locator(f"#{held}")).to_be_focused()
    other.locator("#board details[open] button[value=to_pay]").press("Enter")
    row = page.locator("#board tr", has=page.locator(f"#{held}"))
    expect(row).to_contain_text("会計待ち", timeout=5000)
    expect(page.locator(f"#{held}")).to_be_focused()
