# SPDX-License-Identifier: Apache-2.0
"""医療機関の分離（画面） — a member of the second institution asks every address for rows of the first."""

from __future__ import annotations

import re

import pytest

from isolation import Words, attempts, fill, fingerprint, identifiers, own_words
from tasuki.security.permissions import OWN_ROLES
from tasuki_server.accounts.addresses import addresses

pytestmark = pytest.mark.server
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")

REFUSED = {400, 403, 404, 405}
# The other side of the claims wire is no institution's: nobody of a clinic gets in (test_claim_cycle walks it).
# Rooms of services, and pages that open in a pharmacy only: no row of a clinic opens them.
OTHER_SIDE = ("receiving:", "platform:", "eligibility:", "prescriptions:", "pharmacy:", "records:")
# A draft's file opens for its writer, a letter's where it has one: test_letters opens them, and refuses strangers.
WITH_FILES = {"sharing:draft_file", "sharing:sent_file", "sharing:arrived_file"}
# A person of a vendor has no rights but those of a work order, whatever else is written there (test_maintenance).
EVERY_OWN_ROLE = [str(role) for role in OWN_ROLES]
# Signing oneself out ends the walk; these are walked by the tests of sign-in.
ENDS_THE_SESSION = {"account_logout"}


@pytest.fixture(scope="module")
def stranger(server):
    """A member of the second institution who may do everything there, so that only tenancy can refuse."""
    from tasuki_server.institutions.models import Staff

    fill(server.first, "東雲 ひがし", "シノノメ ヒガシ")
    fill(server.second, "丘野 にし", "オカノ ニシ")
    with server.second.work():
        Staff.objects.filter(id=server.second.staff["admin"].id).update(roles=EVERY_OWN_ROLE)
    return server.second.browser("admin", raise_request_exception=False)


@pytest.mark.parametrize("method", ["get", "post"])
def test_no_address_shows_or_changes_a_row_of_another_institution(server, stranger, method):
    before = fingerprint(server.first)
    words = own_words(server.first, server.second)
    assert {server.first.name, "東雲 ひがし"} <= words
    looked_for = Words(words)
    wrong = []
    # One row of every table is asked for at every address, two where the address is named for the table.
    rows = identifiers(server.first, 1)
    # The same refusal comes again and again; thousands of words are looked for in it once.
    clean: set[str] = set()
    # What the stranger typed into addresses comes back in their own trail.
    typed: set[str] = set()
    for address in addresses():
        if address.name in ENDS_THE_SESSION:
            continue
        for path in attempts(address, server.first, server.second, rows):
            typed.update(_UUID.findall(path))
            answer = getattr(stranger, method)(path)
            if address.has_row and answer.status_code not in REFUSED:
                wrong.append((method, path, answer.status_code))
            if answer.status_code >= 500:
                wrong.append((method, path, answer.status_code))
            body = b"".join(answer) if answer.streaming else answer.content
            # The address itself may be repeated on an error page.
            text = body.decode("utf-8", "replace").replace(path, "")
            if text not in clean:
                found = [(method, path, word) for word in looked_for.found_in(text) if word not in typed]
                wrong += found
                if not found:
                    clean.add(text)
    assert wrong == []
    assert fingerprint(server.first) == before


def test_a_word_is_found_wherever_it_stands():
    words = Words({"東雲 ひがし", "しののめ", "01a22beb-8e44-736f-b183-a2f358b46ca5", "ひがし野診療所"})
    assert words.found_in("しののめ") == ["しののめ"]
    assert words.found_in("患者: 東雲 ひがし") == ["東雲 ひがし"]
    assert words.found_in("/chart/01a22beb-8e44-736f-b183-a2f358b46ca5/") == [
        "01a22beb-8e44-736f-b183-a2f358b46ca5"
    ]
    assert sorted(words.found_in("ひがし野診療所の東雲 ひがし様")) == ["ひがし野診療所", "東雲 ひがし"]
    assert words.found_in("東雲 ひがさ、診療所、しのめ") == words.found_in("") == words.found_in("ひ") == []


def test_the_walk_reaches_every_kind_of_address():
    names = {address.name for address in addresses()}
    assert {"home", "healthz", "account_login", "mfa_activate_totp", "mfa_remove_webauthn"} <= names


def test_the_first_institution_itself_does_see_its_rows(server, stranger):
    """The control: refusals above are tenancy's, not the address's."""
    from tasuki_server.institutions.models import Staff

    with server.first.work():
        Staff.objects.filter(id=server.first.staff["admin"].id).update(roles=EVERY_OWN_ROLE)
    own = server.first.browser("admin", raise_request_exception=False)
    closed = []
    rows = identifiers(server.first)
    for address in addresses():
        if not address.has_row or address.name.startswith(OTHER_SIDE) or address.name in WITH_FILES:
            continue
        paths = attempts(address, server.first, server.first, rows)
        if all(own.get(path).status_code in {400, 403, 404} for path in paths):
            closed.append(address.name)
    assert closed == [], "no row opens these: what do they show? Let made_up.make_everything make one"
