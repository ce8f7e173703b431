# SPDX-License-Identifier: Apache-2.0
"""見張りの番 — while everything runs, what is new in each trail is judged every two seconds."""

from __future__ import annotations

from tasuki_server.cli.words import Alarm

SECONDS = 2.0


class MisuseKeeper:
    """見張りの番 — one institution's fault does not keep the others from being watched; it is told once."""

    def __init__(self) -> None:
        self._next = 0.0
        self._alarm = Alarm()

    def keep(self, now: float) -> int:
        """見張り — returns how many cases are new."""
        if now < self._next:
            return 0
        self._next = now + SECONDS
        from tasuki_server.audit.bringing import all_institutions
        from tasuki_server.database.session import leave
        from tasuki_server.watch.running import catch_up

        raised, faults = 0, []
        for institution in all_institutions():
            try:
                raised += catch_up(institution.id).raised
            except Exception as error:  # noqa: BLE001 - watching goes on; the fault is told
                faults.append(f"{institution.code}: {type(error).__name__}")
        leave()
        told = "、".join(faults)
        self._alarm.tell(
            told,
            f"不正利用の見張りができません（{told}）。./tasuki watch run で確かめてください。",
            f"The trail could not be watched for misuse ({told}); try ./tasuki watch run.",
        )
        return raised
