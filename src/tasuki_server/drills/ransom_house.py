# SPDX-License-Identifier: Apache-2.0
"""ランサムウェア訓練の診療所 — a clinic at work with everything set up as the guide says, and where each copy of its data lies."""

from __future__ import annotations

import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import psycopg

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from tasuki_server.audit.witness import Witness
    from tasuki_server.drills.write_load import Load
    from tasuki_server.institutions.models import Institution
    from tasuki_server.recovery.offline_key import OfflineKey
    from tasuki_server.recovery.receiver import Receiver
    from tasuki_server.recovery.repository import Repository
    from tasuki_server.recovery.third_copy import DistantCopy

WORKERS = 3


class Places(NamedTuple):
    """置き場所 — the server's own disks, and what lies on other machines, in the safe or on paper."""

    data: Path
    second_disk: Path
    elsewhere: Path

    @property
    def backups(self) -> Path:
        """控えの置き場所 — on the second disk."""
        return self.second_disk / "backups"

    @property
    def received(self) -> Path:
        """同期受信 — on the second disk."""
        return self.second_disk / "receiver"

    @property
    def kept(self) -> Path:
        """三つ目の控え — of the keeper's own user, on another machine."""
        return self.elsewhere / "keeper"

    @property
    def witness(self) -> Path:
        """証人 — on another machine."""
        return self.elsewhere / "witness"

    @property
    def terminal(self) -> Path:
        """受付の端末 — with the downtime copy."""
        return self.elsewhere / "terminal"


class KeeperAt(NamedTuple):
    """番人 — where the keeper of the third copy answers, and as whom it runs."""

    port: int
    process: int
    user: int

    @property
    def copy(self) -> DistantCopy:
        """三つ目の控え — as the house reaches it."""
        from tasuki_server.drills.immutable import TOKEN
        from tasuki_server.recovery.third_copy import DistantCopy

        return DistantCopy(f"http://127.0.0.1:{self.port}", TOKEN)


class House:
    """訓練の診療所 — its people at work, its keepers, and the keys that are not on its machine."""

    def __init__(self, places: Places, keeper: KeeperAt, key: OfflineKey, load: Load) -> None:
        from tasuki_server.audit.bringing import logs
        from tasuki_server.audit.witness import Witness
        from tasuki_server.recovery.receiver import Receiver
        from tasuki_server.recovery.repository import Repository
        from tasuki_server.recovery.source import admin_conninfo

        self.places = places
        self.keeper = keeper
        self.key = key
        self.load = load
        self.repository: Repository = Repository(places.backups)
        self.receiver: Receiver = Receiver(places.received, admin_conninfo())
        self.witness: Witness = Witness(places.witness, "drill/witness")
        for origin, public in logs():
            self.witness.trust(origin, public)
        self._watched_at = 0.0

    @property
    def cast(self) -> Any:
        """役者 — patients and staff."""
        return self.load.staged.cast

    @property
    def institution_id(self) -> UUID:
        """医療機関 — the one that is attacked."""
        return self.cast.clinic.id  # type: ignore[no-any-return]

    @property
    def institution(self) -> Institution:
        """医療機関の行."""
        from tasuki_server.institutions.models import Institution

        return Institution.objects.using("owner").get(id=self.institution_id)

    def user(self, role: str) -> Any:
        """利用者 — of a member of staff."""
        from tasuki_server.accounts.models import User

        return User.objects.get(pk=self.cast.staff[role].user_id)

    def begin(self) -> str:
        """準備 — copies begin, a decoy and a downtime card are made; answers the card's code."""
        from tasuki_server.continuity.cards import issue_card
        from tasuki_server.institutions.opening import system_actor
        from tasuki_server.institutions.work import as_institution
        from tasuki_server.recovery.receiver import require, wait_until_streaming
        from tasuki_server.watch.canaries import make_chart

        with as_institution(self.institution_id, system_actor(self.institution_id)):
            code = issue_card(self.cast.staff["doctor"])
        with self.cast.work("admin"):
            make_chart()
        self.receiver.start()
        with psycopg.connect(self.receiver.admin, autocommit=True) as owner:
            if not wait_until_streaming(owner, 30):
                raise RuntimeError("the receiver does not come")
            require(owner, is_required=True)
        self.back_up()
        self.copy_charts()
        return code

    def back_up(self) -> Any:
        """控え — a base, sent on; its manifest."""
        from tasuki_server.recovery.base_backup import create_base
        from tasuki_server.recovery.proving import brought_roots

        manifest = create_base(
            self.repository, self.key.public, self.receiver.branch, lambda: brought_roots(self.witness)
        )
        self.send()
        return manifest

    def send(self) -> list[str]:
        """送り出し — as the keeper of backups does."""
        from tasuki_server.recovery.sending_on import send_on

        return send_on(self.repository, self.key.public, str(self.places.received), self.keeper.copy)

    def copy_charts(self) -> None:
        """停止時の写し — as its keeper does each minute; what cannot be read any more leaves the copy as it was."""
        from tasuki_server.cli.downtime_keeper import DowntimeKeeper

        DowntimeKeeper(self.places.terminal).renew()

    @property
    def copy_folder(self) -> Path:
        """写しのフォルダ — of the institution."""
        return self.places.terminal / self.cast.clinic.code

    def bring_trail(self) -> None:
        """証人への提出 — as its keeper does each minute."""
        from tasuki_server.audit.bringing import bring_all

        faults = [each.fault for each in bring_all(self.witness, int(time.time())) if each.fault]
        if faults:
            raise RuntimeError(faults[0])

    def watch(self) -> None:
        """見張り — as its keeper does every two seconds."""
        from tasuki_server.cli.misuse_keeper import SECONDS
        from tasuki_server.watch.running import catch_up

        if time.monotonic() - self._watched_at >= SECONDS:
            catch_up(self.institution_id)
            self._watched_at = time.monotonic()

    def patient_numbers(self, count: int) -> list[int]:
        """患者番号 — of people with visits, the first to come."""
        return [each.number for each in self.cast.patients[:count]]


@contextmanager
def house_at_work(places: Places) -> Iterator[House]:
    """働く診療所 — inside a training ground; whatever still runs at the end is ended."""
    from tasuki_server.drills.immutable import keeper_process
    from tasuki_server.drills.lasting import be_lasting
    from tasuki_server.drills.write_load import Load, stage
    from tasuki_server.recovery.offline_key import OfflineKey
    from tasuki_server.recovery.repository import Repository
    from tasuki_server.recovery.source import signer

    be_lasting()
    load = Load(stage(), places.elsewhere / "acts", WORKERS)
    with keeper_process(places.kept, Repository) as keeper:
        house = House(places, KeeperAt(*keeper), OfflineKey.made(signer()), load)
        try:
            yield house
        finally:
            load.kill()
            house.receiver.stop()
