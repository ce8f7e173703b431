# SPDX-License-Identifier: Apache-2.0
"""回線の番 — while everything runs, what waits on the lines to the national services is sent and fetched, for every institution.

In a thread of its own for each line: one that does not answer may hold it for a minute, and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from tasuki_server.cli.keeper_thread import KeeperThread

if TYPE_CHECKING:
    from tasuki_server.institutions.models import Institution


class Line(NamedTuple):
    """回線 — its name, how often it is looked after, what one institution's round does (acts done, and the fault), and the
    words of its alarm, Japanese and English, with ``{told}``."""

    name: str
    seconds: float
    keep_one: Callable[[Institution], tuple[int, str]]
    words: tuple[str, str]


def _confirm(institution: Institution) -> tuple[int, str]:
    from tasuki_server.confirmation.keeping import keep_one

    done = keep_one(institution)
    return done.taken + done.sent + done.answered, done.fault


def _prescribe(institution: Institution) -> tuple[int, str]:
    from tasuki_server.eprescribing.keeping import keep_one

    done = keep_one(institution)
    return done.settled, done.fault


def _share(institution: Institution) -> tuple[int, str]:
    from tasuki_server.sharing.keeping import keep_one

    done = keep_one(institution)
    return done.settled, done.fault


CONFIRMATION = Line(
    "confirmation", 2.0, _confirm,
    (
        "オンライン資格確認の連携ができません（{told}）。照会は取ってあり、つながり次第送ります。",
        "The line of eligibility is down ({told}); what waits is kept and will be sent.",
    ),
)  # fmt: skip
PRESCRIBING = Line(
    "prescribing", 1.0, _prescribe,
    (
        "電子処方箋の登録ができません（{told}）。登録は取ってあり、つながり次第送ります。",
        "Prescriptions cannot be registered ({told}); they are kept and will be sent.",
    ),
)  # fmt: skip
SHARING = Line(
    "sharing", 2.0, _share,
    (
        "電子カルテ情報共有の送信ができません（{told}）。送るものは取ってあり、つながり次第送ります。",
        "The line of shared information is down ({told}); what waits is kept and will be sent.",
    ),
)  # fmt: skip


class LineKeeper(KeeperThread):
    """回線の番 — one institution's fault does not keep the others waiting; it is told once."""

    def __init__(self, line: Line) -> None:
        self._line = line
        super().__init__(line.name)

    def _keep(self) -> None:
        from tasuki_server.database.session import leave

        while not self._ended.wait(self._line.seconds):
            self.attend()
            leave()

    def attend(self) -> int:
        """一巡 — of every institution; returns how many acts were done."""
        from tasuki_server.audit.bringing import all_institutions

        try:
            institutions = all_institutions()
        except Exception as error:  # noqa: BLE001 - the database went first; the main loop tells
            self._tell([type(error).__name__])
            return 0
        acts, faults = 0, []
        for institution in institutions:
            if self._ended.is_set():
                break
            try:
                done, fault = self._line.keep_one(institution)
                acts += done
                if fault:
                    faults.append(f"{institution.code}: {fault}")
            except Exception as error:  # noqa: BLE001 - the round goes on; the fault is told
                faults.append(f"{institution.code}: {type(error).__name__}")
        self._tell(faults)
        return acts

    def _tell(self, faults: list[str]) -> None:
        told = "、".join(faults)
        japanese, english = self._line.words
        self._alarm.tell(told, japanese.format(told=told), english.format(told=told))
