# SPDX-License-Identifier: Apache-2.0
"""継ぎ目の訓練 — every wire under hundreds of seeds: cuts, delays, copies, restarts; nothing is lost, doubled or left waiting.

Seeds that failed once stand in ``seams_kept.tsv`` and are played first, at every tier and in the tests. The control
gives each sending a new name on its way, which is the loss of the idempotency key; another renames what is asked of the
eligibility service, a third takes the version off what is shared.
"""

from __future__ import annotations

import csv
import logging
from collections import Counter
from contextlib import contextmanager
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID, uuid4

from tasuki_server.drills.drill import Drill, Finding, Tier
from tasuki_server.drills.ground import a_clinic, as_superuser, training_ground

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    import psycopg

    from tasuki_server.seams.simulator import Wire

# Seeds by tier and wire; a run of the claims wire is a month of work for two services, one of the witness is short.
SEEDS = {
    Tier.PUSH: {
        "claims": 40, "witness": 160, "confirmation_web": 8, "confirmation_folder": 8, "prescribing": 6,
        "records": 6,
    },
    Tier.LONG: {
        "claims": 1_000, "witness": 1_000, "confirmation_web": 1_000, "confirmation_folder": 1_000,
        "prescribing": 1_000, "records": 1_000,
    },
}  # fmt: skip
CONTROL_SEEDS = {Tier.PUSH: 8, Tier.LONG: 40}
# Beside the kept seeds, which are those in which a copy comes late.
CONTROL_RECORDS = {Tier.PUSH: 0, Tier.LONG: 40}
# One trail is used by so many runs; a longer one only makes the same slower.
RUNS_A_TRAIL = 20


class Tally(NamedTuple):
    """集計 — of many runs: how many, what was broken by seed, and which faults they met."""

    counts: Counter[str]
    broken: list[str]
    faults: Counter[str]


def run(tier: Tier, seed: int, tell: Callable[[str], None]) -> Finding:
    """継ぎ目の訓練 — kept seeds, then new ones, then the control."""
    with quiet_wires(), training_ground() as folder, as_superuser() as owner:
        # The tables of the services are known once the ground stands.
        from tasuki_server.platform.house import close_house

        tally = Tally(Counter(), [], Counter())
        for wire, seeds in _plan(tier, seed, folder, owner):
            play_all(wire, seeds, tally, tell)
            tell(f"{wire.name}: {tally.counts[wire.name]} broken {len(tally.broken)}")
        breaks = _breaks()
        control = Tally(Counter(), [], Counter())
        play_all(_without_key(owner), range(seed, seed + CONTROL_SEEDS[tier]), control)
        lost = Tally(Counter(), [], Counter())
        play_all(_without_identifier(owner), range(seed, seed + CONTROL_SEEDS[tier]), lost)
        turned = Tally(Counter(), [], Counter())
        play_all(
            _without_order(),
            [*kept_seeds().get("records", ()), *range(seed, seed + CONTROL_RECORDS[tier])],
            turned,
        )
        close_house()
    return Finding(
        counts={
            **{f"seeds_{name}": count for name, count in sorted(tally.counts.items())},
            "kept_seeds": sum(len(each) for each in kept_seeds().values()),
            "faults": sum(tally.faults.values()),
            "kinds_of_fault": len(tally.faults),
            "broken": len(tally.broken),
            "trail_breaks": breaks,
        },
        faults=(*tally.broken[:20], *(("監査記録が検証に通りません。",) if breaks else ())),
        control={
            "seeds": sum(each.counts[name] for each in (control, lost, turned) for name in each.counts),
            "broken": len(control.broken),
            "broken_without_identifier": len(lost.broken),
            "broken_without_order": len(turned.broken),
        },
        control_is_red=bool(control.broken and lost.broken and turned.broken),
    )


@contextmanager
def quiet_wires() -> Iterator[None]:
    """静かに — thousands of broken wires are what is drilled, not news."""
    log = logging.getLogger("tasuki")
    kept = log.level
    log.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        log.setLevel(kept)


def play_all(
    wire: Wire, seeds: Iterable[int], tally: Tally, tell: Callable[[str], None] | None = None
) -> None:
    """模擬の繰返し — of one wire; what is broken is kept with its seed, and told at once where somebody listens."""
    from tasuki_server.seams.simulator import play

    for seed in seeds:
        played = play(wire, seed)
        tally.counts[wire.name] += 1
        tally.faults.update(played.faults)
        broken = [f"{wire.name} {seed}: {each}" for each in played.broken]
        tally.broken.extend(broken)
        if tell is not None and broken:
            tell("\n".join(broken))


def kept_seeds() -> dict[str, list[int]]:
    """残した種 — by wire; each broke something once."""
    found: dict[str, list[int]] = {}
    with (files("tasuki_server.drills") / "seams_kept.tsv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            found.setdefault(row["wire"], []).append(int(row["seed"]))
    return found


def _plan(
    tier: Tier, seed: int, folder: Path, owner: psycopg.Connection
) -> Iterator[tuple[Wire, Sequence[int]]]:
    from tasuki_server.seams.wires import claims, confirmation, prescribing, records, witness

    kept, many = kept_seeds(), SEEDS[tier]
    yield claims(a_clinic(1), owner), [*kept.get("claims", ()), *range(seed, seed + many["claims"])]
    for place, name in enumerate(("confirmation_web", "confirmation_folder")):
        wire = confirmation(a_clinic(50 + place), owner, uses_folders=name == "confirmation_folder")
        yield wire, [*kept.get(name, ()), *range(seed, seed + many[name])]
    yield (
        prescribing(a_clinic(60), owner),
        [*kept.get("prescribing", ()), *range(seed, seed + many["prescribing"])],
    )
    yield records(a_clinic(70)), [*kept.get("records", ()), *range(seed, seed + many["records"])]
    seeds = [*kept.get("witness", ()), *range(seed, seed + many["witness"])]
    for place in range(0, len(seeds), RUNS_A_TRAIL):
        yield witness(a_clinic(100 + place), folder), seeds[place : place + RUNS_A_TRAIL]


def _without_key(owner: psycopg.Connection) -> Wire:
    from tasuki_server.seams.wires import claims

    def renamed(path: str) -> str:
        room, _, rest = path.partition("/")
        return f"{room}/{uuid4()}{rest[36:]}" if room == "submissions" else path

    return claims(a_clinic(2), owner, renamed)


def _without_identifier(owner: psycopg.Connection) -> Wire:
    """What is sent is known by another identifier than what was kept: no answer can be told to be ours."""
    from tasuki_server.seams.wires import confirmation

    return confirmation(a_clinic(60), owner, uses_folders=False, rename=lambda _: uuid4().hex)


def _without_order() -> Wire:
    """The version of a unit is lost on its way: a late copy of an older one undoes the newer."""
    from tasuki_server.seams.wires import records

    return records(a_clinic(71), forgets_order=True)


def _breaks() -> int:
    """Breaks in the trails of everyone who took part."""
    from tasuki_server.audit.bringing import all_institutions
    from tasuki_server.audit.trail import verify_chain
    from tasuki_server.institutions.opening import system_actor
    from tasuki_server.institutions.work import as_institution

    def broken(institution_id: UUID) -> int:
        with as_institution(institution_id, system_actor(institution_id)):
            return len(verify_chain(institution_id)[2])

    return sum(broken(each.id) for each in all_institutions())


SEAMS = Drill(
    name="seams",
    title="継ぎ目の模擬",
    goal="遅れ・切断・重複・順序の入替え・欠け・停止を種で決めて全通信路に入れても、失われず、二重にならず、待ち続けない",
    run=run,
)
