# SPDX-License-Identifier: Apache-2.0
"""一日とひと月 — three people, three machines, no mouse: received, seen, billed, paid, receipted, claimed, closed."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

import pytest

from house import PEOPLE
from keyboard import focused, press_until, signed_out_elsewhere, wait_for

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.server]


class Known(NamedTuple):
    """A patient of the demo whose prescription goes on."""

    number: int
    name: str
    kana: str


def known_patient(today: date, skipped: int = 0) -> Known:
    """Someone with high blood pressure who came last month and is not yet received this morning.

    Found by living through the schedule of the demo once more; it is the same for the same month. Journeys share one
    house: whoever comes in another one is ``skipped``.
    """
    from tasuki_server.demo.people import make_people
    from tasuki_server.demo.prepare import MORNING_STEP, MORNING_VISITS
    from tasuki_server.demo.schedule import make_schedule

    count = PEOPLE
    first = today.replace(year=today.year - (today.month == 1), month=(today.month - 2) % 12 + 1, day=1)
    people = make_people(count, first)
    here = {place * MORNING_STEP % count for place in range(MORNING_VISITS)}
    newest = {coming.person: coming for coming in make_schedule(people, first.year, first.month)}
    for index, coming in sorted(newest.items()):
        person = people[index]
        # A second turn may have been tests alone; without insurance nothing is paid at the desk.
        if coming.story.key != "hypertension" or coming.turn == 2 or index in here or not person.insurance:
            continue
        if is_writable(person.who.name):
            if skipped:
                skipped -= 1
                continue
            return Known(index + 1, person.who.name, person.who.kana)
    raise AssertionError("nobody of the demo has a prescription that goes on")


def is_writable(name: str) -> bool:
    """Whether a claim file can hold the name; the demo has people for whom it cannot."""
    try:
        name.encode("shift_jis")
    except UnicodeEncodeError:
        return False
    return True


@pytest.fixture
def picture(tmp_path: Path) -> Callable[[Page, str], None]:
    """``picture(page, "chart")`` — a screenshot for who wants to look: pytest --basetemp says where."""

    def take(page: Page, name: str) -> None:
        page.screenshot(path=tmp_path / f"{name}.png")

    return take


def wait_until_focused(page: Page, expression: str) -> None:
    """Waits for the page to hand the focus over: the load event may come before autofocus does."""
    page.wait_for_function(f"(() => {{ const here = document.activeElement; return {expression}; }})()")


def receive(page: Page, known: Known) -> None:
    """受付 — search by kana, take the row, receive."""
    page.keyboard.press("Alt+1")
    page.wait_for_url("**/reception/")
    page.keyboard.press("F4")
    page.keyboard.type(known.kana)
    page.keyboard.press("Enter")
    page.wait_for_url("**/patients/?q=*")
    press_until(page, "ArrowDown", f"here.pathname === '/patients/{known.number}/'")
    page.keyboard.press("Tab")
    assert focused(page, "here.textContent") == "受付"
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/reception/patients/{known.number}/")
    assert known.name in page.locator(".banner").inner_text()
    press_until(page, "Tab", "here.name === 'is_eligibility_checked'")
    if not focused(page, "here.checked"):
        page.keyboard.press("Space")
    page.keyboard.press("F8")
    page.wait_for_url("**/reception/")
    assert "受付しました" in page.locator(".messages").inner_text()


def test_a_day_and_a_month_without_a_mouse(new_page, sign_in, picture):
    known = known_patient(datetime.now(ZoneInfo("Asia/Tokyo")).date())
    desk, room, till = new_page(), new_page(), new_page()

    sign_in(desk, "reception")
    receive(desk, known)
    picture(desk, "board")

    sign_in(room, "doctor")
    visit = see(room, known, picture)

    # The board at the desk renews itself.
    row = desk.locator("#board tr", has_text=f"{known.number} {known.kana}")
    row.locator(".badge", has_text="会計待ち").wait_for()

    sign_in(till, "clerk")
    bill(till, known, visit, picture)
    row.locator(".badge", has_text="会計済").wait_for()
    take_receipt(till)
    close_month(till, known, picture)


def see(page: Page, known: Known, picture: Callable[[Page, str], None]) -> str:
    """診察 — call in from the board, Do, sign, on to the desk; says the id of the visit."""
    page.keyboard.press("Alt+1")
    page.wait_for_url("**/reception/")
    press_until(
        page,
        "ArrowDown",
        f"here.closest('tr') && here.closest('tr').textContent.includes('{known.number} {known.kana}')",
    )
    assert focused(page, "here.textContent.trim()") == "診察開始"
    page.keyboard.press("Enter")
    page.wait_for_url("**/chart/*/")
    visit = page.url.rstrip("/").rsplit("/", 1)[1]
    assert known.name in page.locator(".banner").inner_text()

    wait_until_focused(page, "here.id === 'soap-subjective'")
    page.keyboard.type("変わりなし。")
    page.keyboard.press("Tab")
    page.keyboard.type("血圧 132/78。")
    assert page.locator("#order-table [data-order]").count() == 0

    page.keyboard.press("F2")
    page.locator("#do-dialog[open]").wait_for()
    picture(page, "do")
    page.keyboard.press("Enter")
    page.locator("#order-table [data-order]").first.wait_for()
    page.locator("#do-dialog:not([open])").wait_for(state="attached")
    page.locator("#preview .total b").wait_for()
    picture(page, "chart")

    page.keyboard.press("F8")
    wait_for(page.locator(".signed"))
    assert "変わりなし。" in page.locator(".signed").inner_text()
    picture(page, "signed")
    page.keyboard.press("F9")
    page.wait_for_url(lambda url: "/chart/" not in url)
    return visit


def bill(page: Page, known: Known, visit: str, picture: Callable[[Page, str], None]) -> None:
    """会計 — the bill has filled itself; the exact money is taken and the bill confirmed by one key."""
    page.keyboard.press("Alt+3")
    page.wait_for_url("**/billing/")
    press_until(page, "ArrowDown", f"here.pathname === '/billing/visit/{visit}'")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/billing/visit/{visit}")
    assert known.name in page.locator(".banner").inner_text()
    due = yen_of(page, "請求額")
    assert due > 0
    picture(page, "bill")
    page.keyboard.press("F6")
    page.keyboard.type(str(due))
    page.keyboard.press("F9")
    wait_for(page.locator(".badge", has_text="確定 第1版"))
    assert yen_of(page, "この受診の未収") == 0
    picture(page, "settled")


def yen_of(page: Page, label: str) -> int:
    """The amount beside a label of the bill."""
    text = page.locator(".sums tr", has_text=label).locator("td").inner_text()
    return int(re.sub(r"\D", "", text))


def take_receipt(page: Page) -> None:
    """領収証 — opens in a tab of its own and is a PDF."""
    with page.context.expect_event("response", lambda answer: answer.url.endswith(".pdf")) as caught:
        page.keyboard.press("Alt+R")
    answer = caught.value
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/pdf"
    assert page.context.request.get(answer.url).body().startswith(b"%PDF-")


def close_month(page: Page, known: Known, picture: Callable[[Page, str], None]) -> None:
    """レセプト — the month of the visit is built, agrees with the ledger, is closed and downloaded."""
    page.bring_to_front()
    page.keyboard.press("Alt+5")
    page.wait_for_url("**/claims/")
    # The page opens on last month, which is what a clinic claims; this visit was today.
    page.keyboard.press("Alt+ArrowRight")
    page.wait_for_url("**/claims/?month=*")
    page.keyboard.press("F9")
    # Another journey may have made this month before: its result stands there until the new one is made.
    wait_for(page.locator("table.grid").get_by_text(known.name))
    wait_for(page.get_by_text("✓ 会計と一致"))
    page.keyboard.press("Alt+C")
    wait_for(page.get_by_text("締め済み"))
    picture(page, "closed")
    with page.expect_download() as caught:
        press_until(page, "Tab", "here.matches('[data-step-up][data-beside]')")
        page.keyboard.press("Enter")
    uke = Path(caught.value.path()).read_bytes()
    assert caught.value.suggested_filename == "RECEIPTC.UKE"
    assert uke.startswith(b"IR,")
    assert uke.endswith(b"\r\n\x1a")
    assert known.name.encode("shift_jis") in uke
    # The session ended elsewhere: the sign-in comes to the page, and is not saved under the name of the file.
    signed_out_elsewhere(page)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/login/\?next=%2Fclaims%2Ffiles"))
