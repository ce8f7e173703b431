# SPDX-License-Identifier: Apache-2.0
"""監査記録のチェックポイント — taken of an institution's trail, sent to a witness, and compared with what it keeps."""

from __future__ import annotations

import base64
from http import HTTPStatus
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple, Protocol
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tasuki.security.audit_chain import canonical
from tasuki.security.checkpoint import BadCheckpoint, Checkpoint, read_checkpoint
from tasuki.security.merkle import Frontier, consistency_proof, leaf_hash
from tasuki_server.audit.cosignatures import has_known_witness, keep_cosignatures, known_witnesses
from tasuki_server.audit.models import AuditCheckpoint, AuditEvent
from tasuki_server.audit.notes import BadNote, Note, is_signed_by, public_bytes, read_note, sign
from tasuki_server.audit.trail import event_of, lock_chain
from tasuki_server.cli.words import say
from tasuki_server.database.places import installation_secrets
from tasuki_server.institutions.opening import system_actor
from tasuki_server.institutions.work import as_institution

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tasuki_server.audit.witness import Answer


UNREADABLE = ("証人の返答を読めません。", "The answer of the witness cannot be read.")
UNKNOWN = (
    "返答に、知っている証人の副署がありません（返答の名前: {names}）。証人の検証鍵を TASUKI_WITNESS_KEYS に加えるか、証人のアドレスを確かめてください。",
    "The answer bears no cosignature of a known witness (it names {names}); add its key to TASUKI_WITNESS_KEYS or check the address.",
)


class WitnessRefused(RuntimeError):
    """証人の拒否 — the witness did not sign: the trail does not begin as it did, or the log is not known there.

    ``why`` says it where the answer itself does not.
    """

    def __init__(self, answer: Answer, why: str = "") -> None:
        self.answer = answer
        super().__init__(why or f"{int(answer.status)} {answer.text.strip()}")


class Desk(Protocol):
    """証人の窓口 — a witness in this process, or one reached over the network."""

    def add_checkpoint(self, request: str, at: int) -> Answer:
        """チェックポイントの受付 — see :class:`tasuki_server.audit.witness.Witness`."""
        ...


class Taken(NamedTuple):
    """取得したチェックポイント — the signed note, and the frontier of the tree it tells of."""

    note: Note
    frontier: Frontier


def origin_of(institution_id: UUID) -> str:
    """ログの名前 — of the trail of one institution."""
    return f"tasuki/audit/{institution_id}"


def log_key() -> Ed25519PrivateKey:
    """ログの署名鍵 — known to the server, not to the database."""
    return Ed25519PrivateKey.from_private_bytes(installation_secrets().derived("audit-checkpoint"))


def log_public() -> bytes:
    """ログの公開鍵 — brought to the witness once."""
    return public_bytes(log_key())


def take_checkpoint(institution_id: UUID) -> Taken:
    """チェックポイントの取得 — inside a transaction of the institution; what was counted before is not read again."""
    lock_chain(institution_id)
    last = AuditCheckpoint.objects.order_by("-size").first()
    before = Frontier() if last is None else frontier_from(last)
    frontier = before.grown(leaves_of(institution_id, before.size))
    checkpoint = Checkpoint(origin_of(institution_id), frontier.size, frontier.root)
    note = sign(checkpoint.text, checkpoint.origin, log_key())
    if last is None or frontier.size > before.size:
        AuditCheckpoint.objects.create(
            size=frontier.size, roots=[each.hex() for each in frontier.roots], note=note.whole
        )
    return Taken(note, frontier)


def signed_checkpoints(institution_id: UUID) -> Iterator[Checkpoint]:
    """署名済みのチェックポイント — of our own table; one that we did not sign, or that tells another size, covers nothing."""
    origin, public = origin_of(institution_id), log_public()
    for row in AuditCheckpoint.objects.order_by("size").iterator():
        try:
            note = read_note(row.note)
            checkpoint = read_checkpoint(note.text)
            is_ours = is_signed_by(note, origin, public) and checkpoint[:2] == (origin, row.size)
        except (BadNote, BadCheckpoint):
            is_ours = False
        # A root that no tree has: the comparison with the trail will show it.
        yield checkpoint if is_ours else Checkpoint(origin, row.size, b"")


def leaves_of(institution_id: UUID, since: int = 0) -> Iterator[bytes]:
    """葉 — of every event after a number, in order."""
    events = AuditEvent.objects.filter(number__gt=since).order_by("number")
    for row in events.iterator(chunk_size=2000):
        yield leaf_hash(canonical(event_of(row, institution_id)))


def frontier_from(row: AuditCheckpoint) -> Frontier:
    """木の前線 — as a checkpoint kept it."""
    return Frontier(row.size, tuple(bytes.fromhex(each) for each in row.roots))


def bring_to_witness(institution_id: UUID, desk: Desk, at: int) -> Note:
    """証人への提出 — the newest checkpoint with its proof; the witness says which size it knows, and its cosignature is kept.

    Nothing is held while the witness is asked: an act waits for the chain, and a witness that hangs must not stop the
    house. Opens transactions of its own. Raises :class:`WitnessRefused`.
    """
    actor = system_actor(institution_id)
    with as_institution(institution_id, actor):
        taken = take_checkpoint(institution_id)
        request = _request(institution_id, taken, 0)
    answer = desk.add_checkpoint(request, at)
    if answer.status is HTTPStatus.CONFLICT:
        with as_institution(institution_id, actor):
            request = _request(institution_id, taken, _size_in(answer))
        answer = desk.add_checkpoint(request, at)
    if answer.status is not HTTPStatus.OK:
        raise WitnessRefused(answer)
    try:
        note = read_note(f"{taken.note.whole}{answer.text}")
    except BadNote as cut:
        raise WitnessRefused(answer, say(*UNREADABLE)) from cut
    made = note.signatures[len(taken.note.signatures) :]
    if not has_known_witness(Note(note.text, made), known_witnesses()):
        names = "、".join(name for name, _ in made)[:200]
        raise WitnessRefused(answer, say(*(each.format(names=names) for each in UNKNOWN)))
    with as_institution(institution_id, actor):
        keep_cosignatures(taken.frontier.size, made)
    return note


def _size_in(answer: Answer) -> int:
    text = answer.text.strip()
    if not (text.isascii() and text.isdigit()):
        raise WitnessRefused(answer)
    return int(text)


def _request(institution_id: UUID, taken: Taken, old_size: int) -> str:
    """The proof that the trail begins with what the witness saw; the leaves since come from the trail."""
    proof: list[bytes] = []
    if 0 < old_size < taken.frontier.size:
        # Events may have come since the checkpoint was taken: they are of the next one.
        since = islice(leaves_of(institution_id, old_size), taken.frontier.size - old_size)
        proof = consistency_proof(_frontier_at(institution_id, old_size), list(since))
    lines = [f"old {old_size}", *[base64.b64encode(each).decode() for each in proof]]
    return "\n".join([*lines, "", taken.note.whole])


def _frontier_at(institution_id: UUID, size: int) -> Frontier:
    """From our own checkpoints, else from the trail: the witness may have seen one whose answer never came back.

    Such a checkpoint was undone with its transaction, and is as true as the others.
    """
    row = AuditCheckpoint.objects.filter(size=size).first()
    if row is not None:
        return frontier_from(row)
    return Frontier().grown(islice(leaves_of(institution_id), size))


def checkpoint_in(note: Note) -> Checkpoint:
    """チェックポイント — that a note holds."""
    return read_checkpoint(note.text)
