# SPDX-License-Identifier: Apache-2.0
"""ディスク喪失の訓練 — the first disk goes while people write: everything that was answered comes back from base and receiver.

The control restores the same loss from what an archive would have had, full segments only: what was written since the last
full one must be gone.
"""

from __future__ import annotations

import random
import shutil
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import psycopg

from tasuki_server.drills.drill import Drill, Finding, Tier
from tasuki_server.drills.ground import training_ground

if TYPE_CHECKING:
    from collections.abc import Callable

    from tasuki_server.drills.write_load import Acknowledged
    from tasuki_server.recovery.offline_key import OfflineKey
    from tasuki_server.recovery.repository import Repository

RUNS = {Tier.PUSH: 1, Tier.LONG: 20}
WORKERS = 3
SECONDS = {Tier.PUSH: (1.0, 2.0), Tier.LONG: (1.0, 6.0)}


class Outcome(NamedTuple):
    """結果 — of one loss; ``lost_with_archive`` is what a house without receiver would have lost."""

    acknowledged: int = 0
    lost: int = 0
    lost_with_archive: int = 0
    restore_seconds: float = 0.0
    faults: tuple[str, ...] = ()


def run(tier: Tier, seed: int, tell: Callable[[str], None]) -> Finding:
    """ディスク喪失の訓練 — see the module."""
    chosen = random.Random(seed)  # noqa: S311 - to be repeated, not to be secret
    runs = []
    for _ in range(RUNS[tier]):
        runs.append(_lost_disk(tier, chosen))
        tell(f"{runs[-1].acknowledged} acknowledged, {runs[-1].lost} lost")
    faults = [fault for each in runs for fault in each.faults]
    lost = sum(each.lost for each in runs)
    if lost:
        faults.append(f"応答済みの行為が {lost} 件失われました。")
    if not all(each.acknowledged for each in runs):
        faults.append("応答済みの行為が一つもない回があります。")
    archive = sum(each.lost_with_archive for each in runs)
    return Finding(
        counts={
            "disks_lost": len(runs),
            "acknowledged": sum(each.acknowledged for each in runs),
            "lost": lost,
            "restore_max_seconds": max(each.restore_seconds for each in runs),
        },
        faults=tuple(faults),
        control={"lost_with_archive_only": archive},
        control_is_red=archive >= 1,
    )


def _lost_disk(tier: Tier, chosen: random.Random) -> Outcome:
    """The second disk, the notes and the restored house lie outside of the first."""
    elsewhere = Path(tempfile.mkdtemp(prefix="tasuki-drill-second-"))
    elsewhere.chmod(0o755)
    try:
        with training_ground() as folder:
            return _in(folder, elsewhere, tier, chosen)
    finally:
        shutil.rmtree(elsewhere, ignore_errors=True)


def _in(folder: Path, elsewhere: Path, tier: Tier, chosen: random.Random) -> Outcome:
    from tasuki_server.drills.crash import kill_server
    from tasuki_server.drills.lasting import be_lasting
    from tasuki_server.drills.write_load import Load, choose_moment, stage
    from tasuki_server.recovery.base_backup import create_base
    from tasuki_server.recovery.offline_key import OfflineKey
    from tasuki_server.recovery.receiver import Receiver, require, wait_until_streaming
    from tasuki_server.recovery.repository import Repository
    from tasuki_server.recovery.source import admin_conninfo, signer

    be_lasting()
    key, repository = OfflineKey.made(signer()), Repository(elsewhere / "backups")
    receiver = Receiver(elsewhere / "receiver", admin_conninfo())
    load = Load(stage(), elsewhere / "acts", WORKERS)
    receiver.start()
    try:
        with psycopg.connect(admin_conninfo(), autocommit=True) as owner:
            if not wait_until_streaming(owner, 30):
                return Outcome(faults=("同期受信が始まりません。",))
            require(owner, is_required=True)
        create_base(repository, key.public, receiver.branch, lambda: ())
        load.begin()
        waited = load.wait_for_one(60)
        choose_moment(chosen, *SECONDS[tier])
        kill_server(folder)
        load.kill()
    finally:
        receiver.stop()
        load.kill()
    shutil.rmtree(folder / "postgresql")
    if waited is None:
        return Outcome(faults=("書込みが受け付けられません。",))
    acts = set(load.acknowledged())
    _leave_full_segments(elsewhere / "receiver", elsewhere / "archive")
    kept = _came_back(elsewhere / "house", repository, key, elsewhere / "receiver", acts)
    poor = _came_back(elsewhere / "other", repository, key, elsewhere / "archive", acts)
    return kept._replace(lost_with_archive=poor.lost)


def _came_back(
    house: Path, repository: Repository, key: OfflineKey, received: Path, acts: set[Acknowledged]
) -> Outcome:
    """What a house holds that was restored from the base and this log."""
    from tasuki_server.database.embedded import SUPERUSER, Embedded
    from tasuki_server.database.session import DATABASE
    from tasuki_server.drills.write_load import half_acts, lost
    from tasuki_server.recovery.restoring import restore

    begin = time.monotonic()
    restored = restore(repository, key, house, received=received)
    server = Embedded(house)
    place = server.start()
    seconds = round(time.monotonic() - begin, 2)
    try:
        with psycopg.connect(place.conninfo(SUPERUSER, DATABASE)) as owner:
            gone, half = lost(owner, acts), half_acts(owner)
    finally:
        server.stop()
    faults = [*restored.faults, *(f"半端な行為: {name} {count} 件" for name, count in half.items())]
    return Outcome(len(acts), len(gone), 0, seconds, tuple(faults))


def _leave_full_segments(received: Path, archive: Path) -> None:
    """The planted fault: what an archive has, which takes a segment when it is full and not before."""
    (archive / "wal").mkdir(parents=True)
    for path in (received / "wal").iterdir():
        if not path.name.endswith(".partial"):
            shutil.copyfile(path, archive / "wal" / path.name)


DISKLOSS = Drill(
    "diskloss",
    "ディスク喪失の訓練",
    "R2: 書込み中に一つ目のディスクを失う（同期受信から、応答済みの行為をすべて戻す）",
    run,
)
