# SPDX-License-Identifier: Apache-2.0
"""停止時の写しの番 — while everything runs, the copies are renewed each minute by a thread of its own.

In a thread, because the first copy of a large clinic takes longer than the other keepers may wait.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tasuki_server.cli.keeper_thread import KeeperThread
from tasuki_server.downtime.places import copies_folder

SECONDS = 60.0


class DowntimeKeeper(KeeperThread):
    """停止時の写しの番 — one institution's fault does not keep the others from being copied; it is told once."""

    # A copy that is being made is waited for; half a copy is none.
    patience = 20.0

    def __init__(self, folder: Path | None = None, seconds: float = SECONDS) -> None:
        self._folder = folder or copies_folder()
        self._seconds = seconds
        super().__init__("downtime")

    def _keep(self) -> None:
        self._each_time(self.renew, self._seconds)

    def renew(self) -> None:
        """写しの更新 — of every institution; view logs that lie beside them are entered in the trail."""
        from tasuki_server.audit.bringing import all_institutions
        from tasuki_server.downtime.copying import folder_of, refresh
        from tasuki_server.downtime.merging import merge_folder

        try:
            institutions = all_institutions()
        except Exception as error:  # noqa: BLE001 - the database went first; the main loop tells
            self._tell([type(error).__name__])
            return
        faults = []
        for institution in institutions:
            if self._ended.is_set():
                return
            folder = folder_of(self._folder, institution)
            try:
                refresh(institution, folder)
                for merged in merge_folder(institution, folder):
                    if merged.fault:
                        faults.append(f"{merged.file}: {merged.fault}")
            except Exception as error:  # noqa: BLE001 - copying goes on; the fault is told
                faults.append(f"{institution.code}: {type(error).__name__}")
        self._tell(faults)

    def _tell(self, faults: Sequence[str]) -> None:
        told = "、".join(faults)
        self._alarm.tell(
            told,
            f"停止時の写しを作れません（{told}）。./tasuki downtime snapshot で確かめてください。",
            f"The downtime copy could not be made ({told}); try ./tasuki downtime snapshot.",
        )
