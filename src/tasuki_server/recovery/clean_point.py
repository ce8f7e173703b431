# SPDX-License-Identifier: Apache-2.0
"""最後の清浄な時点 — a house is restored to the instant before the first damage in its log, and what came after is listed.

A base that was itself taken after damage is refused and the one before it is tried: the log of the days before the base is
looked through, too.
"""

from __future__ import annotations

import shutil
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tasuki_server.cli.words import Stop
from tasuki_server.recovery.damage import Damage, damages, place_of, segment_number, tables_at, told_log
from tasuki_server.recovery.manifest import Manifest, bases
from tasuki_server.recovery.offline_key import BrokenObject
from tasuki_server.recovery.restoring import Restored, Tell, restore, take_segments

if TYPE_CHECKING:
    import psycopg

    from tasuki_server.recovery.offline_key import OfflineKey
    from tasuki_server.recovery.repository import Repository

# How long before a base its log is looked through, unless the operator says since when the house is under suspicion.
LOOK_BACK = timedelta(days=7)


class InfectedBase(Exception):
    """攻撃より後の控え — a base that was taken when records had been damaged already."""

    def __init__(self, base: str, damage: Damage) -> None:
        self.base = base
        self.damage = damage
        super().__init__(base)


def restore_clean(
    repository: Repository,
    key: OfflineKey,
    target: Path,
    *,
    since: datetime | None = None,
    received: Path | None = None,
    tell: Tell = lambda japanese, english: None,
) -> Restored:
    """清浄な時点への復元 — from the newest base that is older than any damage; ``damages`` of the result lists all that was found.

    Raises :class:`Stop` when no base is older than the damage, and as :func:`restore` does.
    """
    infected: list[InfectedBase] = []
    broken: list[BrokenObject] = []
    for manifest in _newest_first(repository, key.signer):
        search = Search(repository, key, manifest, since)
        try:
            restored = restore(
                repository, key, target, base=manifest.base, received=received, tell=tell, choose=search
            )
        except InfectedBase as found:
            infected.append(found)
            tell(
                f"控え {found.base} は、{_local(found.damage.at)} の{found.damage.words}より後のものです。前の控えを試します。",
                f"The base {found.base} was taken after damage; trying the one before.",
            )
        except BrokenObject as found:
            # Whoever has the house's keys can add a manifest of a base that is none.
            broken.append(found)
            tell(
                f"控え {manifest.base} は壊れているか、偽物です。前の控えを試します。",
                f"The base {manifest.base} is broken or a fake; trying the one before.",
            )
        else:
            restored.infected = [each.base for each in infected]
            return restored
        _empty(target)
    if infected:
        first = infected[-1].damage
        raise Stop(
            f"攻撃より前の控えがありません。どの控えも {_local(first.at)} の{first.words}より後のものです。",
            f"No base is older than the damage of {_local(first.at)}.",
        )
    if broken:
        raise broken[-1]
    raise Stop("戻せる控えがありません。", "There is no base to restore from.")


class Search:
    """破壊の痕の探索 — called when a restored base stands at its mark; answers where to stop, empty for nowhere."""

    def __init__(
        self, repository: Repository, key: OfflineKey, manifest: Manifest, since: datetime | None
    ) -> None:
        self.repository, self.key, self.manifest = repository, key, manifest
        self.since = since
        self.found: list[Damage] = []

    def __call__(self, connection: psycopg.Connection[Any], replay: Path, restored: Restored) -> str:
        """探索 — raises :class:`InfectedBase`."""
        row = connection.execute("SELECT pg_last_wal_replay_lsn()::text").fetchone()
        assert row is not None
        tables = tables_at(connection)
        earliest = (self.since or self.manifest.mark_at) - (timedelta(0) if self.since else LOOK_BACK)
        with tempfile.TemporaryDirectory(prefix="tasuki-log-") as place:
            folder = Path(place)
            for each in replay.iterdir():
                (folder / each.name).symlink_to(each)
            take_segments(self.repository, self.manifest, self.key, folder, whole=True)
            _drop_what_lies_apart(folder, self.manifest.first_segment)
            found = [each for each in damages(told_log(folder), tables) if each.at >= earliest]
        before = [each for each in found if each.place <= place_of(str(row[0]))]
        if before:
            raise InfectedBase(self.manifest.base, before[0])
        restored.damages = found
        return found[0].commit if found else ""


def _newest_first(repository: Repository, signer: bytes) -> list[Manifest]:
    """Manifests that are not ours are passed over: an attacker may add objects, and a fake must not stop a restore."""
    return sorted(
        (each for each in bases(repository, signer) if isinstance(each, Manifest)),
        key=lambda each: each.mark_at,
        reverse=True,
    )


def _drop_what_lies_apart(folder: Path, first: str) -> None:
    """What was shipped before the base counts as far back as it hangs together with it."""
    names = sorted(each.name for each in folder.iterdir() if len(each.name) == 24)
    kept = segment_number(first)
    for name in sorted((each for each in names if each < first), reverse=True):
        if segment_number(name) == kept - 1 and name[:8] == first[:8]:
            kept -= 1
        else:
            (folder / name).unlink()


def _empty(target: Path) -> None:
    if not target.exists():
        return
    for each in target.iterdir():
        shutil.rmtree(each) if each.is_dir() and not each.is_symlink() else each.unlink()


def _local(at: datetime) -> str:
    return f"{at.astimezone():%Y-%m-%d %H:%M:%S}"
