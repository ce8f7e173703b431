# SPDX-License-Identifier: Apache-2.0
"""証人 — signs what follows from what it saw, and nothing else."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import threading
from http import HTTPStatus
from pathlib import Path

import pytest

pytest.importorskip("cryptography", reason="cryptography (the extra tasuki[server]) is not installed")

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tasuki.security.checkpoint import Checkpoint
from tasuki.security.merkle import consistency_proof, frontier_of, leaf_hash
from tasuki_server.audit.notes import BadNote, cosigned_at, is_signed_by, public_bytes, read_note, sign
from tasuki_server.audit.witness import Witness
from tasuki_server.audit.witness_desk import DistantWitness, WitnessAway, desk_of

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
LOG = "tasuki/audit/test"
LEAVES = [leaf_hash(bytes([number])) for number in range(20)]


@pytest.fixture
def witness(tmp_path: Path) -> Witness:
    made = Witness(tmp_path / "witness", "test/witness")
    made.trust(LOG, public_bytes(KEY))
    return made


def request(
    old: int,
    size: int,
    *,
    leaves: list[bytes] = LEAVES,
    key: Ed25519PrivateKey = KEY,
    claimed: int | None = None,
) -> str:
    """A checkpoint of the first leaves, with its proof from the old size."""
    checkpoint = Checkpoint(LOG, size, frontier_of(leaves[:size]).root)
    proof = consistency_proof(frontier_of(leaves[:old]), leaves[old:size])
    lines = [
        f"old {old if claimed is None else claimed}",
        *[base64.b64encode(each).decode() for each in proof],
    ]
    return "\n".join([*lines, "", sign(checkpoint.text, LOG, key).whole])


def test_a_log_that_only_grows_is_cosigned(witness: Witness) -> None:
    for old, size in ((0, 3), (3, 3), (3, 8), (8, 20)):
        answer = witness.add_checkpoint(request(old, size), 1_800_000_000)
        assert answer.status is HTTPStatus.OK, answer
    note = witness.last(LOG)
    assert note is not None and is_signed_by(note, LOG, public_bytes(KEY))
    assert cosigned_at(note, "test/witness", witness.public) == 1_800_000_000
    assert cosigned_at(note, "test/witness", public_bytes(OTHER)) is None
    assert (
        cosigned_at(note._replace(text=note.text.replace("20", "21")), "test/witness", witness.public) is None
    )


def test_a_rewritten_log_is_refused_and_what_was_seen_stays(witness: Witness) -> None:
    witness.add_checkpoint(request(0, 8), 1)
    before = witness.last(LOG)
    rewritten = [LEAVES[0], leaf_hash(b"rewritten"), *LEAVES[2:]]
    for size in (8, 12, 20):
        answer = witness.add_checkpoint(request(8, size, leaves=rewritten), 2)
        assert answer.status is HTTPStatus.UNPROCESSABLE_ENTITY
    assert witness.last(LOG) == before


def test_a_shorter_log_is_told_how_far_it_was(witness: Witness) -> None:
    witness.add_checkpoint(request(0, 8), 1)
    assert witness.add_checkpoint(request(0, 5), 2) == (HTTPStatus.CONFLICT, "8\n")
    assert witness.add_checkpoint(request(0, 5, claimed=8), 2).status is HTTPStatus.BAD_REQUEST


def test_the_key_of_another_is_refused(witness: Witness) -> None:
    assert witness.add_checkpoint(request(0, 3, key=OTHER), 1).status is HTTPStatus.FORBIDDEN
    with pytest.raises(ValueError, match="another key"):
        witness.trust(LOG, public_bytes(OTHER))
    witness.trust(LOG, public_bytes(KEY))


def test_an_unknown_log_is_not_begun(tmp_path: Path) -> None:
    stranger = Witness(tmp_path / "other", "test/other")
    assert stranger.add_checkpoint(request(0, 3), 1).status is HTTPStatus.NOT_FOUND
    assert stranger.last(LOG) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "old\n\n",
        "old x\n\n",
        "new 0\n\nlog\n1\n",
        "old 0\n!!\n\n" + "log\n",
        "old 0\n" + "AAAA\n" * 70 + "\nlog\n",
    ],
)
def test_what_cannot_be_read_is_said(witness: Witness, text: str) -> None:
    assert witness.add_checkpoint(text, 1).status is HTTPStatus.BAD_REQUEST


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        ("new 0", "first line"),
        ("old x", "first line"),
        ("old ３", "first line"),
        ("old " + "1" * 19, "first line"),
        ("old " + "1" * 18, "larger than the new one"),
        ("old 0" + "\nAAAA" * 64, "too long"),
        ("old 0\nA!AAA", ""),
    ],
)
def test_a_first_line_or_a_proof_of_another_form_is_refused_before_anything_is_compared(
    witness: Witness, head: str, reason: str
) -> None:
    asked = head + request(0, 3).removeprefix("old 0")
    answer = witness.add_checkpoint(asked, 1)
    assert answer.status is HTTPStatus.BAD_REQUEST and reason in answer.text
    assert witness.last(LOG) is None


def test_a_proof_of_as_many_lines_as_a_tree_can_have_is_compared(witness: Witness) -> None:
    asked = "old 0" + "\nAAAA" * 63 + request(0, 3).removeprefix("old 0")
    assert witness.add_checkpoint(asked, 1).status is HTTPStatus.UNPROCESSABLE_ENTITY


def test_what_it_signed_is_on_disk_before_it_answers_and_nothing_of_before_is_lost(
    witness: Witness, monkeypatch: pytest.MonkeyPatch
) -> None:
    forced: list[int] = []
    fsync = os.fsync

    def counted(handle: int) -> None:
        forced.append(os.fstat(handle).st_size)
        fsync(handle)

    monkeypatch.setattr(os, "fsync", counted)
    for old, size in ((0, 3), (3, 8)):
        witness.add_checkpoint(request(old, size), 1)
    # The history and then the last one, each with what was written and not before it.
    assert len(forced) == 4 and 0 < forced[1] < forced[0] < forced[2]
    stem = hashlib.sha256(LOG.encode()).hexdigest()
    logs = witness.folder / "logs"
    assert sorted(each.name for each in logs.iterdir()) == [f"{stem}.history", f"{stem}.json"]
    history = [json.loads(line) for line in (logs / f"{stem}.history").read_text("utf-8").splitlines()]
    assert [each["origin"] for each in history] == [LOG] * 3
    sizes = [read_note(each["note"]).text.split("\n")[1] for each in history if each["note"]]
    assert sizes == ["3", "8"]
    assert json.loads((logs / f"{stem}.json").read_text("utf-8")) == history[-1]


def test_a_crash_before_the_last_one_is_in_place_leaves_the_one_before(
    witness: Witness, monkeypatch: pytest.MonkeyPatch
) -> None:
    witness.add_checkpoint(request(0, 3), 1)
    before = witness.last(LOG)

    def cut(_fresh: Path, _place: Path) -> None:
        raise OSError("the power went")

    monkeypatch.setattr("tasuki_server.audit.witness.put_in_place", cut)
    with pytest.raises(OSError, match="power"):
        witness.add_checkpoint(request(3, 8), 2)
    monkeypatch.undo()
    again = Witness(witness.folder, witness.name)
    assert again.last(LOG) == before
    (left,) = (witness.folder / "logs").glob("*.new")
    assert left.name.startswith(hashlib.sha256(LOG.encode()).hexdigest() + ".")
    assert again.add_checkpoint(request(3, 8), 3).status is HTTPStatus.OK


def test_its_folder_and_its_key_are_its_own(witness: Witness) -> None:
    assert (witness.folder / "logs").stat().st_mode & 0o777 == 0o700
    assert (witness.folder / "key").stat().st_mode & 0o777 == 0o600
    witness.trust("ログ/東の院", public_bytes(KEY))
    history = witness.folder / "logs" / f"{hashlib.sha256('ログ/東の院'.encode()).hexdigest()}.history"
    # Read by people after a fault.
    assert "ログ/東の院" in history.read_text("utf-8")


def test_the_witness_remembers_after_a_restart(witness: Witness) -> None:
    witness.add_checkpoint(request(0, 8), 1)
    again = Witness(witness.folder, witness.name)
    assert again.public == witness.public
    assert again.add_checkpoint(request(0, 3), 2).status is HTTPStatus.CONFLICT
    assert again.add_checkpoint(request(8, 9), 2).status is HTTPStatus.OK


def test_two_at_once_do_not_both_go_on_from_the_same_place(witness: Witness) -> None:
    witness.add_checkpoint(request(0, 8), 1)
    answers = []
    threads = [
        threading.Thread(target=lambda size=size: answers.append(witness.add_checkpoint(request(8, size), 2)))
        for size in range(9, 20)
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sum(answer.status is HTTPStatus.OK for answer in answers) == 1
    assert sum(answer.status is HTTPStatus.CONFLICT for answer in answers) == len(threads) - 1


def test_over_the_wire_it_answers_the_same(witness: Witness) -> None:
    with desk_of(witness, ("127.0.0.1", 0)) as desk:
        threading.Thread(target=desk.serve_forever, daemon=True).start()
        distant = DistantWitness(f"http://127.0.0.1:{desk.server_address[1]}")
        assert distant.add_checkpoint(request(0, 8), 0).status is HTTPStatus.OK
        assert distant.add_checkpoint(request(0, 5), 0) == (HTTPStatus.CONFLICT, "8\n")
        assert distant.add_checkpoint("x" * 65_536, 0).status is HTTPStatus.BAD_REQUEST
        assert distant.add_checkpoint("x" * 65_537, 0).status is HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        desk.shutdown()
    with pytest.raises(WitnessAway):
        DistantWitness(f"http://127.0.0.1:{desk.server_address[1]}").add_checkpoint(request(8, 9), 0)
    with pytest.raises(ValueError, match="no address"):
        DistantWitness("file:///etc/passwd")


@pytest.mark.parametrize(
    "whole", ["", "text\n", "text\n\n", "text\n\n— \n", "text\n\n— name !\n", "text\n\nname AAAA\n"]
)
def test_a_note_of_another_form_is_refused(whole: str) -> None:
    with pytest.raises(BadNote):
        read_note(whole)
