# SPDX-License-Identifier: Apache-2.0
"""復元の訓練 — a house is copied, restored in a clean place with the offline key, and every row, root and chart compared.

Also to a chosen second between two acts. The control is one byte that turned in the repository: it must be found by
verifying without the key, and nothing may be restored from it.
"""

from __future__ import annotations

import random
import shutil
import tempfile
import time
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tasuki_server.drills.drill import Drill, Finding, Tier
from tasuki_server.drills.ground import a_clinic, training_ground
from tasuki_server.drills.lasting import be_lasting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from uuid import UUID

    from tasuki_server.drills.grown_house import Grown
    from tasuki_server.recovery.offline_key import OfflineKey
    from tasuki_server.recovery.repository import Repository
    from tasuki_server.recovery.restoring import Restored

PEOPLE = {Tier.PUSH: 40, Tier.LONG: 200}
FLIPS = {Tier.PUSH: 12, Tier.LONG: 12}
CHARTS = 20
POINTS = {Tier.PUSH: 1, Tier.LONG: 3}
# RTO: a gigabyte a minute, and never less than a minute is allowed.
SECONDS_A_GIGABYTE = 60
MOST_SECONDS = 300


def run(tier: Tier, seed: int, tell: Callable[[str], None]) -> Finding:
    """復元の訓練 — see the module."""
    chosen = random.Random(seed)  # noqa: S311 - to be repeated, not to be secret
    with training_ground() as folder:
        return _in(folder, tier, chosen, tell)


def _in(folder: Path, tier: Tier, chosen: random.Random, tell: Callable[[str], None]) -> Finding:
    from tasuki_server.audit.bringing import logs
    from tasuki_server.audit.witness import Witness
    from tasuki_server.recovery.base_backup import create_base
    from tasuki_server.recovery.offline_key import OfflineKey
    from tasuki_server.recovery.proving import brought_roots
    from tasuki_server.recovery.receiver import Receiver
    from tasuki_server.recovery.repository import Repository
    from tasuki_server.recovery.source import admin_conninfo, signer

    be_lasting()
    grown = None
    if tier is Tier.LONG:
        grown = _grown_house(tell)
    clinic = a_clinic(1)
    people = [_a_patient(clinic, number) for number in range(PEOPLE[tier])]
    witness = Witness(folder / "witness", "drill/witness")
    for origin, public in logs():
        witness.trust(origin, public)
    key, repository = OfflineKey.made(signer()), Repository(folder / "backups")
    receiver = Receiver(folder / "receiver", admin_conninfo())
    receiver.start()
    try:
        begin = time.monotonic()
        manifest = create_base(repository, key.public, receiver.branch, lambda: brought_roots(witness))
        counts: dict[str, int | float] = {
            "patients": len(people),
            "visits": 0 if grown is None else grown.visits,
            "rows_grown": 0 if grown is None else grown.rows,
            "tables": len(manifest.tables),
            "plain_bytes": manifest.plain_bytes,
            "backup_seconds": round(time.monotonic() - begin, 2),
        }
        seconds = _seconds_between(clinic, POINTS[tier])
    finally:
        receiver.stop()
    faults: list[str] = []
    with _restored(repository, key, folder / "witness") as (restored, _):
        faults += restored.faults
    counts |= {"restore_seconds": round(restored.total_seconds, 2), "charts_opened": restored.opened}
    limit = min(max(manifest.plain_bytes / 1e9, 1) * SECONDS_A_GIGABYTE, MOST_SECONDS)
    if restored.total_seconds > limit:
        faults.append(f"復元に {restored.total_seconds:.1f} 秒かかりました（目標 {limit:.0f} 秒）。")
    if restored.opened < min(CHARTS, len(people)):
        faults.append(f"復元後に開けたカルテは {restored.opened} 人分でした。")
    tell(f"restore {restored.total_seconds:.1f} s")
    counts["points_in_time"] = len(seconds)
    for until, before in seconds:
        with _restored(repository, key, folder / "witness", until=until, received=folder / "receiver") as (
            restored,
            house,
        ):
            faults += restored.faults + _not_as_then(house, clinic, until, len(people) + before)
    tell("points in time: done")
    control = _flipped(repository, key, folder / "witness", FLIPS[tier], chosen)
    return Finding(
        counts=counts,
        faults=tuple(faults),
        control=control,
        control_is_red=control["found"] == control["flipped"] and control["restored"] == 0,
    )


def _grown_house(tell: Callable[[str], None]) -> Grown:
    """The reference clinic: 10,000 people, five years."""
    from tasuki_server.drills.clinic import living_clinic
    from tasuki_server.drills.ground import as_superuser
    from tasuki_server.drills.grown_house import grow

    living_clinic()
    with as_superuser() as owner:
        grown = grow(owner)
    tell(f"{grown.visits} visits, {grown.rows} rows")
    return grown


def _seconds_between(clinic: UUID, count: int) -> list[tuple[datetime, int]]:
    """Moments between acts, and how many people had come since the base at each; one act more follows the last."""
    moments = []
    for number in range(count):
        _a_patient(clinic, 1000 + number)
        time.sleep(0.05)
        moments.append((datetime.now(UTC), number + 1))
        time.sleep(0.05)
    _a_patient(clinic, 2000)
    return moments


def _not_as_then(house: Path, clinic: UUID, until: datetime, expected: int) -> list[str]:
    """The house as it was at a second: everyone who had come, nobody who came later."""
    from tasuki_server.database.session import connected
    from tasuki_server.institutions.opening import system_actor
    from tasuki_server.institutions.work import as_institution
    from tasuki_server.patients.models import Patient
    from tasuki_server.recovery.proving import at_house

    with at_house(house), connected(with_owner=True), as_institution(clinic, system_actor(clinic)):
        found = Patient.objects.count()
    return (
        []
        if found == expected
        else [f"{until.isoformat()} の患者は {expected} 人のはずが {found} 人でした。"]
    )


def _a_patient(clinic: UUID, number: int) -> UUID:
    from tasuki_server.institutions.opening import system_actor
    from tasuki_server.institutions.work import as_institution
    from tasuki_server.patients.register import WhoTheyAre, register_patient

    with as_institution(clinic, system_actor(clinic)):
        who = WhoTheyAre(f"架空 {number}", "カクウ", date(1960, 4, 1), "male", phone=f"00-1111-{number:04d}")
        return register_patient(who).id


@contextmanager
def _restored(
    repository: Repository, key: OfflineKey, witness: Path, **asked: Any
) -> Iterator[tuple[Restored, Path]]:
    from tasuki_server.recovery.proving import prove
    from tasuki_server.recovery.restoring import restore

    place = Path(tempfile.mkdtemp(prefix="tasuki-drill-"))
    place.chmod(0o755)
    try:
        restored = restore(repository, key, place / "house", **asked)
        prove(restored, place / "house", witness)
        yield restored, place / "house"
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _flipped(
    repository: Repository, key: OfflineKey, witness: Path, times: int, chosen: random.Random
) -> dict[str, int]:
    """One bit of one object turns, again and again at another place; each is found by verifying and by restoring."""
    from tasuki_server.recovery.offline_key import BrokenObject

    names = list(repository.names())
    found = restored = 0
    for number in range(times):
        name = names[number % len(names)]
        path, at = repository.place(name), chosen.randrange(repository.size(name))
        _flip(path, at)
        found += [each.name for each in repository.broken(key.signer)] == [name]
        if number < len(names):
            try:
                with _restored(repository, key, witness):
                    restored += 1
            except BrokenObject:
                pass
        _flip(path, at)
    return {"flipped": times, "found": found, "restored": restored}


def _flip(path: Path, at: int) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        byte = file.read(1)
        file.seek(at)
        file.write(bytes([byte[0] ^ 0x10]))


RESTORE = Drill(
    "restore",
    "復元の訓練",
    "R3: 控えから空の場所への復元（照合値、監査記録の根、索引、カルテ、時点）",
    run,
)
