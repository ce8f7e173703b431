# SPDX-License-Identifier: Apache-2.0
"""処方箋の保存期間の番 — while everything runs, what is past its days leaves the service's tables, once an hour and in small batches.

In a thread, because a first round over years of prescriptions takes longer than the other keepers may wait.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from tasuki_server.cli.keeper_thread import KeeperThread

SECONDS = 3600.0
# Between two batches those who register go first.
REST_SECONDS = 0.05


class PrescriptionKeeper(KeeperThread):
    """処方箋の保存期間の番 — a batch that fails is told once and tried again in the next round; so is a clock
    that cannot be believed, for everything that removes by it."""

    def __init__(
        self, seconds: float = SECONDS, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._seconds = seconds
        self._now = now
        super().__init__("prescriptions")

    def _keep(self) -> None:
        self._each_time(self.attend, self._seconds)

    def attend(self) -> None:
        """一巡 — over everything that is past its days."""
        from tasuki_server.platform.removal_clock import Unbelievable
        from tasuki_server.prescriptions.retention import remove_past

        fault = ""
        try:
            remove_past(self._now(), lambda: self._ended.wait(REST_SECONDS))
        except Unbelievable as doubt:
            self._alarm.tell("clock", *doubt.words)
            return
        except Exception as error:  # noqa: BLE001 - the keeper stays; the fault is told
            fault = type(error).__name__
        self._alarm.tell(
            fault,
            f"保存期間を過ぎた処方箋を削除できません（{fault}）。1時間後にもう一度行います。",
            f"Prescriptions past their days could not be removed ({fault}); tried again in an hour.",
        )
