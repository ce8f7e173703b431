# SPDX-License-Identifier: Apache-2.0
"""電子処方箋の番 — while everything runs, what was signed is registered and what is registered is followed, for every institution.

In a thread of its own: a line that does not answer may hold it for a minute, and nothing else.
"""

from __future__ import annotations

import threading

from tasuki_server.cli.words import Alarm

SECONDS = 1.0


class PrescribingKeeper:
    """電子処方箋の番 — one institution's fault does not keep the others waiting; it is told once."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._ended = threading.Event()
        self._alarm = Alarm()
        self._thread = threading.Thread(target=self._keep, name="prescribing", daemon=True)

    def start(self) -> None:
        """始め."""
        self._thread.start()

    def stop(self, seconds: float = 5.0) -> None:
        """終わり — what is under way may be cut: the same request is sent again."""
        self._ended.set()
        if self._thread.ident is not None:
            self._thread.join(seconds)

    def _keep(self) -> None:
        from tasuki_server.database.session import leave

        while not self._ended.wait(self._seconds):
            self.attend()
            leave()

    def attend(self) -> int:
        """一巡 — of every institution; returns how many messages were settled."""
        from tasuki_server.audit.bringing import all_institutions
        from tasuki_server.eprescribing.keeping import keep_one

        try:
            institutions = all_institutions()
        except Exception as error:  # noqa: BLE001 - the database went first; the main loop tells
            self._tell([type(error).__name__])
            return 0
        settled, faults = 0, []
        for institution in institutions:
            if self._ended.is_set():
                break
            try:
                done = keep_one(institution)
                settled += done.settled
                if done.fault:
                    faults.append(f"{institution.code}: {done.fault}")
            except Exception as error:  # noqa: BLE001 - the round goes on; the fault is told
                faults.append(f"{institution.code}: {type(error).__name__}")
        self._tell(faults)
        return settled

    def _tell(self, faults: list[str]) -> None:
        told = "、".join(faults)
        self._alarm.tell(
            told,
            f"電子処方箋の登録ができません（{told}）。登録は取ってあり、つながり次第送ります。",
            f"Prescriptions cannot be registered ({told}); they are kept and will be sent.",
        )
