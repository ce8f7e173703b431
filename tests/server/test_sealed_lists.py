# SPDX-License-Identifier: Apache-2.0
"""名前の伏せ — no list, search or board says the name of a sealed patient to who may not read it."""

from __future__ import annotations

import pytest

from isolation import fill, path_to
from tasuki_server.accounts.addresses import addresses
from tasuki_server.accounts.permission_gate import permissions_needed

pytestmark = pytest.mark.server

NAME, KANA = "霞ヶ関 ひそか", "カスミガセキ ヒソカ"
# The claim files themselves: what the payer must be told is whole, and who may export is trusted with it.
# The sheet of who saw them is made for the patient, who asked for it.
FILES = {"claims:download", "claims:invoice", "claims:submission_file", "audit:sheet"}


@pytest.fixture(scope="module")
def sealed(server):
    from tasuki_server.patients.models import Patient
    from tasuki_server.privacy.emergency import end_emergency
    from tasuki_server.privacy.marks import add_mark
    from tasuki_server.privacy.models import EmergencyAccess

    fill(server.first, NAME, KANA)
    with server.first.work("doctor"):
        patients = list(Patient.objects.all())
        for row in EmergencyAccess.objects.all():
            end_emergency(row, row.staff)
        for each in patients:
            add_mark(each, "sealed", [server.first.staff["doctor"]], "本人の希望")
    return next(each for each in patients if each.name == NAME)


@pytest.mark.parametrize("role", ["reception", "nurse", "clerk", "admin"])
def test_no_list_says_the_name(server, sealed, role):
    browser = server.first.browser(role, raise_request_exception=False)
    held = server.first.staff[role].permissions()
    said = []
    for address in addresses():
        needed = permissions_needed(address.name, address.view)
        if address.has_row or needed is None or not held.issuperset(needed) or address.name in FILES:
            continue
        for query in ("", "?month=2026-06", "?day=2026-06-15", "?q=かすみがせき", "?q=1"):
            path = path_to(address, "x") + query
            answer = browser.get(path)
            body = b"".join(answer) if answer.streaming else answer.content
            if any(word in body.decode("utf-8", "replace") for word in (NAME, KANA)):
                said.append(path)
    assert said == []


def test_who_is_named_finds_by_name_and_others_by_number_alone(server, sealed):
    doctor, nurse = server.first.browser("doctor"), server.first.browser("nurse")
    assert NAME in doctor.get("/patients/?q=かすみがせき").content.decode()
    assert "当てはまる患者はいません" in nurse.get("/patients/?q=かすみがせき").content.decode()
    assert "（閲覧制限）" in nurse.get(f"/patients/?q={sealed.number}").content.decode()


def test_no_list_finds_by_a_name_that_it_hides(server, sealed):
    """Lists that are searched row by row: a hit would tell whose the masked row is."""
    from tasuki_server.patients.models import Patient
    from tasuki_server.reception.asked_period import is_of_patient

    for role, knows in (("doctor", True), ("nurse", False)):
        with server.first.work(role):
            row = Patient.objects.get(id=sealed.id)
            assert [is_of_patient(row, text) for text in (NAME, KANA, str(row.number))] == [
                knows,
                knows,
                True,
            ]


def test_the_record_keeps_the_name(server, sealed):
    from tasuki_server.patients.models import Patient

    with server.first.work("nurse"):
        row = Patient.objects.get(id=sealed.id)
        assert (row.name, row.shown_name) == (NAME, "（閲覧制限）")
