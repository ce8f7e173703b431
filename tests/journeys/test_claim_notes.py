# SPDX-License-Identifier: Apache-2.0
"""レセプトの摘要 — 特記事項 and 症状詳記 written by keyboard, the month made, and both read on the receipt."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from journeys.test_day_and_month import bill, known_patient, picture, receive, see
from keyboard import press_until, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.server]
__all__ = ["picture"]
_FIRST = "(document.querySelector('table.grid tbody a') || {}).href"


def test_what_only_a_person_knows_is_written_and_read_on_the_receipt(new_page, sign_in, picture):
    known = known_patient(datetime.now(ZoneInfo("Asia/Tokyo")).date(), skipped=2)
    desk, room, clerk = new_page(), new_page(), new_page()
    sign_in(desk, "reception")
    receive(desk, known)
    sign_in(room, "doctor")
    visit = see(room, known, picture)
    sign_in(clerk, "clerk")
    bill(clerk, known, visit, picture)

    make_the_month(clerk)
    open_the_receipt(clerk, known.kana)
    clerk.keyboard.press("Alt+T")
    clerk.wait_for_url("**/claims/notes/**")
    clerk.keyboard.press("Alt+M")
    clerk.keyboard.type("02")
    press_until(clerk, "Tab", "here.textContent.trim() === '入れる'")
    clerk.keyboard.press("Enter")
    wait_for(clerk.get_by_text("特記事項02を入れました。"))
    clerk.keyboard.press("F4")
    clerk.keyboard.type("01")
    clerk.keyboard.press("F8")
    clerk.keyboard.type("血圧の変動が続くため。")
    clerk.keyboard.press("F9")
    wait_for(clerk.get_by_text("症状詳記を追加しました。"))
    picture(clerk, "notes")

    clerk.keyboard.press("Alt+G")
    clerk.wait_for_url("**/claims/?month=*")
    make_the_month(clerk)
    open_the_receipt(clerk, known.kana)
    receipt = clerk.locator("section[aria-label=明細]").inner_text()
    picture(clerk, "receipt")
    assert "血圧の変動が続くため。" in receipt
    assert "02" in receipt


def make_the_month(page):
    """作成・点検 — of this month, in which the visit is."""
    if "/claims/?month=" not in page.url:
        page.keyboard.press("Alt+5")
        page.wait_for_url("**/claims/")
        page.keyboard.press("Alt+ArrowRight")
        page.wait_for_url("**/claims/?month=*")
    # What was made before stands there until the new one is made: its receipts have addresses of their own.
    before = page.evaluate(_FIRST)
    page.keyboard.press("F9")
    page.wait_for_function(f"before => ({_FIRST} || before) !== before", arg=before)
    wait_for(page.get_by_text("✓ 会計と一致"))


def open_the_receipt(page, kana):
    """レセプトを開く — the row of the patient, by the arrow keys."""
    press_until(page, "ArrowDown", f"here.closest('tr') && here.closest('tr').textContent.includes('{kana}')")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/claims/[0-9a-f-]{36}/$"))
