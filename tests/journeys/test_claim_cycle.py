# SPDX-License-Identifier: Apache-2.0
"""請求から入金まで — a clerk and the other side of the wire, no mouse: checked, mended, sent, returned, claimed again, paid."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from keyboard import focused, press_until, wait_for

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.server]


@pytest.fixture
def picture(tmp_path: Path) -> Callable[[Page, str], None]:
    """``picture(page, "sending")`` — a screenshot for who wants to look: pytest --basetemp says where."""

    def take(page: Page, name: str) -> None:
        page.screenshot(path=tmp_path / f"{name}.png")

    return take


def test_the_demo_month_is_claimed_until_it_is_paid_to_the_yen(new_page, sign_in, picture):
    clerk, desk = new_page(), new_page()
    # A month is made outside of the request; on a busy machine that takes its time.
    for each in (clerk, desk):
        each.set_default_timeout(180_000)
    sign_in(clerk, "clerk")
    check_and_mend(clerk, picture)
    close_and_send(clerk, picture)

    sign_in(desk, "examiner")
    examine(desk, has_scenario=True)
    picture(desk, "desk")

    fetch(clerk)
    picture(clerk, "results")
    claim_again(clerk, picture)
    examine(desk, has_scenario=False)
    fetch(clerk)

    clerk.keyboard.press("Alt+R")
    wait_for(clerk.get_by_text("説明のつかない差額はありません"))
    picture(clerk, "reconcile")
    table = clerk.locator("main table.list").first.inner_text()
    assert "未着" not in table and "✕" not in table
    assert "未着の振込予定 0円" in clerk.locator(".heading").inner_text().replace("\n", "")
    clerk.keyboard.press("Alt+H")
    wait_for(clerk.get_by_text("再請求を待つ返戻はありません。"))
    clerk.keyboard.press("Alt+N")
    wait_for(clerk.get_by_text("診療識別別"))
    picture(clerk, "analysis")


def check_and_mend(page: Page, picture: Callable[[Page, str], None]) -> None:
    """点検 → 訂正 → 再点検 — the card's symbol lost a digit; only the receipt it changes is checked again."""
    page.keyboard.press("Alt+5")
    page.wait_for_url("**/claims/")
    page.keyboard.press("F9")
    wait_for(page.get_by_text("✓ 会計と一致"))
    page.keyboard.press("Alt+B")
    wait_for(page.locator("details.rule"))
    picture(page, "rules")
    page.keyboard.press("Alt+U")
    page.wait_for_url("**show=open*")
    page.keyboard.press("F8")
    wait_for(page.get_by_text("協会けんぽの記号"))
    picture(page, "finding")
    page.keyboard.press("Alt+H")
    page.wait_for_url("**/coverage/")
    press_until(page, "Tab", "here.textContent.trim() === '訂正'")
    page.keyboard.press("Enter")
    wait_for(page.locator("input[name=symbol]"))
    press_until(page, "Tab", "here.name === 'symbol'")
    page.keyboard.press("Control+A")
    page.keyboard.type("21700023")
    press_until(page, "Tab", "here.name === 'reason'")
    page.keyboard.type("記号の入力誤り")
    page.keyboard.press("F8")
    page.wait_for_url(lambda url: "revise" not in url and "insurance" not in url)
    _open_the_finding(page)
    page.keyboard.press("Alt+B")
    page.wait_for_url("**/billing/visit/*")
    page.keyboard.press("Alt+E")
    wait_for(page.get_by_text("訂正の理由"))
    press_until(page, "Tab", "here.name === 'reason'")
    page.keyboard.type("保険証の記号の訂正")
    picture(page, "bill")
    page.keyboard.press("F9")
    wait_for(page.locator(".badge", has_text="確定 第2版"))
    page.keyboard.press("Alt+5")
    wait_for(page.get_by_text("作成後に会計が変わっています"))
    page.keyboard.press("F9")
    wait_for(page.get_by_text("変わった1件を点検し"))
    assert "未処理 0" in page.locator(".counts").inner_text().replace("\n", " ")
    picture(page, "checked-again")


def _open_the_finding(page: Page) -> None:
    page.keyboard.press("Alt+5")
    page.wait_for_url("**/claims/")
    page.keyboard.press("Alt+U")
    page.wait_for_url("**show=open*")
    page.keyboard.press("F8")
    wait_for(page.get_by_text("協会けんぽの記号"))


def close_and_send(page: Page, picture: Callable[[Page, str], None]) -> None:
    """締め → 送信 — both payers' files go and are taken."""
    page.keyboard.press("Alt+C")
    wait_for(page.get_by_text("送信へ進む"))
    page.keyboard.press("F10")
    page.wait_for_url("**/claims/sending/*")
    picture(page, "before-sending")
    page.keyboard.press("F9")
    wait_for(page.locator(".bill-side .badge", has_text="受付済み").nth(1))
    assert page.locator(".bill-side .badge", has_text="受付済み").count() == 2
    picture(page, "sent")


def examine(page: Page, *, has_scenario: bool) -> None:
    """審査 — every month and payer that waits, with a return and a cut by the scenario, or as it came."""
    from playwright.sync_api import expect

    with page.expect_navigation(url="**/receiving/"):
        page.keyboard.press("Alt+Z")
    waiting = page.locator("form[action='/receiving/examine/']")
    left = waiting.count()
    assert left > 0
    while left:
        if has_scenario:
            press_until(page, "Tab", "here.name === 'scenario'")
            page.keyboard.press("ArrowDown")
            assert focused(page, "here.value") == "one_of_each"
        page.keyboard.press("F9")
        left -= 1
        expect(waiting).to_have_count(left)
        page.wait_for_load_state()


def fetch(page: Page) -> None:
    """結果の受取り — until the page says how many came."""
    page.keyboard.press("F8")
    wait_for(page.get_by_text("件の結果を受け取りました").first)


def claim_again(page: Page, picture: Callable[[Page, str], None]) -> None:
    """再請求 — every open return goes into a file of the next month."""
    page.keyboard.press("Alt+H")
    page.wait_for_url("**/claims/returns/")
    picture(page, "returns")
    page.keyboard.press("F8")
    wait_for(page.get_by_text("再請求できます"))
    picture(page, "returned")
    page.keyboard.press("F9")
    page.wait_for_url("**/claims/sending/*")
    boxes = page.locator("input[name=returned]")
    count = boxes.count()
    assert count >= 2
    page.keyboard.press("Alt+E")
    for place in range(count):
        press_until(page, "Tab", f"here.id === 'r{place + 1}'")
        if not focused(page, "here.checked"):
            page.keyboard.press("Space")
    picture(page, "reclaiming")
    page.keyboard.press("F10")
    wait_for(page.locator(".bill-side .badge", has_text="受付済み").first)
    assert page.locator("input[name=returned]").count() == 0
