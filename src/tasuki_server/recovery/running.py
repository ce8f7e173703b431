# SPDX-License-Identifier: Apache-2.0
"""控えの実行 — one backup from beginning to end, noted where the administrator reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasuki_server.recovery.base_backup import create_base
from tasuki_server.recovery.proving import brought_roots

if TYPE_CHECKING:
    from tasuki_server.cli.trail_keeper import TrailKeeper
    from tasuki_server.recovery.manifest import Manifest
    from tasuki_server.recovery.offline_key import PublicHalf
    from tasuki_server.recovery.repository import Repository


def run_backup(
    repository: Repository, public: PublicHalf, keeper: TrailKeeper, run_id: str | None = None
) -> Manifest:
    """控えの実行 — the trails go to the witness first. Raises :class:`tasuki_server.cli.words.Stop`."""
    keeper.trust_own()
    return create_base(repository, public, "", lambda: brought_roots(keeper.desk))
