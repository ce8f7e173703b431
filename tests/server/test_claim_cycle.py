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
        again = [make_reclaim_submission(NEXT, each.claim.payer, "house", [each]).id for each in ready]
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


def test_every_page_of_the_cycle_opens(server, month):
    from tasuki_server.claims.models import BuiltClaim, ResultFile, ReturnedClaim, Submission

    clinic = server.first
    with clinic.work("clerk"):
        rows = [
            *(f"submissions/{each.id}/" for each in Submission.objects.all()),
            *(f"returns/{each.id}/" for each in ReturnedClaim.objects.all()),
            *(f"results/{each.id}/" for each in ResultFile.objects.all()),
            *(f"{each.id}/life/" for each in BuiltClaim.objects.all()[:12]),
        ]
    assert len(rows) > 20
    browser = clinic.browser("clerk")
    plain = (
        "sending/",
        "sending/?month=2026-10",
        "returns/",
        "returns/?show=all",
        "reconcile/",
        "analysis/?until=2026-11",
    )
    lists = (
        "?month=2026-09",
        "?month=2026-09&view=rule",
        "?month=2026-09&show=open&sort=points&q=アオキ&payer=1",
    )
    for path in (*plain, *lists, *rows):
        assert browser.get(f"/claims/{path}").status_code == 200, path
    page = browser.get("/claims/reconcile/").content.decode()
    assert page.count("✓ 一致") == 4 and "未着の振込予定 <b>0</b>円" in page
    assert "デブリードマン" in browser.get("/claims/analysis/?until=2026-11").content.decode()


def test_the_desk_is_open_to_its_operators_alone(server, month):
    from tasuki_server.receiving.models import Delivery, ReceivedReceipt
    from tasuki_server.receiving.opening import add_operator

    one = Delivery.objects.order_by("received_at").first()
    receipt = ReceivedReceipt.objects.filter(delivery=one).first()
    paths = ("/receiving/", f"/receiving/deliveries/{one.id}/")
    examiner = server.first.browser("examiner")
    assert {examiner.get(path).status_code for path in paths} == {404}
    assert examiner.post(f"/receiving/receipts/{receipt.id}/decide/").status_code == 404
    assert examiner.post("/receiving/examine/", {"month": "2026-10", "payer": "1"}).status_code == 404
    assert {server.first.browser("clerk").get(path).status_code for path in paths} == {403}
    add_operator(server.second.users["examiner"].pk, "審査 花子")
    sitting = server.second.browser("examiner")
    assert {sitting.get(path).status_code for path in paths} == {200}
