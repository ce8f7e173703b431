# SPDX-License-Identifier: Apache-2.0
"""ブラウザの試験 — one house for the run; each test gets pages that mind their manners."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from house import House, browser_program, running_house

if TYPE_CHECKING:
    from playwright.sync_api import Page

# How long a session serves further pages; the proof of a second factor stays fresh for fifteen minutes.
SESSION_SECONDS = 600
# Chromium shows a PDF with pages that are part of the browser; nothing of them comes over the network.
PDF_VIEWER = ("chrome-extension://mhjfbmdgcfjbbpaeojofohoefgiehjai/", "chrome://resources/")


@pytest.fixture(scope="session")
def house() -> Iterator[House]:
    """The whole of Tasuki, running."""
    if browser_program() is None:
        pytest.skip("no Chromium is installed (.ci/run installs it)")
    pytest.importorskip("playwright", reason="playwright is not installed (requirements/browser.lock)")
    with running_house() as running:
        yield running


@pytest.fixture(scope="module")
def chromium(house: House) -> Iterator[Any]:
    """The browser, started once a module: while Playwright's loop runs in this thread, Django refuses to work in it."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_program(), args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def new_page(house: House, chromium: Any) -> Iterator[Callable[[], Page]]:
    """``new_page()`` — another machine of the clinic, 1366×768, with cookies of its own.

    The test fails on a console message, a script error or a request off the host on any of them. A test that provokes
    a refusal on purpose says so: ``page.expected_refusals = {404}``.
    """
    contexts: list[Any] = []
    told: list[str] = []
    strays: list[str] = []
    host = urlsplit(house.url).netloc

    def watch(request: Any) -> None:
        if urlsplit(request.url).netloc not in ("", host) and not request.url.startswith(PDF_VIEWER):
            strays.append(request.url)

    def make() -> Page:
        context = chromium.new_context(
            viewport={"width": 1366, "height": 768},
            locale="ja-JP",
            timezone_id="Asia/Tokyo",
            base_url=house.url,
        )
        contexts.append(context)
        context.on("request", watch)
        page = context.new_page()
        page.expected_refusals = set()
        page.on("console", lambda message: _note(told, page, message))
        page.on("pageerror", lambda error: told.append(str(error)))
        return page

    yield make
    for context in contexts:
        context.close()
    assert strays == []
    assert told == []


@pytest.fixture
def page(new_page: Callable[[], Page]) -> Page:
    """One machine of the clinic."""
    return new_page()


def _note(told: list[str], page: Any, message: Any) -> None:
    # Chromium's own hints to developers are no messages of the page; one of them is that a key had the focus before.
    if message.type == "verbose" or message.text.startswith("Autofocus processing was blocked"):
        return
    if any(f"status of {status} " in message.text for status in page.expected_refusals):
        return
    told.append(f"{message.type}: {message.text}")


@pytest.fixture
def sign_in(house: House) -> Any:
    """``sign_in(page, "doctor")`` — with password and code, by keyboard.

    A code serves once, so a user has one every thirty seconds: for some minutes after, another page of the same user goes
    on with the session, unless it must be ``anew`` (because what follows wants a fresh proof, or ends the session).
    """

    from playwright.sync_api import expect

    def goes_on(page: Page, user: str) -> bool:
        since, cookies = house.sessions.get(user, (0.0, ()))
        if time.monotonic() - since > SESSION_SECONDS:
            return False
        page.context.add_cookies(list(cookies))
        page.goto("/accounts/login/")
        if "/accounts/" not in page.url:
            return True
        page.context.clear_cookies()
        return False

    def enter(page: Page, user: str, *, anew: bool = False) -> None:
        if not anew and goes_on(page, user):
            return
        page.goto("/accounts/login/")
        expect(page.locator("#id_login")).to_be_focused()
        page.keyboard.type(user)
        page.keyboard.press("Tab")
        page.keyboard.type(house.password)
        page.keyboard.press("Enter")
        page.wait_for_url("**/2fa/authenticate/")
        # The load event may come before the field takes the focus; a digit typed between them is lost.
        expect(page.locator("#id_code")).to_be_focused()
        page.keyboard.type(house.code(user))
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url: "/accounts/" not in url)
        if not anew:
            house.sessions[user] = (time.monotonic(), tuple(page.context.cookies()))

    return enter
