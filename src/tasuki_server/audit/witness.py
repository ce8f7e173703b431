# SPDX-License-Identifier: Apache-2.0
"""証人 — keeps the last checkpoint of each log outside the database, and signs only what follows from it.

It speaks ``add-checkpoint`` of C2SP tlog-witness: a log sends its checkpoint with the size the witness last saw and a
proof that the new tree begins with the old one. Whoever rewrites the trail afterwards, with every right over the
database and the keys of the server, cannot make that proof.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import secrets
import threading
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tasuki.security.checkpoint import BadCheckpoint, Checkpoint, read_checkpoint
from tasuki.security.merkle import EMPTY_ROOT, is_consistent
from tasuki_server.audit.notes import BadNote, Note, cosign, is_signed_by, public_bytes, read_note

if TYPE_CHECKING:
    from pathlib import Path

LONGEST_REQUEST = 64 * 1024
MOST_PROOF_LINES = 63


class Answer(NamedTuple):
    """証人の返答 — an HTTP status and a text."""

    status: HTTPStatus
    text: str


class Witness:
    """証人 — one folder: its key, the logs it knows, and of each the last checkpoint and every one before."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder
        self.name = name
        (folder / "logs").mkdir(parents=True, exist_ok=True, mode=0o700)
        self._key = _own_key(folder / "key")
        self._lock = threading.Lock()

    @property
    def public(self) -> bytes:
        """公開鍵 — by which its cosignatures are known."""
        return public_bytes(self._key)

    def trust(self, origin: str, public: bytes) -> None:
        """ログの登録 — a log may be witnessed once its key was brought here; a second key for it is refused.

        Raises ``ValueError`` when the log is known by another key.
        """
        place = self._place(origin)
        if place.exists():
            if bytes.fromhex(json.loads(place.read_text())["public"]) != public:
                raise ValueError(f"{origin} is known by another key")
            return
        self._keep(place, {"origin": origin, "public": public.hex(), "note": ""})

    def last(self, origin: str) -> Note | None:
        """最後のチェックポイント — as it was signed by both, None when none was seen."""
        place = self._place(origin)
        whole = json.loads(place.read_text())["note"] if place.exists() else ""
        return read_note(whole) if whole else None

    def add_checkpoint(self, request: str, at: int) -> Answer:
        """チェックポイントの受付 — ``at`` is the second; the answer is the cosignature, or why there is none."""
        try:
            old_size, proof, note, checkpoint = _read(request)
        except (BadNote, BadCheckpoint, ValueError) as error:
            return Answer(HTTPStatus.BAD_REQUEST, f"{error}\n")
        place = self._place(checkpoint.origin)
        with self._lock:
            if not place.exists():
                return Answer(HTTPStatus.NOT_FOUND, "the log is not known here\n")
            known = json.loads(place.read_text())
            if not is_signed_by(note, checkpoint.origin, bytes.fromhex(known["public"])):
                return Answer(HTTPStatus.FORBIDDEN, "the log did not sign this\n")
            seen = _seen(known["note"])
            if old_size != seen.size:
                return Answer(HTTPStatus.CONFLICT, f"{seen.size}\n")
            if not is_consistent(seen.size, seen.root, checkpoint.size, checkpoint.root, proof):
                return Answer(HTTPStatus.UNPROCESSABLE_ENTITY, "the log does not begin as it did\n")
            mine = cosign(note.text, self.name, self._key, at)
            self._keep(place, {**known, "note": Note(note.text, (*note.signatures, mine)).whole})
        return Answer(HTTPStatus.OK, Note("", (mine,)).whole.removeprefix("\n"))

    def _place(self, origin: str) -> Path:
        return self.folder / "logs" / f"{hashlib.sha256(origin.encode()).hexdigest()}.json"

    def _keep(self, place: Path, known: dict[str, str]) -> None:
        """The history first, then the last one in one step: a crash between leaves both readable."""
        text = json.dumps(known, ensure_ascii=False)
        with place.with_suffix(".history").open("a", encoding="utf-8") as history:
            history.write(text + "\n")
            history.flush()
            os.fsync(history.fileno())
        fresh = place.with_suffix(f".{secrets.token_hex(4)}.new")
        with fresh.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        put_in_place(fresh, place)


def put_in_place(fresh: Path, place: Path) -> None:
    """差替え — in one step."""
    fresh.replace(place)


def _read(request: str) -> tuple[int, list[bytes], Note, Checkpoint]:
    head, _, rest = request.partition("\n\n")
    first, *lines = head.split("\n")
    word, _, size = first.partition(" ")
    if word != "old" or not (size.isascii() and size.isdigit()) or len(size) > 18:
        raise ValueError("the first line is not “old SIZE”")
    if len(lines) > MOST_PROOF_LINES:
        raise ValueError("the proof is too long")
    proof = [base64.b64decode(line, validate=True) for line in lines]
    note = read_note(rest)
    checkpoint = read_checkpoint(note.text)
    if int(size) > checkpoint.size:
        raise ValueError("the old size is larger than the new one")
    return int(size), proof, note, checkpoint


def _seen(whole: str) -> Checkpoint:
    return read_checkpoint(read_note(whole).text) if whole else Checkpoint("", 0, EMPTY_ROOT)


def _own_key(path: Path) -> Ed25519PrivateKey:
    if not path.exists():
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(Ed25519PrivateKey.generate().private_bytes_raw())
    return Ed25519PrivateKey.from_private_bytes(path.read_bytes())
