# SPDX-License-Identifier: Apache-2.0
"""壊れやすいフォルダ — the clinic's own gateway of folders, in a process that dies before or after an operation of it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from tasuki_server.confirmation.folder_gateway import PARTS, FolderGateway
from tasuki_server.confirmation.gateway import Arrived
from tasuki_server.seams.world import Crash

if TYPE_CHECKING:
    from tasuki_server.seams.world import World


class FragileFolder(FolderGateway):
    """壊れやすいフォルダ — see the module."""

    def __init__(self, root: Path, world: World, rate: float) -> None:
        places = [root / name for name in PARTS]
        super().__init__((places[0], places[1], places[2], places[3]), lambda: world.clock().timestamp())
        self._world, self._rate = world, rate

    def send(self, file: str, data: bytes) -> bytes | None:
        """送信 — dying before or after."""
        self._may_die("send")
        told = super().send(file, data)
        self._may_die("sent")
        return told

    def answers(self, wanted: Iterable[str]) -> list[Arrived]:
        """結果の受取り — dying with what was read."""
        found = super().answers(wanted)
        self._may_die("answers")
        return found

    def settle(self, arrived: Arrived) -> None:
        """済み — dying between keeping and moving."""
        self._may_die("settle")
        super().settle(arrived)
        self._may_die("settled")

    def _may_die(self, what: str) -> None:
        if not self._world.is_calm and self._world.chosen.random() < self._rate:
            self._world.faults["folder_crash"] += 1
            self._world.note(f"{what}: crash")
            raise Crash
