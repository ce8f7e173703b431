# SPDX-License-Identifier: Apache-2.0
"""監査記録の番 — while everything runs, each minute's checkpoints go to the witnesses, in a thread of its own.

A witness that hangs holds this thread for some seconds and nothing else; whatever goes wrong is told, and the next round
begins all the same.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tasuki_server.cli.keeper_thread import KeeperThread
from tasuki_server.cli.words import Stop
from tasuki_server.settings_table import listed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tasuki_server.audit.checkpoints import Desk
    from tasuki_server.audit.witness import Witness

ADDRESS = "TASUKI_WITNESS"
SECONDS = 60.0


class TrailKeeper(KeeperThread):
    """監査記録の番 — with the witnesses of TASUKI_WITNESS, or one in the data folder, which is enough for a trial only.

    A witness beside its database falls with it: on a machine of its own it shows what an attacker did here.
    """

    def __init__(self, desk: Desk, own: Witness | None, others: Sequence[Desk] = ()) -> None:
        super().__init__("audit-trail")
        self.desk = desk
        self.others = others
        self.own = own

    @classmethod
    def for_installation(cls) -> TrailKeeper:
        """この設置の番 — raises :class:`tasuki_server.cli.words.Stop` for an address or a key that is none.

        Both are read before anything runs: what is mistyped must not stop a house that serves.
        """
        from tasuki_server.audit.cosignatures import known_witnesses
        from tasuki_server.audit.witness import Witness
        from tasuki_server.audit.witness_desk import DistantWitness
        from tasuki_server.database.places import data_folder

        known_witnesses()
        addresses = listed(ADDRESS)
        if not addresses:
            own = Witness(data_folder() / "witness", "tasuki/own-witness")
            return cls(own, own)
        try:
            first, *others = [DistantWitness(each) for each in addresses]
            return cls(first, None, others)
        except ValueError as error:
            raise Stop(
                f"{ADDRESS} の「{'、'.join(addresses)}」は証人のアドレスではありません（例: https://証人のホスト:8790）。",
                f"{ADDRESS} is no address of a witness (like https://host:8790).",
            ) from error

    def trust_own(self) -> None:
        """自分の証人への登録 — every trail of this installation; a distant witness is told by its keeper."""
        from tasuki_server.audit.bringing import logs

        if self.own is not None:
            for origin, public in logs():
                self.own.trust(origin, public)

    def _keep(self) -> None:
        self._each_time(self.attend, SECONDS)

    def attend(self) -> None:
        """証人への提出 — a round of every witness; one that is away is told once, the trail goes on."""
        faults = []
        try:
            self.trust_own()
            for desk in (self.desk, *self.others):
                if self._ended.is_set():
                    return
                faults += self._brought(desk)
        except Exception as error:  # noqa: BLE001 - the keeper stays; the fault is told
            faults.append(f"{type(error).__name__}: {error}"[:200])
        told = "\n".join(faults)
        self._alarm.tell(
            told,
            f"監査記録を証人に届けられません。./tasuki audit verify で確かめてください。\n{told}",
            f"The witness did not take the audit trail.\n{told}",
        )

    def _brought(self, desk: Desk) -> list[str]:
        """The faults of one witness; those of another are nothing to it."""
        from tasuki_server.audit.bringing import bring_all

        try:
            brought = bring_all(desk, int(time.time()))
            return [f"{institution.code}: {fault}" for institution, _, fault in brought if fault]
        except Exception as error:  # noqa: BLE001 - the other witnesses are asked all the same
            return [f"{type(error).__name__}: {error}"[:200]]
