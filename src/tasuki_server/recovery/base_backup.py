# SPDX-License-Identifier: Apache-2.0
"""全体の控え — the whole cluster as files, the log up to a mark, the secrets to open it with, and the manifest.

The copy is made while everyone works (`pg_basebackup`); it never lies anywhere unsealed.
"""

from __future__ import annotations

import io
import json
import os
import secrets
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import psycopg

from tasuki_server.cli.words import Stop
from tasuki_server.database.embedded import database_program
from tasuki_server.database.places import installation_secrets
from tasuki_server.recovery.manifest import Manifest, TrailRoot, keep_manifest
from tasuki_server.recovery.quiet_moment import quiet_moment, table_sums
from tasuki_server.recovery.sealed_stream import check_signature, seal
from tasuki_server.recovery.source import (
    admin_conninfo,
    environment,
    run_program,
    signer,
    signing_key,
)

if TYPE_CHECKING:
    from tasuki_server.recovery.manifest import TableSum
    from tasuki_server.recovery.offline_key import PublicHalf
    from tasuki_server.recovery.repository import Repository

Progress = Callable[[str, int], None]
_PART = 1 << 20


def create_base(
    repository: Repository,
    public: PublicHalf,
    branch: str,
    trails: Callable[[], tuple[TrailRoot, ...]],
    progress: Progress = lambda phase, done: None,
) -> Manifest:
    """全体の控えの作成 — ``trails`` brings the audit roots to the witness; ``progress`` is told phase and per cent.

    Raises :class:`tasuki_server.cli.words.Stop`; what is not finished has no manifest and counts as none.
    """
    admin = admin_conninfo()
    began_at = datetime.now(UTC)
    base = f"{began_at:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
    objects: list[tuple[str, int, str]] = []

    def keep(what: str, plain: Iterator[bytes]) -> int:
        name, taken = f"bases/{base}/{what}", 0

        def write(out: BinaryIO) -> None:
            nonlocal taken
            taken = seal(name, plain, public, signing_key(), out)

        size = repository.put(name, write)
        with repository.open(name) as stream:
            objects.append((name, size, check_signature(name, stream, signer()).hex()))
        return taken

    with _held_log(admin) as slot:
        whole = max(_cluster_bytes(admin), 1)
        progress("files", 0)
        plain_bytes = keep(
            "files", _counted(_files(admin), lambda done: progress("files", min(done * 100 // whole, 99)))
        )
        progress("mark", 0)
        seen = trails()
        tables, mark, mark_at, end = _marked(admin, f"tasuki-{base}")
        progress("log", 0)
        with tempfile.TemporaryDirectory(prefix="tasuki-log-") as folder:
            first = _received(admin, slot, end, Path(folder))
            keep("log", _tar_of(Path(folder)))
        keep("secrets", iter([_secrets()]))
    with psycopg.connect(admin) as connection:
        row = connection.execute("SELECT system_identifier::text FROM pg_control_system()").fetchone()
        version = connection.info.server_version
    assert row is not None
    manifest = Manifest(
        base, began_at, datetime.now(UTC), version, str(row[0]), branch, first, mark, mark_at,
        public.text, plain_bytes, tuple(objects), tables, seen,
    )  # fmt: skip
    keep_manifest(repository, manifest, signing_key())
    repository.tidy(time.time())
    progress("done", 100)
    return manifest


@contextmanager
def _held_log(admin: str) -> Iterator[str]:
    """The log from before the copy is kept by the server until it is in the repository."""
    slot = f"tasuki_base_{secrets.token_hex(4)}"
    with psycopg.connect(admin, autocommit=True) as connection:
        try:
            connection.execute("SELECT pg_create_physical_replication_slot(%s, true)", [slot])
        except psycopg.errors.InsufficientPrivilege as error:
            raise Stop(
                "このデータベースの管理者には、控えを取る権利（REPLICATION）がありません。",
                "The administrator of this database may not copy it (REPLICATION).",
            ) from error
    try:
        yield slot
    finally:
        with psycopg.connect(admin, autocommit=True) as connection:
            connection.execute("SELECT pg_drop_replication_slot(%s)", [slot])


def _files(admin: str) -> Iterator[bytes]:
    """The cluster as one tar with its own manifest of checksums, as the server sends it."""
    command = [
        *(
            str(database_program("pg_basebackup")),
            "--dbname",
            admin,
            "--pgdata=-",
            "--format=tar",
            "--wal-method=none",
        ),
        *("--checkpoint=fast", "--manifest-checksums=SHA256", "--label=tasuki", "--no-sync"),
    ]
    with tempfile.TemporaryFile() as said:
        child = subprocess.Popen(
            command, env=environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=said, cwd="/"
        )
        assert child.stdout is not None
        try:
            while part := child.stdout.read(_PART):
                yield part
            code = child.wait()
        finally:
            if child.poll() is None:
                child.kill()
                child.wait()
        said.seek(0)
        words = said.read().decode(errors="replace")[-800:]
    if code != 0:
        raise Stop(f"データベースの写しが取れませんでした。\n{words}", f"pg_basebackup failed.\n{words}")


def _marked(admin: str, name: str) -> tuple[tuple[TableSum, ...], str, datetime, str]:
    """Sums at the mark, and a point of the log behind it."""
    with quiet_moment(admin, name) as mark:
        with psycopg.connect(admin, autocommit=True) as connection:
            row = connection.execute("SELECT pg_switch_wal()::text").fetchone()
        assert row is not None
        return table_sums(mark.connection), mark.name, mark.at, str(row[0])


def _received(admin: str, slot: str, end: str, folder: Path) -> str:
    """Fetches the log from the slot's beginning up to ``end``; answers the first segment."""
    arguments: list[str | Path] = [
        *(
            "--dbname",
            admin,
            "--slot",
            slot,
            "--directory",
            folder,
            "--endpos",
            end,
            "--no-loop",
            "--no-sync",
        ),
    ]
    run_program("pg_receivewal", arguments, timeout=600)
    return min(path.name.removesuffix(".partial") for path in folder.iterdir())


def _tar_of(folder: Path) -> Iterator[bytes]:
    for path in sorted(folder.iterdir()):
        head = tarfile.TarInfo(path.name.removesuffix(".partial"))
        head.size, head.mtime = path.stat().st_size, int(time.time())
        yield head.tobuf(tarfile.PAX_FORMAT)
        with path.open("rb") as stream:
            while part := stream.read(_PART):
                yield part
        yield bytes(-head.size % tarfile.BLOCKSIZE)
    yield bytes(2 * tarfile.BLOCKSIZE)


def _secrets() -> bytes:
    """What the restored house cannot be opened without; sealed like everything else."""
    kept: dict[str, Any] = {"secret_key": installation_secrets().key, "key_file": ""}
    key_file = os.environ.get("TASUKI_KEY_FILE", "")
    if key_file:
        kept["key_file"] = Path(key_file).read_text(encoding="utf-8")
    return json.dumps(kept).encode()


def _cluster_bytes(admin: str) -> int:
    with psycopg.connect(admin) as connection:
        row = connection.execute("SELECT sum(pg_database_size(oid))::bigint FROM pg_database").fetchone()
    assert row is not None
    return int(row[0])


def _counted(parts: Iterator[bytes], tell: Callable[[int], None]) -> Iterator[bytes]:
    done = told = 0
    for part in parts:
        done += len(part)
        if done - told >= 16 * _PART:
            told = done
            tell(done)
        yield part


def tar_stream(parts: Iterator[bytes]) -> io.BufferedReader:
    """書庫の読出し — parts of bytes as a file that tar reads."""
    return io.BufferedReader(_Parts(parts), _PART)


class _Parts(io.RawIOBase):
    """Parts of bytes as a stream."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        self._parts = parts
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._left:
            part = next(self._parts, None)
            if part is None:
                return 0
            self._left = part
        count = min(len(buffer), len(self._left))
        buffer[:count] = self._left[:count]
        self._left = self._left[count:]
        return count
