# SPDX-License-Identifier: Apache-2.0
"""訓練「証明の自己点検」 — faults planted in the walls themselves: do the tests that prove them notice?"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import random
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Any, NamedTuple

from tasuki_server.database.places import home
from tasuki_server.drills.drill import Drill, Finding, Tier
from tasuki_server.drills.mutations import KILLED, NO_TEST, SURVIVED, TIMED_OUT, mutants

GOAL = 0.90
# How many are drawn at push; long plants every one.
PUSH_COUNT = 12
CONTROL_COUNT = 6


class Target(NamedTuple):
    """点検する部屋 — a module of the security core and the tests that must notice a fault in it."""

    module: str
    tests: tuple[str, ...]
    needs_database: bool = False

    @property
    def file(self) -> Path:
        """ソース — in this checkout."""
        return home() / "src" / (self.module.replace(".", "/") + ".py")


def _library(name: str, *tests: str) -> Target:
    return Target(
        f"tasuki.security.{name}", tuple(f"tests/security/{each}.py" for each in tests or (f"test_{name}",))
    )


def _server(name: str, *tests: str) -> Target:
    return Target(f"tasuki_server.{name}", tuple(f"tests/server/{each}.py" for each in tests), True)


# 判断・監査・セッション・医療機関の分離・控えの検証: the security core.
TARGETS = (
    _library("decision"),
    _library("conditions", "test_decision"),
    _library("purpose", "test_decision"),
    _library("masks", "test_decision", "test_maintenance"),
    _library("audit_chain"),
    _library("checkpoint", "test_checkpoint", "test_witness"),
    _library("merkle", "test_merkle", "test_checkpoint"),
    _library("sealed_fields"),
    _library("maintenance"),
    _library("downtime_seal"),
    Target("tasuki_server.recovery.repository", ("tests/security/test_backup_objects.py",)),
    _server("accounts.sessions", "test_sessions"),
    _server("accounts.second_factor", "test_second_factor", "test_sessions"),
    _server("accounts.permission_gate", "test_permission_gate", "test_permissions", "test_route_check"),
    _server("institutions.work", "test_institution_work", "test_tenancy_sql", "test_clinic_rows"),
    _server("institutions.middleware", "test_institution_work", "test_permissions"),
    _server("audit.trail", "test_audit_trail", "test_who_saw", "test_witnessed_trail"),
    _server("audit.checkpoints", "test_witnessed_trail"),
    _server("audit.cosignatures", "test_witnessed_trail"),
    _server("audit.group_commit", "test_group_commit"),
    Target(
        "tasuki_server.audit.witness",
        ("tests/security/test_witness.py", "tests/server/test_witnessed_trail.py"),
        needs_database=True,
    ),
    _server("api.sender_door", "test_sender_door", "test_sender_keys"),
    _server("platform.senders", "test_platform_senders", "test_sender_keys"),
    _server("receiving.senders", "test_receiving_senders", "test_sender_keys"),
)


# 選んだ部屋: of a run that is not of the whole core; none is all of them.
_chosen: list[str] = []


def choose_rooms(names: Sequence[str]) -> list[str]:
    """部屋の選択 — by module, with or without its package; gives the names that are of no room."""
    short = {each.module.partition(".")[2]: each.module for each in TARGETS}
    known = {each.module: each.module for each in TARGETS} | short
    _chosen[:] = [known[each] for each in names if each in known]
    return [each for each in names if each not in known]


@dataclass(slots=True)
class _Nest:
    """変異体の試験 — the process that forks a child for each."""

    process: subprocess.Popen[str]

    def ask(
        self,
        target: Target,
        places: Sequence[int] | None,
        tests: Sequence[str],
        longest: float,
        *,
        with_examples: bool = True,
    ) -> Any:
        """判定 — one answer for each place; of the module as it is when ``places`` is None."""
        assert self.process.stdin is not None and self.process.stdout is not None
        order = {
            "module": target.module,
            "file": str(target.file),
            "tests": list(tests),
            "places": None if places is None else list(places),
            "longest": longest,
            "needs_database": target.needs_database,
            "with_examples": with_examples,
        }
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        for _ in range(1 if places is None else len(places)):
            yield json.loads(self.process.stdout.readline())


@contextlib.contextmanager
def _nest() -> Iterator[_Nest]:
    """The database of these tests lives as long as the nest; its children only copy the template."""
    from tasuki_server.database.embedded import SUPERUSER, Embedded

    with tempfile.TemporaryDirectory(prefix="tasuki-mutants-") as folder:
        Path(folder).chmod(0o755)
        settings = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        embedded = Embedded(Path(folder), settings)
        place = embedded.start()
        try:
            environment = os.environ | {
                "TASUKI_TEST_DATABASE_URL": place.conninfo(SUPERUSER, "postgres"),
                "TASUKI_TEST_TEMPLATE": "kept",
                "TASUKI_TEST_EXAMPLES": "25",
                "PYTHONPATH": f"{home() / 'src'}:{home() / 'tests'}",
            }
            process = subprocess.Popen(
                [sys.executable, "-m", "tasuki_server.drills.mutant_nest"],
                cwd=home(), env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )  # fmt: skip
            try:
                yield _Nest(process)
            finally:
                process.kill()
                process.wait()
        finally:
            embedded.stop()


@contextlib.contextmanager
def _nests(count: int) -> Iterator[list[_Nest]]:
    """As many as there are cores: mutants know nothing of each other."""
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(_nest()) for _ in range(count)]


def run(tier: Tier, seed: int, tell: Callable[[str], None]) -> Finding:
    """実行 — at push a sample of what needs no database, at long every mutant of the core."""
    if not (home() / "tests").is_dir() or importlib.util.find_spec("pytest") is None:
        return Finding({}, not_run="この設置には試験のフォルダか pytest がなく、証明を点検できません。")
    chance = random.Random(seed)  # noqa: S311 - picks what to plant, guards nothing
    drawn = _drawn(tier, chance)
    with _nests(1 if tier is Tier.PUSH else os.cpu_count() or 1) as nests:
        judged = _judged(nests, drawn, tell)
        control = _control(nests[0], *drawn[0])
    counts = sum((each.verdicts for each in judged), Counter[str]())
    survivors = [name for each in judged for name in each.survivors]
    tried, killed = counts.total(), counts[KILLED] + counts[TIMED_OUT]
    faults = [
        f"{each.target.module}: 変異のないままで試験が通りません（{each.broken}）。"
        for each in judged
        if each.broken
    ]
    if not tried or killed / tried < GOAL:
        faults.append(f"見つかった変異は{tried}件中{killed}件です（目標{GOAL:.0%}）。")
    if counts[NO_TEST]:
        faults.append("試験のない部屋があります。")
    percents = {
        f"killed_percent_{each.name}": int(each.killed / each.verdicts.total() * 1000) / 10
        for each in judged
        if not each.broken
    }
    return Finding(
        {"mutants": tried, **counts, **percents},
        (*faults, *survivors[:40]) if faults else (),
        control=control,
        control_is_red=0 < control["mutants"] == control["survived"],
    )


@dataclass(slots=True)
class _Judged:
    """判定の結果 — of one room: what became of its mutants, or why its tests say nothing of them."""

    target: Target
    verdicts: Counter[str]
    survivors: list[str]
    broken: str = ""

    @property
    def name(self) -> str:
        """部屋の名 — without its package."""
        return self.target.module.rpartition("tasuki_server.")[2].removeprefix("tasuki.security.")

    @property
    def killed(self) -> int:
        """見つかった変異."""
        return self.verdicts[KILLED] + self.verdicts[TIMED_OUT]


def _judged(
    nests: Sequence[_Nest], drawn: Sequence[tuple[Target, list[int]]], tell: Callable[[str], None]
) -> list[_Judged]:
    """In the order of the table; a nest takes the next room when it has done one."""
    free: SimpleQueue[_Nest] = SimpleQueue()
    for each in nests:
        free.put(each)

    def judge(room: tuple[Target, list[int]]) -> _Judged:
        nest = free.get()
        try:
            return _judge(nest, *room, tell)
        finally:
            free.put(nest)

    with ThreadPoolExecutor(len(nests)) as pool:
        return list(pool.map(judge, drawn))


def _judge(nest: _Nest, target: Target, places: list[int], tell: Callable[[str], None]) -> _Judged:
    found = _Judged(target, Counter(), [])
    (whole,) = nest.ask(target, None, target.tests, 600)
    if whole["verdict"] != SURVIVED:
        found.broken = whole["verdict"]
        return found
    for answer in nest.ask(target, places, target.tests, whole["seconds"] * 5 + 20):
        found.verdicts[answer["verdict"]] += 1
        if answer["verdict"] == SURVIVED:
            found.survivors.append(answer["name"])
            tell(f"survived: {answer['name']}")
    tell(f"{target.module}: {found.killed} of {len(places)}")
    return found


def _drawn(tier: Tier, chance: random.Random) -> list[tuple[Target, list[int]]]:
    """Which mutants of which room, in the order of the table."""
    every = [
        (target, place)
        for target in TARGETS
        if (target.module in _chosen if _chosen else tier is Tier.LONG or not target.needs_database)
        for place in range(_count(target))
    ]
    chosen = every if tier is Tier.LONG else chance.sample(every, min(PUSH_COUNT, len(every)))
    return [
        (target, places)
        for target in TARGETS
        if (places := sorted(place for other, place in chosen if other is target))
    ]


def _count(target: Target) -> int:
    source = target.file.read_text(encoding="utf-8")
    return sum(1 for _ in mutants(target.module, source, str(target.file)))


def _control(nest: _Nest, target: Target, places: Sequence[int]) -> dict[str, int]:
    """対照 — the same mutants judged by a test that asks nothing, and by no example: to import the module is to notice those that break it whole."""
    with tempfile.TemporaryDirectory(prefix="tasuki-mutants-") as folder:
        idle = Path(folder) / "test_idle.py"
        idle.write_text("def test_of_nothing():\n    pass\n", encoding="utf-8")
        chosen = places[:CONTROL_COUNT]
        answers = list(nest.ask(target, chosen, [str(idle)], 60, with_examples=False))
    return {"mutants": len(answers), "survived": sum(each["verdict"] == SURVIVED for each in answers)}


MUTANTS = Drill(
    "mutants",
    "証明の自己点検",
    "安全の中核に植えた誤りの9割以上を、それを証明する試験が見つける",
    run,
)
