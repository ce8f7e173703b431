# SPDX-License-Identifier: Apache-2.0
"""復元の検証 — a restored house is declared good only when its audit trails are what the witness saw and its tables are sound."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from tasuki_server.database.embedded import SUPERUSER, Embedded, database_program
from tasuki_server.database.session import DATABASE
from tasuki_server.recovery.manifest import TrailRoot
from tasuki_server.recovery.source import environment
from tasuki_server.settings_table import settings_replaced

if TYPE_CHECKING:
    from tasuki.security.checkpoint import Checkpoint
    from tasuki_server.audit.checkpoints import Desk
    from tasuki_server.database.embedded import Place
    from tasuki_server.recovery.restoring import Restored

CHARTS = 20


def seen_by(folder: Path, institution_id: UUID) -> Checkpoint | None:
    """証人の控え — the last checkpoint in a witness's folder, or a copy of it; a trail it never saw cannot be compared."""
    from tasuki_server.audit.checkpoints import checkpoint_in, log_public, origin_of
    from tasuki_server.audit.notes import is_signed_by
    from tasuki_server.audit.witness import Witness

    origin = origin_of(institution_id)
    note = Witness(folder, "").last(origin) if (folder / "logs").is_dir() else None
    if note is None or not is_signed_by(note, origin, log_public()):
        return None
    return checkpoint_in(note)


def brought_roots(desk: Desk) -> tuple[TrailRoot, ...]:
    """監査記録の根 — of every institution, brought to the witness now; ours alone where the witness does not sign."""
    from tasuki_server.audit.bringing import all_institutions
    from tasuki_server.audit.checkpoints import (
        WitnessRefused,
        bring_to_witness,
        checkpoint_in,
        take_checkpoint,
    )
    from tasuki_server.audit.witness_desk import WitnessAway
    from tasuki_server.institutions.opening import system_actor
    from tasuki_server.institutions.work import as_institution

    roots = []
    for institution in all_institutions():
        try:
            note = bring_to_witness(institution.id, desk, int(time.time()))
            whole = note.whole
        except (WitnessRefused, WitnessAway):
            with as_institution(institution.id, system_actor(institution.id)):
                note, whole = take_checkpoint(institution.id).note, ""
        seen = checkpoint_in(note)
        roots.append(TrailRoot(str(institution.id), seen.size, seen.root.hex(), whole))
    return tuple(roots)


def broken_trails(
    trails: tuple[TrailRoot, ...], witnessed: Callable[[UUID], Checkpoint | None] = lambda _: None
) -> list[str]:
    """監査記録の照合 — of a house that runs: with the manifest's roots, and with what the witness itself keeps."""
    from tasuki.security.checkpoint import Checkpoint
    from tasuki_server.audit.bringing import all_institutions
    from tasuki_server.audit.checkpoints import origin_of
    from tasuki_server.audit.trail import verify_chain
    from tasuki_server.institutions.opening import system_actor
    from tasuki_server.institutions.work import as_institution

    faults = []
    told = {each.institution: each for each in trails}
    for institution in all_institutions():
        root = told.pop(str(institution.id), None)
        asked = (
            []
            if root is None
            else [Checkpoint(origin_of(institution.id), root.size, bytes.fromhex(root.root))]
        )
        own = witnessed(institution.id)
        asked += [] if own is None else [own]
        with as_institution(institution.id, system_actor(institution.id)):
            for each in asked or [None]:
                breaks = verify_chain(institution.id, each)[2]
                if breaks:
                    faults.append(
                        f"{institution.code} の監査記録が証人の見たものと違います（{breaks[0].kind} {breaks[0].number}）。"
                    )
    return faults + [f"医療機関 {each} が復元したデータにありません。" for each in told]


def unsound_tables(place: Place) -> list[str]:
    """表と索引の検査 — `pg_amcheck` over every heap and index of the database."""
    command = [
        *(str(database_program("pg_amcheck")), "--install-missing", "--heapallindexed", "--no-strict-names"),
        place.conninfo(SUPERUSER, DATABASE),
    ]
    done = subprocess.run(
        command, env=environment(), capture_output=True, text=True, check=False, cwd="/", timeout=3600
    )
    if done.returncode == 0:
        return []
    lines = (done.stdout + done.stderr).strip().splitlines()
    return [f"pg_amcheck: {line}" for line in lines[:10]] or ["pg_amcheck が失敗しました。"]


def opened_charts(count: int) -> tuple[int, list[str]]:
    """カルテの見読 — how many people's records were opened, sealed columns and all, and which could not be."""
    from tasuki.security.sealed_fields import BrokenSeal
    from tasuki_server.audit.bringing import all_institutions
    from tasuki_server.institutions.opening import system_actor
    from tasuki_server.institutions.work import as_institution
    from tasuki_server.patients.models import Patient
    from tasuki_server.patients.register import newest_demographics

    opened, faults = 0, []
    for institution in all_institutions():
        with as_institution(institution.id, system_actor(institution.id)):
            for patient in Patient.objects.order_by("?")[:count]:
                try:
                    newest = newest_demographics(patient)
                    opened += bool(newest.name) and isinstance(newest.phone, str)
                except BrokenSeal:
                    faults.append(f"{institution.code} の患者 {patient.id} のカルテが開けません。")
    return opened, faults


def last_event_at() -> datetime | None:
    """最後の行為 — the time of the newest event of any institution."""
    from tasuki_server.audit.bringing import all_institutions
    from tasuki_server.audit.models import AuditEvent
    from tasuki_server.institutions.opening import system_actor
    from tasuki_server.institutions.work import as_institution

    times = []
    for institution in all_institutions():
        with as_institution(institution.id, system_actor(institution.id)):
            times += AuditEvent.objects.order_by("-number").values_list("at", flat=True)[:1]
    return max(times, default=None)


@contextmanager
def at_house(target: Path) -> Iterator[None]:
    """復元先の使用 — inside the block this process looks at the restored house: its folder, its secrets, its keys."""
    key_file = target / "secrets" / "key_file.json"
    mine = {
        "TASUKI_DATA": str(target),
        "TASUKI_SECRET_KEY": (target / "secrets" / "secret_key").read_text().strip(),
        "TASUKI_KEY_FILE": str(key_file) if key_file.exists() else "",
        "TASUKI_DATABASE_URL": "",
    }
    with settings_replaced(mine):
        yield


def prove(restored: Restored, target: Path, witness_folder: Path | None = None) -> None:
    """検証 — trails against the manifest and the witness, tables and indexes, and charts that open; faults go into ``restored``."""
    from tasuki_server.database.session import connected

    with restored.timed("prove"), at_house(target), connected(with_owner=True):
        place = Embedded(target).running_place()
        assert place is not None
        witnessed = (lambda _: None) if witness_folder is None else partial(seen_by, witness_folder)
        restored.faults += broken_trails(restored.manifest.trails, witnessed)
        restored.faults += unsound_tables(place)
        restored.opened, faults = opened_charts(CHARTS)
        restored.faults += faults
        restored.last_event_at = last_event_at()
