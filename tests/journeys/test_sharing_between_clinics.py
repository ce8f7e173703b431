# SPDX-License-Identifier: Apache-2.0
"""二つの医療機関と本人 — 6情報 and a letter with a discharge summary go to another clinic, are seen with consent and answered; the
patient sees both letters and who looked, and withdraws: the other clinic sees nothing any more."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.server]
expect = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect
OURS, THEIRS = "たすき内科クリニック", "となり町整形外科"
# 都道府県2桁・点数表1桁・機関コード7桁 of the second clinic.
THEIR_NUMBER = "4019990028"


def _show_card(desk: Page, card: str) -> str:
    """Somebody holds a card to the reader, and says yes to everything; gives the name."""
    desk.goto("/confirmation/reader/")
    who = (
        desk.locator(f"#card option[value='{card}']").text_content()
        if desk.locator("select#card").count()
        else ""
    )
    if who:
        desk.select_option("#card", card)
    else:
        desk.fill("#card", card)
    with desk.expect_navigation():
        desk.keyboard.press("F8")
    return str(who).partition("（")[0].replace("　", " ")


def _unknown(cards: list[str]) -> str:
    """Somebody whom neither clinic has met; other journeys begin at the other end."""
    return [each for each in cards if each.startswith("DEMO-N")][-1]


def _take_in(desk: Page, name: str) -> None:
    """The card's result is on the board by itself; one key registers the person and receives them."""
    desk.goto("/reception/")
    expect(desk.locator(".arrivals")).to_contain_text(name, timeout=20_000)
    desk.keyboard.press("F6")
    desk.wait_for_url("**/confirmation/answers/**")
    desk.keyboard.press("F8")
    desk.wait_for_url("**/reception/")
    expect(desk.locator(".messages")).to_contain_text("患者番号")


def _open_chart(page: Page, name: str) -> str:
    page.goto("/reception/")
    page.locator("#board tr", has_text=re.compile(name.replace(" ", r"\s*"))).locator(
        "[data-row]"
    ).first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/chart/**")
    return page.url.rstrip("/").rsplit("/", 1)[1]


def _until(page: Page, address: str, place: str, words: str, tries: int = 20) -> None:
    """What the keeper brings stands there when the page is looked at again."""
    for _ in range(tries):
        page.goto(address)
        if words in page.locator(place).inner_text():
            return
        page.wait_for_timeout(1_500)
    expect(page.locator(place)).to_contain_text(words)


def _write_letters(page: Page, visit: str, to: str) -> str:
    """A discharge summary is signed, and goes beside a letter to the other clinic; gives the letter's address."""
    page.goto(f"/sharing/visit/{visit}/letters/discharge/")
    for name, words in (
        ("admitted_on", "2026-11-02"),
        ("reason", "肺炎の疑い"),
        ("course", "抗菌薬で改善した。"),
    ):
        page.fill(f"#letter-{name}", words)
    page.select_option("#letter-disposition", "1")
    page.keyboard.press("F9")
    expect(page.locator("main")).to_contain_text("単独では送りません")
    page.keyboard.press("F9")
    page.wait_for_url("**/letters/referral/")
    page.fill("#recipient_number", to)
    page.keyboard.press("Alt+C")
    expect(page.locator("#receiver")).to_contain_text("送れます")
    page.fill("#recipient_name", THEIRS)
    page.fill("#letter-purpose", "腰痛の精査をお願いします。")
    # 下書き: what was typed is there again after the page was left.
    expect(page.locator("#letter-saved")).to_contain_text("下書き保存", timeout=10_000)
    page.reload()
    expect(page.locator("#letter-purpose")).to_have_value("腰痛の精査をお願いします。")
    page.fill("#letter-present", "2週間前から腰痛。")
    page.locator("input[name=consent][value=oral]").check()
    page.select_option("#summary", index=1)
    page.keyboard.press("F9")
    page.wait_for_url(re.compile(r"/sharing/letters/[0-9a-f-]{36}/"))
    return page.url


def _open_portal(phone: Page, code: str, born: str) -> None:
    """A telephone of its owner, with a fingerprint sensor as far as the browser knows, registers a passkey by a code."""
    phone.set_viewport_size({"width": 390, "height": 844})
    wire = phone.context.new_cdp_session(phone)
    wire.send("WebAuthn.enable")
    sensor = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    wire.send("WebAuthn.addVirtualAuthenticator", {"options": sensor})
    phone.goto("/portal/register/")
    phone.fill("#code", code)
    phone.fill("#born", born)
    phone.keyboard.press("Enter")
    phone.get_by_role("button", name="パスキーを作る").click()
    phone.wait_for_url("**/portal/")


def _look_again(page: Page, seen: str) -> None:
    """The page of what others wrote, fetched anew."""
    page.goto(f"/sharing/visit/{seen}/others/")
    page.keyboard.press("F9")
    expect(page.locator(".consent-line")).not_to_contain_text("取り寄せています", timeout=20_000)


def test_informations_and_a_letter_go_to_another_clinic_and_are_answered(
    house: Any, new_page: Any, sign_in: Any
) -> None:
    desk, page, their_desk, theirs = new_page(), new_page(), new_page(), new_page()
    sign_in(desk, "reception")
    desk.goto("/confirmation/reader/")
    cards = desk.locator("#card option").evaluate_all("all => all.map(each => each.value)")
    card = _unknown(cards)
    name = _show_card(desk, card)
    family = name.partition(" ")[0]
    _take_in(desk, name)

    sign_in(page, "doctor")
    visit = _open_chart(page, name)
    born = re.search(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", page.locator(".banner").inner_text())
    assert born is not None
    page.keyboard.press("Alt+B")
    page.keyboard.type("かんぼう")
    expect(page.locator("#disease-candidates [role=option]").first).to_contain_text("感冒")
    page.keyboard.press("Enter")
    expect(page.locator("#diagnoses .diagnoses")).to_contain_text("感冒")
    page.keyboard.press("Alt+S")
    page.keyboard.type("血圧が高い。")
    page.keyboard.press("F8")
    expect(page.locator(".messages")).to_contain_text("署名しました（第1版）")
    expect(page.locator("#sharing-panel")).to_contain_text("送信済", timeout=20_000)
    letter = _write_letters(page, visit, THEIR_NUMBER)
    _until(page, letter, "main h1", "閲覧可")

    # 紹介先: the same card; what the other clinic wrote is seen under its consent, and taken over by one key.
    sign_in(their_desk, "reception2")
    _show_card(their_desk, card)
    _take_in(their_desk, name)
    sign_in(theirs, "doctor2")
    seen = _open_chart(theirs, name)
    expect(theirs.locator("#others-panel")).to_be_visible()
    theirs.goto(f"/sharing/visit/{seen}/others/")
    expect(theirs.locator("main")).to_contain_text("まだ取り寄せていません")
    theirs.keyboard.press("F9")
    expect(theirs.locator(".side-by-side")).to_contain_text(OURS, timeout=20_000)
    expect(theirs.locator(".side-by-side")).to_contain_text("感冒")
    theirs.locator("button", has_text="引き継ぐ").first.focus()
    theirs.keyboard.press("Enter")
    expect(theirs.locator(".messages")).to_contain_text("引き継いだ")
    expect(theirs.locator(".side-by-side")).to_contain_text("自院・他院")

    # 届いた文書: opened from the list, answered with what it asked filled in.
    _until(theirs, "/sharing/arrived/", "main", family)
    theirs.locator("main tr", has_text=family).locator("[data-row]").focus()
    theirs.keyboard.press("Enter")
    theirs.wait_for_url(re.compile(r"/sharing/arrived/[0-9a-f-]{36}/"))
    expect(theirs.locator("main")).to_contain_text("腰痛の精査をお願いします。")
    expect(theirs.locator("main")).to_contain_text("抗菌薬で改善した。")
    # It came before its patient did: who they are is confirmed once.
    same = theirs.locator("button", has_text="この人")
    if same.count():
        same.first.click()
    expect(theirs.locator("main")).to_contain_text("患者番号")
    theirs.keyboard.press("F9")
    expect(theirs.locator("main")).to_contain_text("に確認")
    theirs.keyboard.press("F7")
    theirs.wait_for_url("**/letters/referral/**")
    expect(theirs.locator("main")).to_contain_text("返書")
    expect(theirs.locator("#letter-present")).to_have_value(re.compile("腰痛の精査"))
    theirs.locator("input[name=consent][value=oral]").check()
    theirs.keyboard.press("F9")
    theirs.wait_for_url(re.compile(r"/sharing/letters/[0-9a-f-]{36}/"))

    _until(page, letter, "main h1", "返書あり")
    page.goto("/sharing/arrived/")
    expect(page.locator("main")).to_contain_text(THEIRS)

    # 本人: both letters, the disease and who looked; withdrawn, and what the other clinic held and asks for is gone.
    phone = new_page()
    _open_portal(phone, house.command("portal", "code", card).splitlines()[-1], born[0])
    phone.goto("/portal/conditions/")
    expect(phone.locator("main")).to_contain_text("感冒")
    phone.goto("/portal/documents/")
    expect(phone.locator("main")).to_contain_text("返書があります")
    expect(phone.locator("main li a", has_text="診療情報提供書")).to_have_count(2)
    phone.goto("/portal/looks/")
    expect(phone.locator("main li", has_text=THEIRS).first).to_be_visible()
    phone.goto("/portal/consents/")
    while phone.locator("article", has_text=THEIRS).locator("a.danger").count():
        phone.locator("article", has_text=THEIRS).locator("a.danger").first.click()
        phone.get_by_role("button", name="取り消す").click()
        phone.wait_for_url(re.compile(r"/portal/consents/\?"))
    _look_again(theirs, seen)
    expect(theirs.locator(".consent-line")).not_to_contain_text("閲覧中")
    others = theirs.locator(".side-by-side tr:not(.ours):not(.group-head)")
    expect(others.filter(has_text=OURS)).to_have_count(0)
    phone.goto("/portal/looks/")
    expect(phone.locator("main li", has_text=THEIRS).first).to_contain_text("見られませんでした")
