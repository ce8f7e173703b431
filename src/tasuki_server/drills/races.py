# SPDX-License-Identifier: Apache-2.0
"""並行操作の訓練 — two people do the same thing at once, hundreds of times; some order must explain what each was told.

Real threads, real connections, the acts of the pages. The controls take one lock away each, and must be seen.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from tasuki_server.drills.drill import Drill, Finding, Tier
from tasuki_server.drills.ground import a_clinic, as_superuser, training_ground
from tasuki_server.drills.race_stories import STORIES, WEIGHTS, Act, Scene, Stage, stage_of
from tasuki_server.seams.histories import Done, is_explained

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

HISTORIES = {Tier.PUSH: 500, Tier.LONG: 20_000}
PEOPLE = 2
# So long a person hesitates at most before an act and before its commit: windows overlap.
LONGEST_PAUSE = 0.003
CONTROL_TRIES = 60


class Crowd:
    """人々 — a thread and connections for each, who begin together."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._threads = ThreadPoolExecutor(PEOPLE, "race")
        self._start = threading.Barrier(PEOPLE)

    def close(self) -> None:
        """解散 — each closes its own connections."""
        list(self._threads.map(lambda _place: self._leave(), range(PEOPLE)))
        self._threads.shutdown()

    def play(self, scene: Scene, chosen: random.Random) -> list[list[Done]]:
        """同時の操作 — what each person was told, in their own order."""
        pauses = [[chosen.uniform(0, LONGEST_PAUSE) for _ in range(2 * len(acts))] for acts in scene.people]
        return list(self._threads.map(self._person, scene.people, pauses))

    def _leave(self) -> None:
        from django.db import connections

        self._start.wait(30)
        connections.close_all()

    def _person(self, acts: Sequence[Act], pauses: list[float]) -> list[Done]:
        self._start.wait(30)
        return [Done(act.name, self._told(act, pauses)) for act in acts]

    def _told(self, act: Act, pauses: list[float]) -> str:
        from tasuki.kernel.finding import BadInput

        time.sleep(pauses.pop())
        try:
            if act.alone:
                pauses.pop()
                return act.do()
            with self._stage.ground.work():
                told = act.do()
                time.sleep(pauses.pop())
            return told
        except BadInput as refused:
            return refused.findings[0].code
        except Exception as error:  # noqa: BLE001 - what was told is judged, whatever it is
            return type(error).__name__


def run(tier: Tier, seed: int, tell: Callable[[str], None]) -> Finding:
    """並行操作の訓練 — the histories, then each control."""
    counts: Counter[str] = Counter()
    broken: list[str] = []
    with quiet_log(), training_ground(), as_superuser() as owner:
        from tasuki_server.seams.claims_ground import claims_ground

        stage = stage_of(claims_ground(a_clinic(1), owner))
        chosen = random.Random(seed)  # noqa: S311 - to be repeated, not to be secret
        with crowd_of(stage) as crowd:
            names = chosen.choices(list(WEIGHTS), list(WEIGHTS.values()), k=HISTORIES[tier])
            for place, name in enumerate(names):
                wrong = told_wrong(crowd, stage, name, chosen, counts)
                broken += [f"{name} {place}: {wrong}"] if wrong else []
                if place % 250 == 249:
                    tell(f"{place + 1}: {len(broken)} broken")
        breaks = trail_breaks(stage)
        control = {name: _tries_until_red(stage, name, seed) for name in CONTROLS}
    tell(f"control: {control}")
    return Finding(
        counts={
            "histories": HISTORIES[tier],
            **{f"of_{name}": counts[name] for name in STORIES},
            "contended": counts["contended"],
            "broken": len(broken),
            "trail_breaks": breaks,
        },
        faults=(*broken[:20], *(("監査記録が検証に通りません。",) if breaks else ())),
        control={f"tries_{name}": tries for name, tries in control.items()},
        control_is_red=all(control.values()),
    )


def told_wrong(crowd: Crowd, stage: Stage, name: str, chosen: random.Random, counts: Counter[str]) -> str:
    """一つの履歴 — empty when some order explains it, else what nobody can explain."""
    scene = STORIES[name](stage, chosen)
    people = crowd.play(scene, chosen)
    with stage.ground.work():
        end = scene.end()
    counts[name] += 1
    counts["contended"] += len({done.told for person in people for done in person}) > 1
    if is_explained(people, scene.begin, end, scene.model):
        return ""
    told = "、".join("→".join(f"{done.name}={done.told}" for done in person) for person in people)
    return f"{told} の結果 {end} を説明する順序がありません。"


@contextmanager
def crowd_of(stage: Stage) -> Iterator[Crowd]:
    """人々を集める — and let them go."""
    crowd = Crowd(stage)
    try:
        yield crowd
    finally:
        crowd.close()


def _tries_until_red(stage: Stage, name: str, seed: int) -> int:
    """How many histories without the lock until one cannot be explained; 0 when all can."""
    story, module, function = CONTROLS[name]
    chosen = random.Random(seed)  # noqa: S311 - to be repeated, not to be secret
    with patch(f"{module}.{function}", _no_lock), crowd_of(stage) as crowd:
        for tries in range(1, CONTROL_TRIES + 1):
            if told_wrong(crowd, stage, story, chosen, Counter()):
                return tries
    return 0


def _no_lock(*_given: Any, **_options: Any) -> None:
    """A lock that holds nothing."""


# Which story shows it, and where the lock is taken.
CONTROLS = {
    "month_of_bills": ("closing", "tasuki_server.billing.settle", "month_lock"),
    "month_of_files": ("file", "tasuki_server.claims.sending", "month_lock"),
}


def trail_breaks(stage: Stage) -> int:
    """監査記録の検証 — how many breaks all of it left."""
    from tasuki_server.audit.trail import verify_chain

    with stage.ground.work():
        return len(verify_chain(stage.ground.institution_id)[2])


@contextmanager
def quiet_log() -> Iterator[None]:
    """静かに — refusals are what is drilled."""
    from tasuki_server.drills.seams import quiet_wires

    with quiet_wires():
        yield


RACES = Drill(
    name="races",
    title="並行操作",
    goal="二人が同じものへ同時に署名・受付・会計・取消・締め・請求をしても、一人ずつ行った場合のどれかの順序で説明できる",
    run=run,
)
