# SPDX-License-Identifier: Apache-2.0
"""復元 — a clean place is filled from a repository with the offline key, proved at the mark, then rolled on to the wanted second."""

from __future__ import annotations

import json
import os
import shutil
import tarfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg

from tasuki_server.cli.words import Stop
from tasuki_server.database.embedded import SUPERUSER, give_to_server
from tasuki_server.database.session import DATABASE
from tasuki_server.recovery.base_backup import tar_stream
from tasuki_server.recovery.manifest import Manifest, read_manifest
from tasuki_server.recovery.offline_key import BrokenObject
from tasuki_server.recovery.quiet_moment import table_sums
from tasuki_server.recovery.rolling import (
    forget_recovery,
    goals,
    recover,
    rolled_on,
    running,
    wait_for_mark,
)
from tasuki_server.recovery.sealed_stream import check_signature, unseal
from tasuki_server.recovery.source import run_program

if TYPE_CHECKING:
    from tasuki_server.recovery.damage import Damage
    from tasuki_server.recovery.offline_key import OfflineKey
    from tasuki_server.recovery.repository import Repository

LOG_FOLDER = "log-to-replay"
Tell = Callable[[str, str], None]
# Asked when the base stands at its mark, with the log that follows: where to stop, just before that place of the log.
Choose = Callable[["psycopg.Connection[Any]", Path, "Restored"], str]


@dataclass(slots=True)
class Restored:
    """復元の結果 — seconds by phase, and everything that is not as the manifest says."""

    manifest: Manifest
    seconds: dict[str, float] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    last_commit_at: datetime | None = None
    opened: int = 0
    last_event_at: datetime | None = None
    # Of a restore to the last clean point: what no act of the house did, and the bases that came after it.
    damages: list[Damage] = field(default_factory=list)
    infected: list[str] = field(default_factory=list)

    @property
    def total_seconds(self) -> float:
        """復元時間 — until the restored house is proved."""
        return sum(self.seconds.values())

    @contextmanager
    def timed(self, phase: str) -> Iterator[None]:
        """計時 — one phase."""
        begin = time.monotonic()
        yield
        self.seconds[phase] = round(time.monotonic() - begin, 2)


def restore(
    repository: Repository,
    key: OfflineKey,
    target: Path,
    *,
    base: str = "",
    until: datetime | None = None,
    received: Path | None = None,
    tell: Tell = lambda japanese, english: None,
    choose: Choose | None = None,
) -> Restored:
    """復元 — fills ``target``; ``received`` is what the synchronous receiver kept, ``until`` the last second that is wanted.

    ``choose`` says where to stop instead, once the log is at hand (:mod:`tasuki_server.recovery.clean_point`).

    Afterwards ``target`` is a data folder whose database is stopped and whole. Raises :class:`BrokenObject` when the
    repository is not what was put there, and :class:`Stop` when there is nothing that fits.
    """
    manifest = chosen_base(repository, key.signer, base, until)
    restored = Restored(manifest)
    _refuse_used(target)
    cluster = target / "postgresql"
    replay = target / LOG_FOLDER
    with restored.timed("check"):
        _check_objects(repository, manifest, key.signer)
    tell("控えを開いています…", "Opening the backup…")
    with restored.timed("files"):
        target.mkdir(parents=True, exist_ok=True)
        _unpack(repository, f"bases/{manifest.base}/files", key, cluster)
        run_program("pg_verifybackup", ["--no-parse-wal", "--quiet", cluster])
    with restored.timed("log"):
        _unpack(repository, f"bases/{manifest.base}/log", key, replay)
        take_segments(repository, manifest, key, replay)
        _take_received(received, replay)
        _keep_secrets(repository, manifest, key, target)
    _lay_ready(cluster, replay, target)
    tell("静止点まで戻し、照合しています…", "Rolling to the mark and comparing…")
    with restored.timed("mark"):
        recover(cluster, replay, f"recovery_target_name = '{manifest.mark}'", action="pause")
        with running(target) as place, psycopg.connect(place.conninfo(SUPERUSER, DATABASE)) as connection:
            wait_for_mark(connection)
            restored.faults += _differences(manifest, connection)
            before = choose(connection, replay, restored) if choose is not None else ""
    tell("その後の記録を反映しています…", "Replaying the log since…")
    with restored.timed("replay"):
        restored.last_commit_at = rolled_on(target, cluster, replay, goals(until, before))
    forget_recovery(cluster)
    shutil.rmtree(replay)
    return restored


def chosen_base(repository: Repository, signer: bytes, base: str, until: datetime | None) -> Manifest:
    """控えの選択 — the one named, or the newest whose mark is not after ``until``."""
    if base:
        chosen = read_manifest(repository, base, signer)
        if until is not None and chosen.mark_at > until:
            raise Stop(
                f"控え {base} は {chosen.mark_at.isoformat()} のものです。それより前には戻せません。",
                f"The base {base} is of {chosen.mark_at.isoformat()}: no earlier second can be reached from it.",
            )
        return chosen
    newest: Manifest | None = None
    for name in repository.names("bases/"):
        _, each, what = name.split("/")
        if what != "manifest":
            continue
        manifest = read_manifest(repository, each, signer)
        if (until is None or manifest.mark_at <= until) and (
            newest is None or manifest.mark_at > newest.mark_at
        ):
            newest = manifest
    if newest is None:
        raise Stop(
            "戻せる控えがありません。控えの置き場所と時刻を確かめてください。",
            "There is no base to restore from; check the repository and the time.",
        )
    return newest


def _refuse_used(target: Path) -> None:
    if target.exists() and any(target.iterdir()):
        raise Stop(
            f"{target} は空ではありません。復元先には、空のフォルダを指定してください。",
            f"{target} is not empty; name an empty folder to restore into.",
        )


def _check_objects(repository: Repository, manifest: Manifest, signer: bytes) -> None:
    for name, size, digest in manifest.objects:
        with repository.open(name) as stream:
            if repository.size(name) != size or check_signature(name, stream, signer).hex() != digest:
                raise BrokenObject(name, "is not the one its manifest tells of")


def _unpack(repository: Repository, name: str, key: OfflineKey, folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    parts = None
    with repository.open(name) as stream:
        parts = unseal(name, stream, key)
        with tarfile.open(fileobj=tar_stream(parts), mode="r|") as archive:
            archive.extractall(folder, filter="data")
        # To the end: what follows the archive is part of what was sealed.
        for _ in parts:
            pass


def take_segments(
    repository: Repository, manifest: Manifest, key: OfflineKey, replay: Path, *, whole: bool = False
) -> None:
    """記録の取出し — the log that was shipped since the base, of the same branch; ``whole`` takes what was shipped before it, too."""
    for name in repository.names(f"log/{manifest.branch}/") if manifest.branch else ():
        segment = name.split("/")[2]
        if (whole or segment >= manifest.first_segment) and not (replay / segment).exists():
            with repository.open(name) as stream, (replay / segment).open("xb") as out:
                for part in unseal(name, stream, key):
                    out.write(part)


def _take_received(received: Path | None, replay: Path) -> None:
    """What the receiver kept goes before what was shipped: it is newer; the last segment is not full yet."""
    if received is None:
        return
    for path in sorted((received / "wal").iterdir()):
        name = path.name.removesuffix(".partial")
        if len(name.removesuffix(".history")) in (8, 24) and path.is_file():
            shutil.copyfile(path, replay / name)


def _keep_secrets(repository: Repository, manifest: Manifest, key: OfflineKey, target: Path) -> None:
    name = f"bases/{manifest.base}/secrets"
    with repository.open(name) as stream:
        kept = json.loads(b"".join(unseal(name, stream, key)))
    folder = target / "secrets"
    folder.mkdir(mode=0o700)
    for file, text in (("secret_key", kept["secret_key"]), ("key_file.json", kept["key_file"])):
        if text:
            handle = os.open(folder / file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w", encoding="utf-8") as out:
                out.write(text)


def _lay_ready(cluster: Path, replay: Path, target: Path) -> None:
    (cluster / "pg_wal").mkdir(mode=0o700, exist_ok=True)
    (cluster / "pg_wal" / "archive_status").mkdir(mode=0o700, exist_ok=True)
    target.chmod(0o755)
    give_to_server(cluster)
    give_to_server(replay)


def _differences(manifest: Manifest, connection: psycopg.Connection) -> list[str]:
    found = {each.table: each for each in table_sums(connection)}
    faults = [
        f"表 {each.table} の照合値が控えの目録と違います。"
        for each in manifest.tables
        if found.pop(each.table, None) != each
    ]
    return faults + [f"表 {table} は控えの目録にありません。" for table in found]
