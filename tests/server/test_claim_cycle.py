# SPDX-License-Identifier: Apache-2.0
"""請求から入金まで — close, send, returned, claimed again, paid: the payers' ledger ends at nothing, to the yen."""

from __future__ import annotations

from datetime import date

import pytest

from living_month import MONTH, live_a_month

pytestmark = pytest.mark.server
CLAIM_MONTH, NEXT = date(2026, 10, 1), date(2026, 11, 1)


@pytest.fixture(scope="module")
def month(server):
    from tasuki_server.claims.closing import close_service_month
    from tasuki_server.claims.making import make_claims

    visits = live_a_month(server.first)
    with server.first.work("clerk"):
        close_service_month(make_claims(MONTH))
    return visits


def _actor(clinic):
    from tasuki_server.institutions.work import Actor

    member = clinic.staff["clerk"]
    return Actor(member.name, member.id)


def accept_all(clinic, month=MONTH):
    """Accepts every finding that asks; a rehearsal of the wire is not about them."""
    from tasuki_server.claims.decisions import accept_finding, finding_mark, standing_in
    from tasuki_server.claims.making import newest_build

    with clinic.work("clerk"):
        standing = standing_in(month)
        for claim in newest_build(month).claims.select_related("build"):
            for each in standing.open_confirms(claim):
                accept_finding(claim, each["code"], finding_mark(each), "原本で確認した", month)


def send_all(clinic, claim_month):
    """Makes, sends and has the acceptance of every payer's file."""
    from tasuki_server.claims.results import fetch_results
    from tasuki_server.claims.sending import deliver, make_submission

    made = []
    for payer in ("1", "2"):
        with clinic.work("clerk"):
            made.append(make_submission(claim_month, payer, "house").id)
        assert deliver(clinic.id, _actor(clinic), made[-1])
    fetch_results(clinic.id, _actor(clinic), "house")
    return made


def test_the_cycle_ends_at_nothing_to_the_yen(server, month):
    from tasuki_server.claims.models import PayerEntry, PointChange, ReturnedClaim, StepKind, Submission
    from tasuki_server.claims.reclaim import Reclaim, prepare_reclaim
    from tasuki_server.claims.reconcile import accounts, explain
    from tasuki_server.claims.results import fetch_results
    from tasuki_server.claims.sending import deliver, make_reclaim_submission, open_returns, state_of
    from tasuki_server.receiving.examine import examine_month

    clinic = server.first
    accept_all(clinic)
    made = send_all(clinic, CLAIM_MONTH)
    with clinic.work("clerk"):
        assert {state_of(each) for each in Submission.objects.filter(pk__in=made)} == {StepKind.ACCEPTED}
    for payer in ("1", "2"):
        assert examine_month(payer, CLAIM_MONTH, scenario="one_of_each", by="試験") == 1
    assert fetch_results(clinic.id, _actor(clinic), "house") == 6
    assert fetch_results(clinic.id, _actor(clinic), "house") == 0
    with clinic.work("clerk"):
        assert ReturnedClaim.objects.filter(sent__isnull=False).count() == 2
        assert PointChange.objects.filter(sent__isnull=False, points__lt=0, yen__lt=0).count() == 2
        for account in accounts(CLAIM_MONTH):
            assert account.state == "agrees", (account, explain(account))
            assert account.claimed_yen > account.expected_yen == account.paid_yen > 0
            assert all(line["difference"] == 0 for line in explain(account))
        returned = open_returns()
        assert len(returned) == 2
        ready = [prepare_reclaim(each, NEXT) for each in returned]
        assert all(isinstance(each, Reclaim) for each in ready)
        again = [
            make_reclaim_submission(NEXT, each.claim.payer, "house", [each]).id for each in ready
        ]
        assert open_returns() == []
        history = bytes(returned[0].history)
        assert history and history in bytes(Submission.objects.get(pk=again[0]).data)
    for each in again:
        assert deliver(clinic.id, _actor(clinic), each)
    fetch_results(clinic.id, _actor(clinic), "house")
    for payer in ("1", "2"):
        examine_month(payer, NEXT, scenario="one_of_each", by="試験")
    fetch_results(clinic.id, _actor(clinic), "house")
    with clinic.work("clerk"):
        assert {state_of(each) for each in Submission.objects.all()} == {StepKind.PAID}
        assert {account.state for account in accounts()} == {"agrees"}
        assert sum(entry.yen for entry in PayerEntry.objects.all()) == 0
