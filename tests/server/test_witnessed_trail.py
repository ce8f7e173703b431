# SPDX-License-Identifier: Apache-2.0
"""証人のある監査証跡 — what the chain alone cannot show, the checkpoint of a witness does."""

from __future__ import annotations

from datetime import timedelta

import pytest

pytestmark = pytest.mark.server


@pytest.fixture
def witness(server, tmp_path):
    from tasuki_server.audit.checkpoints import log_public, origin_of
    from tasuki_server.audit.witness import Witness

    made = Witness(tmp_path / "witness", "test/witness")
    made.trust(origin_of(server.first.id), log_public())
    return made


def some_events(clinic, count=3):
    from tasuki_server.audit.trail import record

    for number in range(count):
        with clinic.work():
            record("chart.read", detail={"number": number})


def bring(clinic, witness):
    from tasuki_server.audit.checkpoints import bring_to_witness, checkpoint_in

    return checkpoint_in(bring_to_witness(clinic.id, witness, 1))


def breaks(clinic, witnessed=None):
    from tasuki_server.audit.trail import verify_chain

    with clinic.work():
        return verify_chain(clinic.id, witnessed)[2]


def test_each_checkpoint_goes_on_from_the_one_before(server, witness):
    from tasuki_server.audit.models import AuditCheckpoint

    first = bring(server.first, witness)
    some_events(server.first)
    second = bring(server.first, witness)
    assert bring(server.first, witness) == second
    assert second.size == first.size + 3
    assert breaks(server.first, second) == [] and breaks(server.first, first) == []
    with server.first.work():
        assert AuditCheckpoint.objects.filter(size=second.size).count() == 1


def test_the_trail_of_another_institution_is_another_log(server, witness):
    from tasuki_server.audit.checkpoints import WitnessRefused

    with pytest.raises(WitnessRefused, match="404"):
        bring(server.second, witness)


def test_a_checkpoint_that_was_changed_shows(server, witness):
    import psycopg

    some_events(server.first)
    seen = bring(server.first, witness)
    with psycopg.connect(server.connections.owner) as owner:
        owner.execute("SET ROLE NONE")
        owner.execute(
            "UPDATE audit_auditcheckpoint SET note = replace(note, %s, %s) WHERE size = %s",
            [f"\n{seen.size}\n", f"\n{seen.size + 1}\n", seen.size],
        )
    assert [(each.number, each.kind) for each in breaks(server.first)] == [(seen.size, "checkpoint")]
    with psycopg.connect(server.connections.owner) as owner:
        owner.execute("SET ROLE NONE")
        owner.execute("DELETE FROM audit_auditcheckpoint WHERE size = %s", [seen.size])
    assert breaks(server.first, seen) == []


def keep_note(server, size, whole):
    """As someone with all power over the database."""
    import psycopg

    with psycopg.connect(server.connections.owner) as owner:
        owner.execute("SET ROLE NONE")
        owner.execute(
            "UPDATE audit_auditcheckpoint SET note = %s WHERE size = %s AND institution_id = %s",
            [whole, size, server.first.id],
        )


def test_only_a_checkpoint_of_this_log_and_size_under_our_own_key_covers_the_trail(server, witness):
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from tasuki_server.audit.checkpoints import log_key, origin_of
    from tasuki_server.audit.models import AuditCheckpoint
    from tasuki_server.audit.notes import sign

    some_events(server.first)
    seen = bring(server.first, witness)
    with server.first.work():
        kept = AuditCheckpoint.objects.get(size=seen.size).note
    text = seen.text
    forged = {
        "another's key": sign(text, seen.origin, Ed25519PrivateKey.generate()).whole,
        "another log": sign(
            text.replace(seen.origin, origin_of(server.second.id)), seen.origin, log_key()
        ).whole,
        "another size": sign(
            text.replace(f"\n{seen.size}\n", f"\n{seen.size - 1}\n"), seen.origin, log_key()
        ).whole,
        "no note": "nothing to read",
    }
    for what, whole in forged.items():
        keep_note(server, seen.size, whole)
        assert [tuple(each)[:2] for each in breaks(server.first)] == [(seen.size, "checkpoint")], what
    keep_note(server, seen.size, kept)
    assert breaks(server.first) == []


def test_a_trail_that_is_shorter_than_a_witness_saw_shows(server, witness):
    from tasuki.security.checkpoint import Checkpoint

    some_events(server.first)
    seen = bring(server.first, witness)
    longer = Checkpoint(seen.origin, seen.size + 4, seen.root)
    assert [(each.number, each.kind) for each in breaks(server.first, longer)] == [(seen.size + 4, "witness")]
    other = Checkpoint(seen.origin, seen.size - 1, seen.root)
    assert [(each.number, each.kind) for each in breaks(server.first, other)] == [(seen.size - 1, "witness")]


def test_the_name_and_the_key_of_a_log_stay_as_a_witness_knows_them(server):
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from tasuki_server.audit.checkpoints import log_public, origin_of
    from tasuki_server.audit.notes import public_bytes
    from tasuki_server.database.places import installation_secrets

    assert origin_of(server.first.id) == f"tasuki/audit/{server.first.id}"
    secret = installation_secrets().derived("audit-checkpoint")
    assert log_public() == public_bytes(Ed25519PrivateKey.from_private_bytes(secret))


def test_a_checkpoint_waits_for_whoever_writes_the_trail(server, monkeypatch):
    from threading import Event, Thread

    from django.db import OperationalError, connections

    from tasuki_server.audit import trail
    from tasuki_server.audit.checkpoints import take_checkpoint

    has_it, is_done = Event(), Event()

    def write():
        try:
            with server.first.work():
                trail.lock_chain(server.first.id)
                has_it.set()
                is_done.wait(30)
        finally:
            connections.close_all()

    other = Thread(target=write)
    other.start()
    try:
        assert has_it.wait(30)
        monkeypatch.setattr(trail, "LOCK_SECONDS", 0.2)
        with pytest.raises(OperationalError, match="lock"), server.first.work():
            take_checkpoint(server.first.id)
    finally:
        is_done.set()
        other.join()


@pytest.mark.parametrize("seen", [1, 2, 5])
def test_a_witness_may_have_seen_a_size_of_which_no_checkpoint_is_kept(server, seen):
    """Its answer never came back: the proof then begins with the trail itself."""
    import base64
    from http import HTTPStatus
    from itertools import islice

    from tasuki.security.checkpoint import read_checkpoint
    from tasuki.security.merkle import frontier_of, is_consistent
    from tasuki_server.audit import checkpoints
    from tasuki_server.audit.notes import read_note
    from tasuki_server.audit.witness import Answer

    asked = []

    class Desk:
        def add_checkpoint(self, request, at):
            asked.append(request)
            return Answer(HTTPStatus.CONFLICT, f"{seen}\n")

    some_events(server.first)
    with pytest.raises(checkpoints.WitnessRefused):
        checkpoints.bring_to_witness(server.first.id, Desk(), 1)
    first, second = (each.partition("\n\n") for each in asked)
    assert first[0] == "old 0"
    line, *proof = second[0].split("\n")
    new = read_checkpoint(read_note(second[2]).text)
    with server.first.work():
        leaves = list(checkpoints.leaves_of(server.first.id))
        old = frontier_of(list(islice(leaves, seen)))
    assert line == f"old {seen}" and len(leaves) == new.size
    given = [base64.b64decode(each) for each in proof]
    assert is_consistent(seen, old.root, new.size, new.root, given)


@pytest.mark.parametrize(
    ("status", "text"),
    [(409, "many\n"), (409, "３\n"), (409, ""), (200, "no signature\n"), (500, "")],
)
def test_an_answer_that_cannot_be_read_is_a_refusal(server, status, text):
    from http import HTTPStatus

    from tasuki_server.audit.checkpoints import WitnessRefused, bring_to_witness
    from tasuki_server.audit.witness import Answer

    class Desk:
        def add_checkpoint(self, request, at):
            return Answer(HTTPStatus(status), text)

    with pytest.raises(WitnessRefused):
        bring_to_witness(server.first.id, Desk(), 1)


def test_the_drill_finds_every_attack_and_its_control_none_of_the_hard_ones(monkeypatch, server):
    from tasuki_server.drills import tamper
    from tasuki_server.drills.drill import Tier

    finding = _drilled(monkeypatch, tamper, server)
    assert finding.is_passed, finding
    assert finding.counts["found"] == finding.counts["attacks"] == 2 * len(tamper.ATTACKS)
    assert set(finding.control) == {f"found_{kind}" for kind in tamper.HARD}
    assert Tier.PUSH in tamper.TIMES


def _drilled(monkeypatch, tamper, server):
    """On the database of this module instead of one of its own, twice a kind."""
    from contextlib import contextmanager
    from pathlib import Path
    from tempfile import TemporaryDirectory

    from tasuki_server.drills.drill import Tier

    @contextmanager
    def here():
        with TemporaryDirectory() as folder:
            yield Path(folder)

    monkeypatch.setenv("TASUKI_OWNER_DATABASE_URL", server.connections.owner)
    monkeypatch.setattr(tamper, "training_ground", here)
    monkeypatch.setitem(tamper.TIMES, Tier.PUSH, 2)
    return tamper.run(Tier.PUSH, 1, lambda line: None)


def test_the_command_brings_every_trail_and_verifies_with_the_folder(server, capsys, monkeypatch, tmp_path):
    import threading
    from contextlib import contextmanager

    from tasuki_server.audit.witness import Witness
    from tasuki_server.audit.witness_desk import desk_of
    from tasuki_server.cli import main
    from tasuki_server.database import session

    @contextmanager
    def here(*args, **options):
        yield session.Attached(server.connections, None)

    monkeypatch.setattr(session, "connected", here)
    assert main(["audit", "checkpoint", "--key"]) == 0
    logs = [line.split() for line in capsys.readouterr().out.splitlines()]
    folder = tmp_path / "outside"
    for origin, public in logs:
        assert main(["witness", "trust", origin, public, "--folder", str(folder)]) == 0
    with desk_of(Witness(folder, "test/outside"), ("127.0.0.1", 0)) as desk:
        threading.Thread(target=desk.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{desk.server_address[1]}"
        some_events(server.second)
        assert main(["audit", "checkpoint", "--witness", address]) == 0
        desk.shutdown()
    assert main(["audit", "verify", "--witness-folder", str(folder)]) in (0, 1)
    assert capsys.readouterr().out.count("件と照合") == len(logs) >= 2
    assert main(["audit", "checkpoint", "--witness", address]) == 1
    assert "受け付けられませんでした" in capsys.readouterr().out
    assert main(["audit", "verify", "--witness-folder", str(tmp_path / "empty")]) == 2
    assert main(["witness", "trust", logs[0][0], "00", "--folder", str(folder)]) == 2
    assert main(["witness", "trust", logs[0][0], "00" * 32, "--folder", str(folder)]) == 2


def test_the_keeper_brings_the_trails_in_its_rounds_and_tells_a_refusal_once(server, capsys, tmp_path):
    from tasuki_server.audit.checkpoints import origin_of
    from tasuki_server.audit.witness import Witness
    from tasuki_server.cli.trail_keeper import TrailKeeper

    own = Witness(tmp_path / "own", "test/own")
    keeper = TrailKeeper(own, own)
    keeper.attend()
    first = own.last(origin_of(server.second.id))
    some_events(server.second)
    keeper.attend()
    assert own.last(origin_of(server.second.id)) != first is not None
    stranger = TrailKeeper(Witness(tmp_path / "stranger", "test/stranger"), None)
    capsys.readouterr()
    stranger.attend()
    stranger.attend()
    assert capsys.readouterr().err.count("証人に届けられません") == 1


def test_the_keeper_has_a_thread_of_its_own_which_ends_when_it_is_told(server, witness):
    from threading import Event

    from tasuki_server.cli.trail_keeper import TrailKeeper

    asked = Event()
    keeper = TrailKeeper(_Desk(witness, asked.set), None)
    keeper.start()
    assert asked.wait(10)
    keeper.stop()
    assert not keeper._thread.is_alive()


def test_whatever_goes_wrong_is_told_and_the_keeper_stays(server, witness, capsys, monkeypatch):
    from django.db import OperationalError

    from tasuki_server.audit import bringing
    from tasuki_server.audit.checkpoints import origin_of
    from tasuki_server.cli.trail_keeper import TrailKeeper

    def broken():
        raise RuntimeError("an unknown fault")

    some_events(server.first)
    before = witness.last(origin_of(server.first.id))
    TrailKeeper(_Desk(witness, broken), None, [witness]).attend()
    assert "an unknown fault" in capsys.readouterr().err
    # The other witness was asked all the same.
    assert witness.last(origin_of(server.first.id)) != before

    def busy(institution_id, desk, at):
        if institution_id == server.first.id:
            raise OperationalError("canceling statement due to lock timeout")
        return bringing.bring_to_witness_of_old(institution_id, desk, at)

    monkeypatch.setattr(bringing, "bring_to_witness_of_old", bringing.bring_to_witness, raising=False)
    monkeypatch.setattr(bringing, "bring_to_witness", busy)
    told = {each.institution.id: each.fault for each in bringing.bring_all(witness, 1)}
    assert "lock timeout" in told[server.first.id] and server.second.id in told


def test_a_key_that_is_none_ends_the_start_and_never_a_house_that_serves(
    server, witness, capsys, monkeypatch
):
    from tasuki_server.cli.trail_keeper import TrailKeeper
    from tasuki_server.cli.words import Stop

    monkeypatch.setenv("TASUKI_WITNESS_KEYS", "witness.example+1234+typo")
    with pytest.raises(Stop, match="検証鍵"):
        TrailKeeper.for_installation()
    TrailKeeper(witness, None).attend()
    assert "検証鍵" in capsys.readouterr().err


def test_a_witness_that_is_away_is_asked_once_in_a_round(server, witness):
    from tasuki_server.audit.bringing import all_institutions, bring_all
    from tasuki_server.audit.witness_desk import WitnessAway

    asked = []

    def away():
        asked.append(True)
        raise WitnessAway("nobody there")

    assert len(all_institutions()) > 1
    assert [each.fault for each in bring_all(_Desk(witness, away), 1)] == ["nobody there"]
    assert asked == [True]


class _Desk:
    """A witness that does something before it answers."""

    def __init__(self, witness, before):
        self.witness, self.before = witness, before

    def add_checkpoint(self, request, at):
        self.before()
        return self.witness.add_checkpoint(request, at)


def test_a_witness_that_takes_its_time_keeps_nobody_from_acting(server, witness, monkeypatch):
    """An act waits for the chain for some seconds and is then refused: a hanging witness must not hold it."""
    from threading import Thread

    from django.db import connections

    from tasuki_server.audit import checkpoints, trail
    from tasuki_server.audit.models import AuditEvent
    from tasuki_server.audit.trail import record

    monkeypatch.setattr(trail, "LOCK_SECONDS", 1.0)
    acted = []

    def act():
        try:
            with server.first.work():
                record("chart.read")
            acted.append(True)
        finally:
            connections.close_all()

    def hang():
        other = Thread(target=act)
        other.start()
        other.join(10)

    bring(server.first, witness)
    some_events(server.first)
    note = checkpoints.bring_to_witness(server.first.id, _Desk(witness, hang), 2)
    # Once for the size it knows, once with the proof; what came meanwhile is of the next checkpoint.
    assert acted == [True, True]
    with server.first.work():
        assert AuditEvent.objects.count() == checkpoints.checkpoint_in(note).size + 2
    assert breaks(server.first, bring(server.first, witness)) == []


def test_cosignatures_of_several_witnesses_are_kept_and_checked(server, witness, tmp_path, monkeypatch):
    import psycopg

    from tasuki_server.audit.checkpoints import WitnessRefused, log_public, origin_of
    from tasuki_server.audit.cosignatures import check_cosignatures
    from tasuki_server.audit.notes import BadNote, Verifier, read_verifier
    from tasuki_server.audit.witness import Witness

    other = Witness(tmp_path / "other", "test/other")
    other.trust(origin_of(server.first.id), log_public())
    known = [Verifier(each.name, each.public) for each in (witness, other)]
    assert [read_verifier(each.text) for each in known] == known
    with pytest.raises(BadNote):
        read_verifier(known[0].text.replace("test/witness", "test/wetness"))

    def checked(keys):
        with server.first.work():
            signed, found = check_cosignatures(keys)
        return {each.verifier.name: (each.size, each.at) for each in signed}, [each.kind for each in found]

    monkeypatch.setenv("TASUKI_WITNESS_KEYS", ",".join(each.text for each in known))
    some_events(server.first)
    first = bring(server.first, witness)
    # Each witness has a chain of what it saw of its own; one that is not asked yet is missed.
    assert checked(known) == ({"test/witness": (first.size, 1), "test/other": (0, 0)}, ["unwitnessed"])
    assert bring(server.first, other).size == bring(server.first, witness).size == first.size
    assert checked(known) == ({"test/witness": (first.size, 1), "test/other": (first.size, 1)}, [])
    # A witness of another key is nobody: what it answers is not taken for a witness's word.
    stranger = Witness(tmp_path / "stranger", "test/witness")
    stranger.trust(origin_of(server.first.id), log_public())
    with pytest.raises(WitnessRefused, match="TASUKI_WITNESS_KEYS") as refused:
        bring(server.first, stranger)
    assert "200" not in str(refused.value) and "test/witness" in str(refused.value)
    # Whoever makes a checkpoint anew, with the server's own key, has no cosignature of it.
    from tasuki_server.audit.checkpoints import log_key
    from tasuki_server.audit.notes import sign

    forged = sign(
        f"{origin_of(server.first.id)}\n{first.size}\n{'A' * 43}=\n", origin_of(server.first.id), log_key()
    )
    with psycopg.connect(server.connections.owner) as owner:
        owner.execute("SET ROLE NONE")
        owner.execute(
            "UPDATE audit_auditcheckpoint SET note = %s WHERE size = %s AND institution_id = %s",
            [forged.whole, first.size, server.first.id],
        )
    assert checked(known)[1] == ["cosignature"] * 2 + ["unwitnessed"] * 2


def test_a_cosignature_that_no_witness_makes_is_not_kept_and_one_that_is_cut_shows(
    server, witness, monkeypatch
):
    """A name of a hundred characters and a signature of seventy-eight bytes are the longest."""
    import psycopg

    from tasuki_server.audit.cosignatures import check_cosignatures, keep_cosignatures
    from tasuki_server.audit.models import AuditCosignature
    from tasuki_server.audit.notes import Verifier

    made = [("w" * 100, b"k" * 78), ("w" * 101, b"k" * 76), ("x", b"k" * 79), ("y", b"k" * 76)]
    with server.first.work():
        keep_cosignatures(1, made)
        keep_cosignatures(1, made)
        kept = AuditCosignature.objects.filter(size=1).values_list("witness", "key")
        assert sorted(kept) == [("w" * 100, b"kkkk".hex()), ("y", b"kkkk".hex())]
    known = (Verifier(witness.name, witness.public),)
    monkeypatch.setenv("TASUKI_WITNESS_KEYS", known[0].text)
    some_events(server.first)
    seen = bring(server.first, witness)
    with psycopg.connect(server.connections.owner) as owner:
        owner.execute("SET ROLE NONE")
        owner.execute(
            "UPDATE audit_auditcosignature SET made = overlay(made placing '!!!!' from 1) WHERE size = %s AND witness = %s",
            [seen.size, witness.name],
        )
    with server.first.work():
        assert (seen.size, "cosignature") in [
            (each.number, each.kind) for each in check_cosignatures(known)[1]
        ]
    with psycopg.connect(server.connections.owner) as owner:
        owner.execute("SET ROLE NONE")
        owner.execute("DELETE FROM audit_auditcosignature WHERE institution_id = %s", [server.first.id])


def test_what_witnesses_signed_and_was_removed_shows_after_a_day(server, witness, monkeypatch, capsys):
    """With the rows gone nothing is wrong in what is left, but that witnesses stopped long ago."""
    import psycopg
    from django.utils import timezone

    from tasuki_server.audit.cosignatures import check_cosignatures
    from tasuki_server.audit.notes import Verifier

    known = (Verifier(witness.name, witness.public),)
    some_events(server.first)
    first = bring(server.first, witness)
    some_events(server.first)
    second = bring(server.first, witness)

    def checked(later=0):
        with server.first.work():
            signed, found = check_cosignatures(known, timezone.now() + timedelta(hours=later))
        return [(each.size, each.at) for each in signed], [(each.number, each.kind) for each in found]

    assert checked(30) == ([(second.size, 1)], [])
    with psycopg.connect(server.connections.owner) as owner:
        owner.execute("SET ROLE NONE")
        owner.execute(
            "DELETE FROM audit_auditcosignature WHERE size = %s AND institution_id = %s",
            [second.size, server.first.id],
        )
    assert checked(23) == ([(first.size, 1)], [])
    assert checked(25) == ([(first.size, 1)], [(first.size, "behind")])


def test_verify_tells_when_each_witness_signed_last(server, witness, capsys, monkeypatch):
    from contextlib import contextmanager

    from tasuki_server.audit.notes import Verifier
    from tasuki_server.cli import main
    from tasuki_server.database import session

    @contextmanager
    def here(*args, **options):
        yield session.Attached(server.connections, None)

    monkeypatch.setattr(session, "connected", here)
    bring(server.first, witness)
    main(["audit", "verify", "--witness-key", Verifier(witness.name, witness.public).text])
    told = capsys.readouterr().out
    assert "最後: 1970-01-01T" in told and "最後: なし" in told
