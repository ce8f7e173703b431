# SPDX-License-Identifier: Apache-2.0
"""予約から処方の指示まで — booked, received, drugs made fewer by what is left and split, signed; all by keyboard."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from journeys.test_day_and_month import (
    known_patient,
    picture,
    press_until,
    wait_for,
)

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.server]
expect = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect
__all__ = ["picture"]


def test_booked_received_prescribed_with_instructions(new_page, sign_in, picture):
    known = known_patient(datetime.now(ZoneInfo("Asia/Tokyo")).date(), skipped=1)
    desk, room = new_page(), new_page()
    sign_in(desk, "reception")
    _book(desk, known, picture)
    sign_in(room, "doctor")
    room.keyboard.press("Alt+1")
    room.wait_for_url("**/reception/")
    row = f"here.closest('tr') && here.closest('tr').textContent.includes('{known.number} {known.kana}')"
    press_until(room, "ArrowDown", row)
    room.keyboard.press("Enter")
    room.wait_for_url("**/chart/*/")
    expect(room.locator("#soap-subjective")).to_be_focused()
    room.keyboard.type("変わりなし。")
    _prescribe(room, picture)
    room.keyboard.press("F8")
    wait_for(room.locator(".signed"))
    picture(room, "instructions-signed")
    signed = room.locator("table[aria-label=オーダ]").inner_text()
    assert "残薬7日分のため28日分→21日分（飲み忘れ）" in signed and "3回（7日分、7日分、7日分）" in signed


def _book(desk: Page, known, picture) -> None:
    """The desk books the person for this evening, sees the row, and receives them from it."""
    desk.keyboard.press("Alt+1")
    desk.wait_for_url("**/reception/")
    desk.keyboard.press("F2")
    desk.wait_for_url("**/reception/bookings/")
    desk.keyboard.press("F4")
    desk.keyboard.type(str(known.number))
    press_until(desk, "Tab", "here.name === 'time'")
    desk.keyboard.type("2350")
    desk.keyboard.press("F8")
    desk.wait_for_url("**/reception/bookings/?day=*")
    expect(desk.locator("tbody tr")).to_have_count(1)
    picture(desk, "bookings")
    press_until(desk, "ArrowDown", f"here.pathname === '/reception/patients/{known.number}/'")
    desk.keyboard.press("Enter")
    desk.wait_for_url(f"**/reception/patients/{known.number}/")
    assert "23:50の予約" in desk.locator("main").inner_text()
    picture(desk, "booking-received")
    desk.keyboard.press("F8")
    desk.wait_for_url("**/reception/")
    desk.keyboard.press("F9")
    desk.wait_for_url("**/confirmation/")
    desk.keyboard.press("Alt+B")
    desk.wait_for_url("**/confirmation/bulk/")
    picture(desk, "bulk")
    desk.goto("/reception/bookings/")
    assert "来院" in desk.locator("tbody tr").inner_text()
    press_until(desk, "Tab", "here.textContent === '経過'")
    desk.keyboard.press("Enter")
    wait_for(desk.locator("h2", has_text="経過"))
    picture(desk, "booking-steps")


def _prescribe(room: Page, picture) -> None:
    room.keyboard.press("F4")
    room.keyboard.type("アムロジピン")
    wait_for(room.locator("#order-candidates [role=option]").first)
    room.keyboard.press("Enter")
    expect(room.locator("input[name=amount]")).to_be_focused()
    room.keyboard.type("1")
    room.keyboard.press("Enter")
    expect(room.locator("#order-text")).to_be_focused()
    room.keyboard.type("1日1回 朝食後")
    wait_for(room.locator("#order-candidates [role=option]").first)
    room.keyboard.press("Enter")
    expect(room.locator("input[name=count]")).to_be_focused()
    room.keyboard.type("28")
    room.keyboard.press("Alt+r")
    expect(room.locator("details.instructions")).to_have_attribute("open", "")
    picture(room, "instructions-open")
    with room.expect_response(lambda answer: "/orders/" in answer.url):
        press_until(room, "Tab", "here.name === 'leftover'")
    room.keyboard.type("7")
    room.keyboard.press("Enter")
    expect(room.locator("input[name=count]")).to_have_value("21")
    press_until(room, "Tab", "here.name === 'leftover_reason'")
    room.keyboard.type("飲み忘れ")
    with room.expect_response(lambda answer: "/orders/" in answer.url):
        press_until(room, "Tab", "here.name === 'split'")
    room.keyboard.type("3")
    room.keyboard.press("Enter")
    expect(room.locator("input[name=split]")).to_have_value("7-7-7")
    picture(room, "instructions-given")
