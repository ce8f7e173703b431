# SPDX-License-Identifier: Apache-2.0
"""サインイン — in a real browser: code, passkey, enrolment of both, and the keys beside the acts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tasuki_server.wsgi_bridge import PIECE

pytestmark = pytest.mark.browser
pytest.importorskip("playwright.sync_api", reason="playwright is not installed")


def virtual_key(page):
    """An authenticator built into the machine, which asks its user to prove who they are."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )


def test_code_then_passkey_by_keyboard(page, sign_in):
    sign_in(page, "clerk", anew=True)
    assert page.locator("h1").inner_text() == "たすき内科クリニック"
    virtual_key(page)
    page.goto("/accounts/2fa/webauthn/add/")
    # The factor was proved a moment ago, at sign-in: it is not asked again.
    page.wait_for_url("**/webauthn/add/")
    page.locator("input[name=passwordless]").press("Space")
    page.locator("#mfa_webauthn_add").press("Enter")
    page.wait_for_url("**/recovery-codes/")
    assert len(page.locator("#recovery_codes").input_value().split()) == 10
    page.locator("#codes_saved").press("Space")
    page.get_by_role("button", name="サインアウト").press("Enter")
    page.wait_for_url("**/login/")
    page.locator("#passkey_login").press("Enter")
    page.wait_for_url(lambda url: "/accounts/" not in url)
    assert "医事 さとる" in page.locator(".who").inner_text()


def test_the_administrator_reads_the_trail_by_keys(page, sign_in):
    sign_in(page, "admin")
    assert page.locator("nav.menu kbd").first.is_visible()
    page.keyboard.press("Alt+8")
    page.wait_for_url("**/office/")
    page.keyboard.press("Alt+;")
    page.wait_for_url("**/audit/")
    # An answer of more than one piece, through the server that serves in truth.
    with page.expect_download() as caught:
        page.keyboard.press("Alt+E")
    lines = Path(caught.value.path()).read_text("utf-8").splitlines()
    assert sum(len(line) for line in lines) > PIECE
    assert {json.loads(line)["resourceType"] for line in lines} == {"AuditEvent"}
    page.keyboard.press("F2")
    page.keyboard.type("自動処理")
    page.keyboard.press("F8")
    page.wait_for_url("**actor=**")
    assert "医療機関の開設" in page.locator("table").inner_text()


def test_the_board_does_not_keep_an_empty_desk_signed_in(page, sign_in):
    """What the page asks by itself says so; what a person asks does not."""
    sign_in(page, "reception")
    page.goto("/reception/")
    with page.expect_request("**/reception/rows/**") as asked:
        pass
    assert asked.value.headers["x-tasuki-poll"] == "yes"
    page.goto("/patients/")
    with page.expect_request(lambda each: "hx-request" in each.headers) as asked:
        page.locator("[hx-get]").press_sequentially("かくう")
    assert "x-tasuki-poll" not in asked.value.headers


def test_wrong_passwords_and_missing_pages_speak_japanese(page):
    page.expected_refusals = {404}
    page.goto("/accounts/login/")
    page.locator("#id_login").fill("doctor")
    page.locator("#id_password").fill("wrong")
    page.keyboard.press("Enter")
    page.locator(".errorlist").wait_for()
    assert page.url.endswith("/accounts/login/")
    page.goto("/no-such-page")
    assert "見つかりません" in page.locator("h1").inner_text()
