# SPDX-License-Identifier: Apache-2.0
"""権限 — every address declares what it needs, and the gate holds to it."""

from __future__ import annotations

import pytest
from django.test import Client

from isolation import path_to
from tasuki.security.permissions import PERMISSIONS, Permission, Role
from tasuki_server.accounts.addresses import addresses
from tasuki_server.accounts.pages import ENROLMENT_PAGES, OWN_ACCOUNT_PAGES, PUBLIC_PAGES
from tasuki_server.accounts.permission_gate import permissions_needed

# Addresses anyone may ask for; a longer list needs a reason in pages.py and here.
EXPECTED_PUBLIC = {
    "healthz",
    "account_login",
    "account_logout",
    "account_inactive",
    "mfa_authenticate",
    "mfa_login_webauthn",
    "providers:start",
    "providers:back",
    "continuity:open_account",
}


# What a work order or an emergency leaves them is asked by gates of their own.
NARROWED = (Role.MAINTENANCE, Role.EMERGENCY)


def test_public_pages_are_the_short_list():
    assert PUBLIC_PAGES == EXPECTED_PUBLIC


def test_every_address_declares_its_permission():
    undeclared = [
        address.name
        for address in addresses()
        if address.name not in PUBLIC_PAGES and permissions_needed(address.name, address.view) is None
    ]
    # The file of recovery codes is never offered: they are shown once.
    assert undeclared in ([], ["mfa_download_recovery_codes"])


def test_every_permission_has_a_label_and_someone_who_holds_it():
    assert set(PERMISSIONS) == set(Permission)
    for permission, row in PERMISSIONS.items():
        assert row.label and row.workplace and row.roles, permission


@pytest.mark.server
def test_the_gate_refuses_who_lacks_a_permission(server):
    """Who may opens every page; who may not is refused at every address once, and every role once for each need.

    The gate knows of an address only what it needs (:mod:`permission_gate`), so a further role at it is the same question;
    those whose rights other gates narrow are asked everywhere. ``drill authz --tier long`` asks every role at every address.
    """
    wrong, shut, asked = [], set(), set()
    for role in Role:
        browser = server.first.browser(role.value, raise_request_exception=False)
        held = server.first.staff[role.value].permissions()
        for address in addresses():
            if address.name in PUBLIC_PAGES | OWN_ACCOUNT_PAGES | ENROLMENT_PAGES or address.has_row:
                continue
            needed = permissions_needed(address.name, address.view)
            if needed is None or not held.issuperset(needed):
                if role not in NARROWED and address.name in shut and (role, needed) in asked:
                    continue
                shut.add(address.name)
                asked.add((role, needed))
            answer = browser.get(path_to(address, "x"))
            if needed is None or not held.issuperset(needed):
                if answer.status_code != 403:
                    wrong.append((role.value, address.name, answer.status_code))
            elif answer.status_code in (403, 500):
                wrong.append((role.value, address.name, answer.status_code))
    assert wrong == []


@pytest.mark.server
def test_a_stranger_gets_sign_in_from_every_address(server):
    for address in addresses():
        if address.name in PUBLIC_PAGES:
            continue
        path = path_to(address, "00000000-0000-7000-8000-000000000000")
        for method in ("get", "post"):
            answer = getattr(Client(), method)(path)
            assert answer.status_code == 302, (path, answer.status_code)
            assert answer["Location"].startswith("/accounts/login/"), path


@pytest.mark.server
def test_refusals_are_noted_in_the_trail(server):
    from tasuki_server.audit.models import AuditEvent

    server.first.browser("nurse").get("/no/such/page")
    with server.first.work():
        event = AuditEvent.objects.order_by("-number").first()
    assert (event.action, event.detail["status"]) == ("access.refused", 404)
