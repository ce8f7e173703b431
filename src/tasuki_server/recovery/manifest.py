# SPDX-License-Identifier: Apache-2.0
"""控えの目録 — what a base holds and by what it is known again: objects, tables, audit roots and the witness's notes."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from tasuki_server.recovery.offline_key import BrokenObject
from tasuki_server.recovery.sealed_stream import SIGNATURE_BYTES, check_signature, signed_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from tasuki_server.recovery.repository import Repository

FORM = "tasuki-backup-manifest/1"


class TableSum(NamedTuple):
    """表の照合値 — rows, and a sum over their contents that does not depend on their order."""

    table: str
    rows: int
    total: str


class TrailRoot(NamedTuple):
    """監査記録の根 — of one institution at the mark, and the last note of the witness (empty: none seen)."""

    institution: str
    size: int
    root: str
    note: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """控えの目録 — of one base; ``mark`` names the point of the log at which tables and roots were taken."""

    base: str
    began_at: datetime
    ended_at: datetime
    server_version: int
    system_id: str
    branch: str
    first_segment: str
    mark: str
    mark_at: datetime
    public: str
    plain_bytes: int
    objects: tuple[tuple[str, int, str], ...]
    tables: tuple[TableSum, ...]
    trails: tuple[TrailRoot, ...]

    @property
    def name(self) -> str:
        """目録の名前 — in the repository."""
        return f"bases/{self.base}/manifest"

    def as_bytes(self) -> bytes:
        """書出し — one form for one content."""
        told = {"form": FORM, **asdict(self)}
        for name in ("began_at", "ended_at", "mark_at"):
            told[name] = getattr(self, name).isoformat()
        return json.dumps(told, ensure_ascii=False, indent=1).encode()

    @classmethod
    def from_bytes(cls, name: str, data: bytes) -> Manifest:
        """読込み — raises :class:`BrokenObject`."""
        try:
            told = json.loads(data)
            if told.pop("form") != FORM:
                raise BrokenObject(name, "is of another form")
            for each in ("began_at", "ended_at", "mark_at"):
                told[each] = datetime.fromisoformat(told[each])
            told["objects"] = tuple((str(a), int(b), str(c)) for a, b, c in told["objects"])
            told["tables"] = tuple(TableSum(*each) for each in told["tables"])
            told["trails"] = tuple(TrailRoot(*each) for each in told["trails"])
            return cls(**told)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BrokenObject(name, "is no manifest") from error


def keep_manifest(repository: Repository, manifest: Manifest, signer: Ed25519PrivateKey) -> None:
    """目録の保存 — the last object of a base: without it the base is unfinished and counts as none."""
    import hashlib

    data = manifest.as_bytes()
    signature = signer.sign(signed_text(manifest.name, hashlib.sha256(data).digest()))

    def write(out: BinaryIO) -> None:
        out.write(data + signature)

    repository.put(manifest.name, write)


def read_manifest(repository: Repository, base: str, signer: bytes) -> Manifest:
    """目録の読込み — raises :class:`BrokenObject` when it is not ours or tells of another base."""
    name = f"bases/{base}/manifest"
    with repository.open(name) as stream:
        check_signature(name, stream, signer)
        stream.seek(0)
        manifest = Manifest.from_bytes(name, stream.read()[:-SIGNATURE_BYTES])
    if manifest.base != base:
        raise BrokenObject(name, "tells of another base")
    return manifest


def bases(repository: Repository, signer: bytes) -> Iterator[Manifest | BrokenObject]:
    """控えの一覧 — finished bases, the oldest first; one whose manifest is not ours is told as broken."""
    for name in repository.names("bases/"):
        _, base, what = name.split("/")
        if what == "manifest":
            try:
                yield read_manifest(repository, base, signer)
            except BrokenObject as error:
                yield error
