# SPDX-License-Identifier: Apache-2.0
"""ランサムウェア訓練の対照 — the same house without the copy that only adds, and with nothing but a backup taken after the damage."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    import psycopg

    from tasuki_server.drills.ransom_attacked import Attacked
    from tasuki_server.drills.ransom_house import House
    from tasuki_server.recovery.restoring import Restored


def controls(house: House, done: Attacked, tell: Callable[[str], None]) -> dict[str, int]:
    """対照 — 1 for each that turned red: nothing came back, or what came back is what the attacker left."""
    place = Path(tempfile.mkdtemp(prefix="tasuki-drill-control-"))
    place.chmod(0o755)
    try:
        found = {
            "without_third_copy_nothing_returns": int(_nothing_without(house, place / "locked")),
            "infected_backup_is_refused": int(_infected_is_refused(house, done, place)),
            "infected_backup_would_return_scrambled": int(_infected_returns_scrambled(house, done, place)),
        }
    finally:
        shutil.rmtree(place, ignore_errors=True)
    tell(f"controls: {found}")
    return found


def _nothing_without(house: House, target: Path) -> bool:
    """From what the attacker left on the second disk."""
    from tasuki_server.cli.words import Stop
    from tasuki_server.recovery.clean_point import restore_clean
    from tasuki_server.recovery.offline_key import BrokenObject

    try:
        restore_clean(house.repository, house.key, target, received=None)
    except (Stop, BrokenObject):
        return True
    return False


def _infected_is_refused(house: House, done: Attacked, place: Path) -> bool:
    from tasuki_server.cli.words import Stop
    from tasuki_server.recovery.clean_point import restore_clean
    from tasuki_server.recovery.repository import Repository

    kept = Repository(house.places.elsewhere / "fetched")
    shutil.copytree(kept.folder / "log", place / "infected" / "log")
    shutil.copytree(
        kept.folder / "bases" / done.infected_base, place / "infected" / "bases" / done.infected_base
    )
    try:
        restore_clean(
            Repository(place / "infected"), house.key, place / "refused", since=done.suspected_since
        )
    except Stop:
        return True
    return False


def _infected_returns_scrambled(house: House, done: Attacked, place: Path) -> bool:
    """Its sums agree with its manifest, and yet its notes are what the attacker left: sums alone prove nothing here."""
    from tasuki_server.recovery.repository import Repository
    from tasuki_server.recovery.restoring import restore

    seen: list[int] = []

    def look(connection: psycopg.Connection[Any], replay: Path, restored: Restored) -> str:
        row = connection.execute(
            "SELECT count(*) FROM chart_note WHERE subjective = md5(id::text)"
        ).fetchone()
        seen.append(0 if row is None or restored.faults else int(row[0]))
        raise _Seen

    with suppress(_Seen):
        restore(
            Repository(house.places.elsewhere / "fetched"), house.key, place / "blind", base=done.infected_base,
            choose=look,
        )  # fmt: skip
    return bool(seen and seen[0])


class _Seen(Exception):
    """Enough was seen at the mark."""
