# SPDX-License-Identifier: Apache-2.0
"""同じ薬の処方箋 — a drug that moves between two prescriptions of a visit is never in both at the service."""

from __future__ import annotations

import pytest

from eprescribing import PHARMACY, begin_registering, drug_order, keep_round, received, registrations, sign
from made_up import AMLODIPINE, LOXOPROFEN, REBAMIPIDE

pytestmark = pytest.mark.server
REFILL = {"is_refill": True, "refill_count": 2}


@pytest.fixture(scope="module")
def clinic(server):
    from tasuki_server.platform.house import close_house

    begin_registering(server.first)
    yield server.first
    close_house()


def test_a_change_does_not_take_over_a_drug_that_a_pharmacy_gives_already(clinic):
    visit = received(clinic, "401")
    sign(clinic, visit, drug_order(), drug_order(LOXOPROFEN, count=20, split_counts=(10, 10)))
    _settled(clinic)
    held = registrations(clinic, visit)[0]
    assert PHARMACY.receive(held.access_code, _card("401")).is_fine
    sign(clinic, visit, drug_order(REBAMIPIDE), drug_order(count=20, split_counts=(10, 10)), reason="変更")
    _settled(clinic)
    assert _valid(clinic, visit) == {
        (0, 0, 0): {AMLODIPINE},
        (0, 2, 1): {LOXOPROFEN},
        (0, 2, 2): {LOXOPROFEN},
    }
    told = [each for each in _acts(clinic, visit) if each.code == "EPR-0010"]
    assert len(told) == 2 and all(held.access_code in each.message for each in told)


def test_two_prescriptions_exchange_their_drugs(clinic):
    visit = received(clinic, "402")
    sign(clinic, visit, drug_order(), drug_order(LOXOPROFEN, **REFILL))
    _settled(clinic)
    sign(clinic, visit, drug_order(LOXOPROFEN), drug_order(**REFILL), reason="入替え")
    sent = _settled(clinic)
    assert _valid(clinic, visit) == {(0, 0, 0): {LOXOPROFEN}, (2, 0, 0): {AMLODIPINE}}
    assert sent[2:] == ["cancel", "cancel", "register", "register"]


def test_what_gives_a_drug_up_goes_before_what_takes_it(clinic):
    visit = received(clinic, "403")
    kept = drug_order()
    sign(clinic, visit, kept, drug_order(LOXOPROFEN, **REFILL))
    _settled(clinic)
    sign(clinic, visit, kept, drug_order(LOXOPROFEN), reason="リフィルをやめた")
    sent = _settled(clinic)
    assert _valid(clinic, visit) == {(0, 0, 0): {AMLODIPINE, LOXOPROFEN}}
    assert sent[2:] == ["cancel", "change"]


def test_prescriptions_that_share_no_drug_are_changed_as_they_were(clinic):
    visit = received(clinic, "404")
    sign(clinic, visit, drug_order(), drug_order(LOXOPROFEN, **REFILL))
    _settled(clinic)
    sign(clinic, visit, drug_order(count=14), drug_order(REBAMIPIDE, **REFILL), reason="変更")
    sent = _settled(clinic)
    assert _valid(clinic, visit) == {(0, 0, 0): {AMLODIPINE}, (2, 0, 0): {REBAMIPIDE}}
    assert sent[2:] == ["change", "change"]


def test_a_drug_taken_over_from_a_version_that_was_never_sent(clinic):
    """What the service holds counts, also where another version already waits to follow it."""
    visit = received(clinic, "405")
    sign(clinic, visit, drug_order(REBAMIPIDE), drug_order(LOXOPROFEN, **REFILL))
    _settled(clinic)
    sign(clinic, visit, drug_order(REBAMIPIDE), drug_order(**REFILL), reason="変更")
    sign(clinic, visit, drug_order(LOXOPROFEN), drug_order(REBAMIPIDE, **REFILL), reason="入替え")
    _settled(clinic)
    assert _valid(clinic, visit) == {(0, 0, 0): {LOXOPROFEN}, (2, 0, 0): {REBAMIPIDE}}
    assert {each.state for each in _acts(clinic, visit)} == {"done", "dropped"}


def _settled(clinic):
    """The kinds of what was done, of whoever signed last, when nothing waits any more."""
    from tasuki_server.eprescribing.models import RegistrationAct

    while keep_round(clinic).settled:
        pass
    with clinic.work("doctor"):
        visit_id = RegistrationAct.objects.order_by("-made_at").values_list("visit_id", flat=True)[0]
        done = RegistrationAct.objects.filter(visit_id=visit_id, state="done").order_by("place")
        return list(done.values_list("kind", flat=True))


def _acts(clinic, visit):
    from tasuki_server.eprescribing.models import RegistrationAct

    with clinic.work("doctor"):
        return list(RegistrationAct.objects.filter(visit=visit).order_by("place"))


def _valid(clinic, visit):
    """Of each valid prescription of the visit its drugs."""
    from tasuki_server.eprescribing.contents import read_contents
    from tasuki_server.eprescribing.sharing_drugs import drugs_of

    rows = [each for each in registrations(clinic, visit) if each.stage == "registered"]
    assert len({each.key for each in rows}) == len(rows)
    return {tuple(each.key): set(drugs_of(read_contents(each.contents))) for each in rows}


def _card(number):
    from tasuki.eligibility.requests import CardNumber

    return CardNumber("01130012", "12345", number, "")
