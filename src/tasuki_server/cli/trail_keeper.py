# SPDX-License-Identifier: Apache-2.0
"""監査記録の番 — while everything runs, each minute's checkpoints go to the witness."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tasuki_server.cli.words import Alarm, Stop
from tasuki_server.settings_table import listed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tasuki_server.audit.checkpoints import Desk
    from tasuki_server.audit.witness import Witness

ADDRESS = "TASUKI_WITNESS"
SECONDS = 60.0


class TrailKeeper:
    """監査記録の番 — with the witnesses of TASUKI_WITNESS, or one in the data folder, which is enough for a trial only.

    A witness beside its database falls with it: on a machine of its own it shows what an attacker did here.
    """

    def __init__(self, desk: Desk, own: Witness | None, others: Sequence[Desk] = ()) -> None:
        self.desk = desk
        self.others = others
        self.own = own
        self._next = 0.0
        self._alarm = Alarm()

    @classmethod
    def for_installation(cls) -> TrailKeeper:
        """この設置の番 — raises :class:`tasuki_server.cli.words.Stop` for an address that is none."""
        from tasuki_server.audit.witness import Witness
        from tasuki_server.audit.witness_desk import DistantWitness
        from tasuki_server.database.places import data_folder

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

    def keep(self, now: float) -> None:
        """証人への提出 — once a minute; a witness that is away is told once, the trail goes on."""
        if now < self._next:
            return
        self._next = now + SECONDS
        from tasuki_server.audit.bringing import bring_all
        from tasuki_server.database.session import leave

        self.trust_own()
        faults = [
            f"{institution.code}: {fault}"
            for desk in (self.desk, *self.others)
            for institution, _, fault in bring_all(desk, int(time.time()))
            if fault
        ]
        leave()
        told = "\n".join(faults)
        self._alarm.tell(
            told,
            f"監査記録を証人に届けられません。./tasuki audit verify で確かめてください。\n{told}",
            f"The witness did not take the audit trail.\n{told}",
        )
