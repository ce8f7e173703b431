# SPDX-License-Identifier: Apache-2.0
"""継ぎ目の模擬 — plays one wire under one seed: a stormy time, then calm; afterwards nothing may be lost or doubled.

A wire is one entry in ``wires.WIRES``: it opens a play, which offers acts of people and machines, settles when the storm
is over, and says what is broken. What it runs is the production code; only clock, network and identifiers are the world's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from tasuki_server.seams.time_source import told_by
from tasuki_server.seams.world import World

LONGEST_WAIT = 900.0


class Play(Protocol):
    """一回の模擬 — one wire under one seed."""

    def acts(self) -> Sequence[Callable[[], object]]:
        """行為 — what anyone may do next."""

    def settle(self) -> None:
        """収束 — what people do once everything works again, until nothing waits."""

    def broken(self) -> list[str]:
        """不変条件の違反 — in Japanese; empty when all is well."""

    def close(self) -> None:
        """後片付け — as if it had not been."""


class Wire(NamedTuple):
    """通信路 — its name, what it is, how a play of it begins, and how many acts it has at least and at most."""

    name: str
    title: str
    begin: Callable[[World], Play]
    acts: tuple[int, int]


class Played(NamedTuple):
    """模擬の結果 — what was broken, how it went, and which faults it met."""

    wire: str
    seed: int
    broken: tuple[str, ...]
    trace: tuple[str, ...]
    faults: Counter[str]


def play(wire: Wire, seed: int) -> Played:
    """模擬 — the same seed decides the same; identifiers are new each time, because the trail of earlier runs stays."""
    world = World(seed)
    with told_by(world.clock):
        going = wire.begin(world)
        try:
            for _ in range(world.chosen.randint(*wire.acts)):
                world.wait(world.chosen.uniform(0, LONGEST_WAIT))
                act = world.chosen.choice(going.acts())
                world.note(act.__name__)
                world.guarded(act.__name__, act)
            world.be_calm()
            world.note("calm")
            world.guarded("settle", going.settle)
            broken = [*world.odd, *going.broken()]
        finally:
            going.close()
    return Played(wire.name, seed, tuple(broken), tuple(world.trace), world.faults)
