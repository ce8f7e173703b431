# SPDX-License-Identifier: Apache-2.0
"""継ぎ目の模擬 — every seed that broke something once, and each of those faults by itself."""

from __future__ import annotations

import json
from contextlib import contextmanager
from datetime import date

import pytest

pytestmark = pytest.mark.server
CLAIM_MONTH = date(2026, 10, 1)


@pytest.fixture(scope="module")
def claims(server, owner):
    from tasuki_server.seams.wires import claims

    return claims(server.first.id, owner)


@pytest.fixture
def ground(claims, server, owner):
    from tasuki_server.institutions.opening import system_actor
    from tasuki_server.seams.claims_ground import ClaimsGround

    made = ClaimsGround(server.first.id, system_actor(server.first.id), owner)
    made.clear()
    return made


def test_no_kept_seed_breaks_anything_again(server, claims, tmp_path):
    from collections import Counter

    from tasuki_server.drills.seams import Tally, kept_seeds, play_all, quiet_wires
    from tasuki_server.seams.wires import witness

    kept, tally = kept_seeds(), Tally(Counter(), [], Counter())
    with quiet_wires():
        play_all(claims, kept["claims"], tally)
        play_all(witness(server.second.id, tmp_path), kept["witness"], tally)
    assert tally.broken == []
    assert tally.counts.total() == sum(len(kept[name]) for name in ("claims", "witness")) >= 10


def test_a_seed_decides_the_run_and_a_lost_name_shows(server, owner, claims):
    from collections import Counter
    from uuid import uuid4

    from tasuki_server.drills.seams import Tally, play_all, quiet_wires
    from tasuki_server.seams.claims_ground import ClaimsGround
    from tasuki_server.seams.claims_wire import claims_wire
    from tasuki_server.seams.simulator import play

    with quiet_wires():
        assert play(claims, 22).trace == play(claims, 22).trace
        from tasuki_server.institutions.opening import system_actor

        ground = ClaimsGround(server.first.id, system_actor(server.first.id), owner)
        nameless = claims_wire(
            ground, lambda path: path[:12] + str(uuid4()) + path[48:] if "?" in path else path
        )
        tally = Tally(Counter(), [], Counter())
        play_all(nameless, (22, 45), tally)
    assert any("作っていない送信" in each for each in tally.broken)


def _submission(ground):
    from tasuki_server.claims.sending import make_submission

    with ground.work():
        return make_submission(CLAIM_MONTH, "1", "house")


@contextmanager
def _answers(monkeypatch, change):
    """The real service behind a wire that changes what comes back."""
    from tasuki_server.claims import carriers

    real = carriers.door_for
    with monkeypatch.context() as wire:
        wire.setattr(carriers, "door_for", lambda sender: lambda *asked: change(asked, real(sender)(*asked)))
        yield


def test_a_file_that_lost_bytes_on_its_way_is_not_taken(ground, monkeypatch):
    from tasuki_server.claims import carriers
    from tasuki_server.claims.sending import deliver
    from tasuki_server.receiving.models import Delivery

    submission = _submission(ground)
    real = carriers.door_for
    with monkeypatch.context() as wire:
        wire.setattr(
            carriers,
            "door_for",
            lambda sender: lambda method, path, body: real(sender)(method, path, body[: len(body) // 2]),
        )
        assert not deliver(ground.institution_id, ground.actor, submission.id)
    assert not Delivery.objects.filter(submission=submission.id).exists()
    assert deliver(ground.institution_id, ground.actor, submission.id)
    assert Delivery.objects.get(submission=submission.id).sha256 == submission.sha256


@pytest.mark.parametrize("harm", ["list_cut", "list_with_a_gap", "file_cut", "incomplete"])
def test_an_answer_that_is_not_whole_takes_nothing_and_says_so(ground, monkeypatch, harm):
    from http.client import IncompleteRead

    from tasuki_server.claims.carriers import NotCarried
    from tasuki_server.claims.models import ResultFile
    from tasuki_server.claims.results import fetch_results
    from tasuki_server.claims.sending import deliver
    from tasuki_server.receiving.examine import examine_month

    submission = _submission(ground)
    deliver(ground.institution_id, ground.actor, submission.id)
    examine_month("1", CLAIM_MONTH)

    def change(asked, reply):
        status, body = reply
        if harm == "incomplete":
            raise IncompleteRead(body[:3])
        if harm == "file_cut" and asked[1] != "files":
            return status, body[:-1]
        if asked[1] == "files" and harm == "list_cut":
            return status, body[:-1]
        if asked[1] == "files" and harm == "list_with_a_gap":
            return status, json.dumps(json.loads(body)[1:]).encode()
        return reply

    with _answers(monkeypatch, change), pytest.raises(NotCarried):
        fetch_results(ground.institution_id, ground.actor, "house")
    with ground.work():
        assert not ResultFile.objects.exists()
    assert fetch_results(ground.institution_id, ground.actor, "house") == 2


def _brought(ground, kind, name=None):
    from tasuki_server.claims.carriers import Found
    from tasuki_server.claims.results import take_result
    from tasuki_server.receiving.models import OutgoingFile

    file = OutgoingFile.objects.get(kind=kind)
    with ground.work():
        return take_result(
            Found(kind, file.payer, f"{file.claim_month:%Y-%m}", file.name, "", bytes(file.data))
        )


def test_a_payment_brought_by_hand_before_the_acceptance_is_booked_once_and_closes_the_file(ground):
    from tasuki_server.claims.reconcile import accounts
    from tasuki_server.claims.results import fetch_results
    from tasuki_server.claims.sending import deliver, state_of
    from tasuki_server.receiving.examine import examine_month

    submission = _submission(ground)
    deliver(ground.institution_id, ground.actor, submission.id)
    examine_month("1", CLAIM_MONTH)
    assert _brought(ground, "payment") is not None
    assert fetch_results(ground.institution_id, ground.actor, "house") == 1
    assert _brought(ground, "payment") is None
    with ground.work():
        (account,) = accounts(CLAIM_MONTH)
        assert (account.state, state_of(submission)) == ("agrees", "paid")


def test_an_acceptance_brought_again_does_not_accept_a_file_that_was_never_sent(ground):
    from tasuki_server.claims.results import fetch_results
    from tasuki_server.claims.sending import deliver, state_of

    deliver(ground.institution_id, ground.actor, _submission(ground).id)
    fetch_results(ground.institution_id, ground.actor, "house")
    never_sent = _submission(ground)
    assert _brought(ground, "acceptance") is None
    with ground.work():
        assert state_of(never_sent) == "made"


def test_work_whose_beat_lies_in_the_future_is_taken_up_when_the_clock_went_back(ground, monkeypatch):
    from datetime import timedelta

    from django.utils import timezone

    from tasuki_server.claims import long_work
    from tasuki_server.claims.models import LongWork

    launched = []
    monkeypatch.setattr(long_work, "_launch_after_commit", launched.append)
    with ground.work():
        row = LongWork.objects.create(
            kind="fetch", facts={}, state="running", made_by_id=ground.actor.staff_id,
            beat_at=timezone.now() + timedelta(hours=5),
        )  # fmt: skip
        long_work.resume_silent(row)
    assert launched == [row]
    long_work.run_work(ground.institution_id, ground.actor, row.id)
    with ground.work():
        row.refresh_from_db()
        assert row.state == "done"


def _accepted(ground):
    """A file that was taken, and its first receipt."""
    from tasuki_server.claims.models import SentClaim
    from tasuki_server.claims.results import fetch_results
    from tasuki_server.claims.sending import deliver

    submission = _submission(ground)
    deliver(ground.institution_id, ground.actor, submission.id)
    fetch_results(ground.institution_id, ground.actor, "house")
    with ground.work():
        return SentClaim.objects.select_related("submission").get(submission=submission, number=1)


def _told(ground):
    from tasuki_server.claims.models import WithdrawalRequest
    from tasuki_server.claims.withdrawing import told_of

    with ground.work():
        return told_of(WithdrawalRequest.objects.get())


def test_a_withdrawal_is_on_record_whenever_the_clinic_dies(ground, monkeypatch):
    from datetime import timedelta

    from django.utils import timezone

    from tasuki_server.claims import long_work
    from tasuki_server.claims.models import LongWork
    from tasuki_server.claims.withdrawing import request_withdrawal
    from tasuki_server.receiving.models import Decision
    from tasuki_server.seams.claims_truth import _withdrawals
    from tasuki_server.seams.world import Crash

    launched = []
    monkeypatch.setattr(long_work, "_launch_after_commit", launched.append)
    sent = _accepted(ground)

    def dies(asked, reply):
        if "withdrawals" in asked[1]:
            raise Crash
        return reply

    with _answers(monkeypatch, dies), pytest.raises(Crash):
        with ground.work():
            request_withdrawal(sent, "保険者の誤り")
        long_work.run_work(ground.institution_id, ground.actor, launched.pop().id)
    assert Decision.objects.get(kind="withdraw").receipt.number == 1
    assert _told(ground).standing == "asking"
    _accepted(ground)
    with ground.work():
        LongWork.objects.update(beat_at=timezone.now() - long_work.SILENT - timedelta(seconds=1))
        long_work.resume_silent(_told(ground).work)
    long_work.run_work(ground.institution_id, ground.actor, launched.pop().id)
    assert _told(ground).standing == "arrived"
    with ground.work():
        assert list(_withdrawals()) == []


def test_a_withdrawal_whose_answer_was_lost_arrived_also_when_the_receipt_came_back(ground, monkeypatch):
    from tasuki_server.claims import long_work
    from tasuki_server.claims.results import fetch_results
    from tasuki_server.claims.withdrawing import request_withdrawal
    from tasuki_server.receiving.examine import examine_month

    launched = []
    monkeypatch.setattr(long_work, "_launch_after_commit", launched.append)
    sent = _accepted(ground)

    def ask():
        with ground.work():
            request_withdrawal(sent, "保険者の誤り")
        long_work.run_work(ground.institution_id, ground.actor, launched.pop().id)

    def lost(asked, reply):
        if "withdrawals" in asked[1]:
            raise OSError
        return reply

    with _answers(monkeypatch, lost):
        ask()
    assert _told(ground).standing == "not_arrived"
    examine_month("1", CLAIM_MONTH)
    fetch_results(ground.institution_id, ground.actor, "house")
    ask()
    assert _told(ground).standing == "arrived"


def test_a_withdrawal_of_what_was_returned_meanwhile_is_refused_with_its_reason(ground, monkeypatch):
    from tasuki_server.claims import long_work
    from tasuki_server.claims.withdrawing import request_withdrawal
    from tasuki_server.receiving.examine import examine_month
    from tasuki_server.receiving.models import Decision, ReceivedReceipt

    launched = []
    monkeypatch.setattr(long_work, "_launch_after_commit", launched.append)
    sent = _accepted(ground)
    receipt = ReceivedReceipt.objects.get(delivery__submission=sent.submission_id, number=1)
    Decision.objects.create(receipt=receipt, kind="return", code="", text="試験", made_by="審査")
    examine_month("1", CLAIM_MONTH)
    with ground.work():
        request_withdrawal(sent, "保険者の誤り")
    long_work.run_work(ground.institution_id, ground.actor, launched.pop().id)
    told = _told(ground)
    assert told.standing == "refused" and "すでに返戻されています" in told.message
    with ground.work():
        request_withdrawal(sent, "もう一度")
    assert launched == []


def test_a_witness_whose_answer_was_lost_signs_the_next_checkpoint(server, tmp_path):
    from tasuki_server.audit.bringing import bring_one
    from tasuki_server.audit.checkpoints import checkpoint_in, log_public, origin_of
    from tasuki_server.audit.trail import record
    from tasuki_server.audit.witness import Answer, Witness
    from tasuki_server.audit.witness_desk import WitnessAway

    clinic = server.second
    witness = Witness(tmp_path / "lossy", "test/lossy")
    witness.trust(origin_of(clinic.id), log_public())

    class Lossy:
        """It signs, and how the answer comes back is the test's."""

        def __init__(self, change):
            self.change = change

        def add_checkpoint(self, request, at):
            return self.change(witness.add_checkpoint(request, at))

    def lost(told):
        if told.status == 200:
            raise WitnessAway("lost")
        return told

    def grown():
        with clinic.work():
            record("chart.read")

    grown()
    assert bring_one(clinic.id, Lossy(lost), 1) == (0, "lost")
    grown()
    size, fault = bring_one(clinic.id, witness, 2)
    assert not fault and checkpoint_in(witness.last(origin_of(clinic.id))).size == size > 1
    for cut in (lambda told: told._replace(text=""), lambda told: Answer(told.status, told.text[:9])):
        grown()
        assert bring_one(clinic.id, Lossy(cut), 3)[1]
    assert not bring_one(clinic.id, witness, 4)[1]


def test_the_virtual_clock_reaches_columns_and_identifiers_and_ends(server):
    from datetime import UTC, datetime

    from django.utils import timezone

    from tasuki_server.audit.models import AuditCheckpoint
    from tasuki_server.institutions.ids import new_id
    from tasuki_server.seams.time_source import told_by

    at = datetime(2031, 2, 3, 4, 5, tzinfo=UTC)
    with told_by(lambda: at):
        assert timezone.now() == at == AuditCheckpoint._meta.get_field("taken_at").get_default()
        assert new_id().int >> 80 == int(at.timestamp() * 1000)
        assert timezone.localtime(datetime(2026, 1, 1, tzinfo=UTC)).hour == 9
    assert timezone.now() != at
