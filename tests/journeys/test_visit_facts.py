# SPDX-License-Identifier: Apache-2.0
"""診療の数字の一日 — a home visit stated by keyboard and billed, and 通院精神療法 that asks for its minutes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from journeys.test_day_and_month import (
    focused,
    known_patient,
    picture,
    press_until,
    receive,
    wait_for,
    wait_until_focused,
)

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.server]
__all__ = ["picture"]
PSYCHOTHERAPY = "180067410"


def test_minutes_and_a_home_visit_without_a_mouse(new_page, sign_in, picture):
    known = known_patient(datetime.now(ZoneInfo("Asia/Tokyo")).date())
    desk, room = new_page(), new_page()
    sign_in(desk, "reception")
    receive(desk, known)
    sign_in(room, "doctor")
    room.keyboard.press("Alt+1")
    room.wait_for_url("**/reception/")
    row = f"here.closest('tr') && here.closest('tr').textContent.includes('{known.number} {known.kana}')"
    press_until(room, "ArrowDown", row)
    room.keyboard.press("Enter")
    room.wait_for_url("**/chart/*/")
    wait_until_focused(room, "here.id === 'soap-subjective'")
    room.keyboard.type("自宅で診察。")
    _minutes(room, picture)
    _home(room, picture)
    room.keyboard.press("F8")
    wait_for(room.locator(".signed"))
    signed = room.locator(".signed").inner_text()
    assert "診療時間: 35分" in signed and "訪問: 訪問診療、居宅" in signed
    picture(room, "facts-signed")
    visit = room.url.rstrip("/").rsplit("/", 1)[1]

    till = new_page()
    sign_in(till, "clerk")
    till.goto(room.url.replace(f"/chart/{visit}/", f"/billing/visit/{visit}"))
    assert "在宅患者訪問診療料" in till.locator("section[aria-label=算定]").inner_text()
    picture(till, "facts-bill")


def _minutes(page: Page, picture: Callable[[Page, str], None]) -> None:
    """診療時間 — asked once the fee by time is ordered, kept as soon as the field is left."""
    assert not page.locator("#fact-minutes").is_visible()
    page.keyboard.press("F4")
    page.keyboard.type(PSYCHOTHERAPY)
    page.locator("#order-candidates [role=option]").first.wait_for()
    page.keyboard.press("Enter")
    page.locator("#fact-minutes").wait_for()
    page.locator("#order-table [data-order]").first.wait_for()
    picture(page, "facts-asked")
    page.keyboard.press("Alt+M")
    page.keyboard.type("35")
    with page.expect_response("**/facts/") as kept:
        page.keyboard.press("Enter")
    assert kept.value.status == 200
    wait_until_focused(page, "here.id === 'order-text'")


def _home(page: Page, picture: Callable[[Page, str], None]) -> None:
    """訪問 — its key opens the folded part; planned, one person of the building."""
    page.keyboard.press("Alt+V")
    wait_until_focused(page, "here.id === 'fact-manner'")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert focused(page, "here.value") == "planned"
    page.get_by_text("「同じ建物で同じ日に訪問診療した人数」を記録").first.wait_for(state="attached")
    press_until(page, "Tab", "here.id === 'fact-patients_that_day'", most=6)
    page.keyboard.type("1")
    page.keyboard.press("Tab")
    page.locator("#preview summary .bill-name", has_text="在宅患者訪問診療料").wait_for()
    picture(page, "facts-home")
