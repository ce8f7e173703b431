# SPDX-License-Identifier: Apache-2.0
"""証人への通信路の模擬 — the trail grows and its checkpoints go to the witness over a wire that fails.

Production code on both sides: the checkpoints of ``audit``, the client that speaks to a distant witness, the witness
with its folder. The witness may die between writing its history and its newest checkpoint.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from tasuki_server.seams.simulator import Wire
from tasuki_server.seams.world import Reply, Request, Side

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path
    from typing import Any

    from tasuki_server.audit.witness import Answer, Witness
    from tasuki_server.institutions.work import Actor
    from tasuki_server.seams.world import World

MOST_EVENTS = 9


class WitnessGround(NamedTuple):
    """証人の模擬の土台 — the institution whose trail it is, and a folder for witnesses."""

    institution_id: UUID
    actor: Actor
    folder: Path

    def work(self) -> AbstractContextManager[Any]:
        """取引 — of the institution."""
        from tasuki_server.institutions.work import as_institution

        return as_institution(self.institution_id, self.actor)


def witness_wire(ground: WitnessGround) -> Wire:
    """証人への通信路 — a fresh witness for every run; the trail is the one that grew so far."""
    return Wire("witness", "監査のチェックポイントと証人", lambda world: WitnessPlay(world, ground), (5, 14))


class WitnessPlay:
    """証人の模擬 — see the module."""

    def __init__(self, world: World, ground: WitnessGround) -> None:
        from tasuki_server.audit.checkpoints import log_public, origin_of

        self._world, self._ground = world, ground
        self._origin, self._public = origin_of(ground.institution_id), log_public()
        self._place = ground.folder / f"witness-{world.chosen.getrandbits(64):x}"
        self._witness = self._woken()
        self._witness.trust(self._origin, self._public)
        self._seen: list[int] = []
        self._refused: list[str] = []

    def acts(self) -> Sequence[Callable[[], object]]:
        """行為 — events, and the checkpoint of every minute."""
        return (self.grow, self.grow, self.bring, self.bring, self.bring, self.their_new_process)

    def close(self) -> None:
        """後片付け — the witness's folder goes."""
        shutil.rmtree(self._place, ignore_errors=True)

    def grow(self) -> None:
        """監査記録 — some acts."""
        from tasuki_server.audit.trail import record

        with self._ground.work():
            for number in range(self._world.chosen.randint(1, MOST_EVENTS)):
                record("chart.read", detail={"number": number})

    def bring(self) -> None:
        """証人への提出 — as the keeper does; what the witness says is kept."""
        from tasuki_server.audit.bringing import bring_one

        size, fault = bring_one(self._ground.institution_id, self, int(self._world.clock().timestamp()))
        if fault:
            self._world.note(f"bring: {fault[:80]}")
            if "422" in fault:
                self._refused.append(fault)
        else:
            self._seen.append(size)

    def add_checkpoint(self, request: str, at: int) -> Answer:
        """証人の窓口 — the distant one's, with this world as its network."""
        from tasuki_server.audit.witness_desk import answered

        def serve(asked: Request) -> Reply:
            try:
                told = self._witness.add_checkpoint(asked.body.decode(), at)
            except _Died:
                self._witness = self._woken()
                raise ConnectionResetError("the witness died") from None
            return Reply(int(told.status), told.text.encode())

        side = Side(serve, self._their_restart)
        return answered(
            "witness",
            lambda: tuple(self._world.carry("add-checkpoint", Request("POST /", request.encode()), side)),
        )

    def their_new_process(self) -> None:
        """証人の再起動 — it knows what its folder holds."""
        self._witness = self._woken()

    def settle(self) -> None:
        """収束 — one more act, one more checkpoint."""
        self.grow()
        self.bring()

    def broken(self) -> list[str]:
        """不変条件の違反 — what the witness keeps is the trail's beginning, in order, and reaches to its end."""
        from tasuki_server.audit.checkpoints import checkpoint_in
        from tasuki_server.audit.models import AuditEvent

        found = []
        if self._refused:
            found.append(f"改ざんのない監査記録を証人が{len(self._refused)}回拒みました。")
        last = self._witness.last(self._origin)
        size = checkpoint_in(last).size if last is not None else 0
        with self._ground.work():
            if size != AuditEvent.objects.count():
                found.append("最後の提出が証人に届いていません。")
        if self._seen != sorted(self._seen):
            found.append("証人の見た件数が戻りました。")
        if not _is_in_order(self._place):
            found.append("証人の履歴の順序が違います。")
        return found

    def _woken(self) -> Witness:
        from tasuki_server.audit.witness import Witness

        return Witness(self._place, "simulated/witness")

    @contextmanager
    def _their_restart(self) -> Iterator[None]:
        """It dies after the history was written and before the newest checkpoint is in its place."""
        from tasuki_server.audit import witness

        def die(*_given: object) -> None:
            raise _Died

        kept = witness.put_in_place
        witness.put_in_place = die
        try:
            yield
        finally:
            witness.put_in_place = kept


class _Died(Exception):
    """The witness's process ended."""


def _is_in_order(folder: Path) -> bool:
    import json

    from tasuki_server.audit.checkpoints import checkpoint_in
    from tasuki_server.audit.notes import read_note

    for history in folder.glob("logs/*.history"):
        notes = [json.loads(line)["note"] for line in history.read_text(encoding="utf-8").splitlines()]
        sizes = [checkpoint_in(read_note(note)).size for note in notes if note]
        if sizes != sorted(sizes):
            return False
    return True
