# SPDX-License-Identifier: Apache-2.0
"""本人の画面をブラウザーで — a telephone of 390×844 with an authenticator, by keyboard, in two languages; axe finds nothing serious."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from datetime import date
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import pytest
from django.utils import timezone

from axe import MISSING, axe_script, serious_faults
from house import browser_program
from keyboard import focused, press_until
from portal import person_with_card

pytestmark = [pytest.mark.server, pytest.mark.browser]
PAGES = (
    "", "results/", "drugs/", "conditions/", "allergies/", "documents/", "checkups/", "costs/", "looks/?whose=all",
    "consents/", "consents/new/", "consents/new/?institution=1319990052", "consents/end/?institution=1319990052",
    "entries/", "download/", "devices/", "devices/new/", "proxies/", "nothing/",
)  # fmt: skip
BORN = date(1974, 5, 6)


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, *args: Any) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def made(server: Any) -> Iterator[tuple[str, dict[str, str]]]:
    """An address that serves, and a code for each of the browsers."""
    if browser_program() is None:
        pytest.skip("no Chromium is installed (.ci/run installs it)")
    pytest.importorskip("playwright", reason="playwright is not installed (requirements/browser.lock)")
    from django.core.wsgi import get_wsgi_application

    from tasuki_server.demo.portal_people import ensure_portal_people
    from tasuki_server.platform.house import close_house
    from tasuki_server.portal.codes import issue_code
    from tasuki_server.portal.models import CodeKind

    until = date(timezone.localdate().year + 2, 1, 1)
    person = person_with_card("架空　電話", "8001", BORN, card="DEMO-00001", card_until_on=until)
    ensure_portal_people()
    code = issue_code(person, CodeKind.OWN)
    httpd = _Server(("127.0.0.1", 0), _Quiet)
    httpd.set_app(get_wsgi_application())
    threading.Thread(target=httpd.serve_forever, daemon=True).start()
    yield f"http://localhost:{httpd.server_port}", {"code": code}
    httpd.shutdown()
    close_house()


@pytest.fixture(scope="module")
def phone(made: tuple[str, dict[str, str]]) -> Iterator[Any]:
    """A page of a telephone that has a fingerprint sensor, as far as the browser knows."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_program(), args=["--no-sandbox"])
        context = browser.new_context(
            viewport={"width": 390, "height": 844}, base_url=made[0], locale="ja-JP", timezone_id="Asia/Tokyo"
        )
        page = context.new_page()
        page.told = []
        page.on("console", lambda message: page.told.append(message.text))
        page.on("pageerror", lambda error: page.told.append(str(error)))
        wire = context.new_cdp_session(page)
        wire.send("WebAuthn.enable")
        wire.send(
            "WebAuthn.addVirtualAuthenticator",
            {
                "options": {
                    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
                    "isUserVerified": True, "automaticPresenceSimulation": True,
                }
            },
        )  # fmt: skip
        yield page
        browser.close()


def test_registering_and_entering_by_keyboard_alone(phone, made):
    phone.goto("/portal/")
    press_until(phone, "Tab", "here.href && here.href.endsWith('/portal/register/')")
    phone.keyboard.press("Enter")
    phone.wait_for_url("**/portal/register/")
    press_until(phone, "Tab", "here.id === 'code'")
    phone.keyboard.type(made[1]["code"])
    press_until(phone, "Tab", "here.id === 'born'")
    phone.keyboard.type("昭和49年5月6日")
    phone.keyboard.press("Enter")
    phone.get_by_role("heading", name="パスキーを作る").wait_for()
    press_until(phone, "Tab", "here.tagName === 'BUTTON' && here.innerText.includes('パスキーを作る')")
    phone.keyboard.press("Enter")
    phone.wait_for_url("**/portal/")
    phone.get_by_role("heading", name="架空　電話さんの記録").wait_for()
    press_until(phone, "Tab", "here.innerText === 'サインアウト'")
    phone.keyboard.press("Enter")
    phone.get_by_role("status").filter(has_text="サインアウトしました").wait_for()
    press_until(phone, "Tab", "here.innerText === 'パスキーでサインイン'")
    phone.keyboard.press("Enter")
    phone.wait_for_url("**/portal/")
    phone.get_by_role("heading", name="架空　電話さんの記録").wait_for()
    assert phone.told == []


def _walk(phone: Any, language: str, pages: Sequence[str] = PAGES) -> Iterator[str]:
    phone.goto("/portal/")
    wanted = "English" if language == "en" else "日本語"
    if phone.evaluate("document.documentElement.lang") != language:
        phone.get_by_role("button", name=wanted).click()
        phone.wait_for_load_state()
    for path in pages:
        phone.goto(f"/portal/{path}")
        assert phone.evaluate("document.documentElement.lang") == language
        yield path


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_page_fits_a_small_screen_and_names_what_it_asks(phone, language):
    for path in _walk(phone, language):
        assert phone.evaluate("document.querySelectorAll('h1').length") == 1, path
        # A field without a name is met by nobody who cannot see it.
        nameless = (
            "[...document.querySelectorAll('main input:not([type=hidden]), main select, main textarea')]"
        )
        assert phone.evaluate(f"{nameless}.filter(each => !each.labels.length).length") == 0, path
        for width in (390, 320):
            phone.set_viewport_size({"width": width, "height": 844})
            assert phone.evaluate("document.documentElement.scrollWidth") <= width, (path, width)
        small = (
            "[...document.querySelectorAll('main button, main .button, main input:not([type=hidden]):not([type=checkbox])')]"
            ".filter(each => each.offsetParent && each.getBoundingClientRect().height < 44).length"
        )
        assert phone.evaluate(small) == 0, path
        phone.set_viewport_size({"width": 390, "height": 844})


def test_axe_finds_nothing_serious(phone):
    """Every page once, in turns in either language: what differs between them is words."""
    script = axe_script()
    if script is None:
        pytest.skip(MISSING)
    found = {}
    for nth, language in enumerate(("ja", "en")):
        for path in _walk(phone, language, PAGES[nth::2]):
            if faults := serious_faults(phone, script):
                found[path] = faults
    assert found == {}
    # A planted fault is found: the walk above looks.
    phone.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend', '<input>')")
    assert serious_faults(phone, script)


def test_a_consent_is_given_and_taken_back_by_keyboard(phone, made):
    for path in _walk(phone, "ja", ("consents/new/?institution=1319990052",)):
        assert path
    press_until(phone, "Tab", "here.type === 'checkbox' && here.value === 'laboratory'")
    phone.keyboard.press("Space")
    press_until(phone, "Tab", "here.innerText === '同意する'")
    phone.keyboard.press("Enter")
    phone.wait_for_url("**/portal/consents/?told=granted")
    assert phone.get_by_role("heading", name="架空総合病院").count() == 1
    press_until(phone, "Tab", "here.innerText.startsWith('取り消す')")
    phone.keyboard.press("Enter")
    phone.wait_for_url("**/portal/consents/end/**")
    press_until(phone, "Tab", "here.tagName === 'BUTTON' && here.innerText === '取り消す'")
    phone.keyboard.press("Enter")
    phone.wait_for_url("**/portal/consents/?told=withdrawn")
    assert phone.get_by_text("いま開いている同意はありません").count() == 1
    assert phone.get_by_text("同意の撤回").count() >= 1


def test_a_note_whose_session_ended_stays_until_it_is_sent_or_discarded(phone):
    told = len(phone.told)
    for path in _walk(phone, "ja", ("entries/",)):
        assert path
    phone.locator("details", has=phone.locator("#text")).locator("summary").press("Enter")
    phone.locator("#text").press("x")
    phone.keyboard.type("朝の血圧が高い")
    other = phone.context.new_page()
    other.goto("/portal/")
    other.get_by_role("button", name="サインアウト").click()
    other.get_by_role("status").filter(has_text="サインアウトしました").wait_for()
    press_until(phone, "Tab", "here.tagName === 'BUTTON' && here.closest('form').elements.text")
    phone.keyboard.press("Enter")
    box = phone.get_by_role("alertdialog")
    box.get_by_text("サインインが終わりました。").wait_for()
    script = axe_script()
    assert script is None or serious_faults(phone, script) == []
    other.close()
    assert phone.locator("#text").input_value() == "x朝の血圧が高い"
    press_until(phone, "Tab", "here.hasAttribute('data-discard')")
    phone.keyboard.press("Enter")
    phone.wait_for_url("**/portal/enter/")
    press_until(phone, "Tab", "here.innerText === 'パスキーでサインイン'")
    phone.keyboard.press("Enter")
    phone.wait_for_url("**/portal/")
    assert phone.told[told:] == []


def test_the_focus_is_always_seen(phone):
    phone.goto("/portal/")
    for _ in range(8):
        phone.keyboard.press("Tab")
        assert focused(phone, "getComputedStyle(here).outlineStyle") == "solid"
