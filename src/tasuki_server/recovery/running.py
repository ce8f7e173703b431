# SPDX-License-Identifier: Apache-2.0
"""控えの実行 — one backup from beginning to end, noted where the administrator reads it, and sent to the third copy."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from tasuki_server.recovery.base_backup import create_base
from tasuki_server.recovery.noting import BackupNotes
from tasuki_server.recovery.proving import brought_roots
from tasuki_server.recovery.receiver import branch_of
from tasuki_server.recovery.shipping import ship_segments
from tasuki_server.settings_table import text

if TYPE_CHECKING:
    from tasuki_server.cli.trail_keeper import TrailKeeper
    from tasuki_server.recovery.manifest import Manifest
    from tasuki_server.recovery.offline_key import PublicHalf
    from tasuki_server.recovery.repository import Repository
    from tasuki_server.recovery.third_copy import DistantCopy


def run_backup(
    repository: Repository,
    public: PublicHalf,
    keeper: TrailKeeper,
    third: DistantCopy | None = None,
    run_id: str | None = None,
) -> Manifest:
    """控えの実行 — the trails go to the witness, then the base, then what is new to the third copy.

    Raises :class:`tasuki_server.cli.words.Stop` or ``ConnectionError``; either way the run is noted as failed or not sent.
    """
    keeper.trust_own()
    notes = BackupNotes(UUID(run_id) if run_id else None)
    notes.begin()
    received = text("TASUKI_RECEIVER")
    branch = branch_of(Path(received).expanduser()) if received else ""
    try:
        manifest = create_base(repository, public, branch, lambda: brought_roots(keeper.desk), notes.tell)
        if received:
            ship_segments(Path(received).expanduser(), repository, public, manifest.first_segment)
    except BaseException as error:
        notes.fail(str(error) or type(error).__name__)
        raise
    notes.end(manifest)
    if third is not None:
        third.send_new(repository)
        notes.sent()
    return manifest
