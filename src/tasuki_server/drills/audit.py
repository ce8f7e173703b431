# SPDX-License-Identifier: Apache-2.0
"""監査の訓練 — people walk through every room at random; each act leaves exactly one record of what it showed.

Then the log itself is made to fail at each of its steps: nothing may be shown and nothing written. The controls are an
audit written outside the transaction, a reading that does not tell, and a record made twice.
"""

from __future__ import annotations

import multiprocessing
import random
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from tasuki_server.drills.audit_faults import controls, fail_closed
from tasuki_server.drills.audit_judge import Judge
from tasuki_server.drills.clinic import LivingClinic, living_clinic
from tasuki_server.drills.drill import Drill, Finding, Tier
from tasuki_server.drills.ground import as_superuser, training_ground
from tasuki_server.drills.walker import Act, Walker
from tasuki_server.drills.write_log import count_writes, plant_write_log, untold_writes
from tasuki_server.steady_heap import keep_heap_still

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from uuid import UUID

# Every room is met some times with every run; the rare way through three of them is what the long one is for.
ACTS = {Tier.PUSH: 700, Tier.LONG: 50_000}
TRIES = {Tier.PUSH: 12, Tier.LONG: 100}
# One alone gives the same walk for the same seed; several at once wait for one another at the chain.
WALKERS = {Tier.PUSH: 1, Tier.LONG: 2}
ROWS = 20
_BAD = ("missing", "doubled", "errors", "wrong_who", "wrong_where", "wrong_why", "wrong_when")


class Walked(NamedTuple):
    """歩いた結果 — counts, what was wrong, and acts that showed patients with how many, to be done again later."""

    counts: Counter[str]
    wrong: list[str]
    showing: dict[tuple[str, Act], int]


def run(tier: Tier, seed: int, tell: Callable[[str], None]) -> Finding:
    """監査の訓練 — the walk, the failing log, the controls."""
    _be_quiet()
    with training_ground():
        clinic = living_clinic()
        rows, numbers = _identifiers(clinic)
        with as_superuser() as owner:
            tables = plant_write_log(owner)
            walked = _walk(clinic, rows, numbers, tier, seed)
            tell(f"walked: {dict(walked.counts)}")
            untold = untold_writes(owner)
            counts = {**dict.fromkeys(_BAD, 0), **walked.counts, "tables": tables}
            counts["writes"], counts["untold_writes"] = count_writes(owner), sum(untold.values())
            wrong = [
                *walked.wrong,
                *(f"{name}: 記録のない書込みが{n}件あります。" for name, n in untold.items()),
            ]
            breaks = _breaks(clinic)
            wrong += [f"監査記録の{each}件目が検証に通りません。" for each in breaks[:5]]
            chosen = random.Random(seed)  # noqa: S311 - to be repeated, not to be secret
            showing = chosen.sample(list(walked.showing), min(TRIES[tier], len(walked.showing)))
            # Lists name whom they showed by what was read alone: that is what a control must be able to take away.
            lists = sorted(walked.showing, key=lambda each: -walked.showing[each])[: TRIES[tier]]
            failed, faults = fail_closed(clinic, owner, showing)
            tell(f"log faults: {failed}")
            control = controls(clinic, owner, showing, lists)
    return Finding(
        counts={**counts, **failed},
        faults=(*wrong, *faults),
        control=control,
        control_is_red=all(control.values()),
    )


def _walk(
    clinic: LivingClinic, rows: Mapping[str, list[UUID]], numbers: list[int], tier: Tier, seed: int
) -> Walked:
    from django.db import connections

    # Each walker opens connections of its own.
    connections.close_all()
    walkers = WALKERS[tier]
    parts = [
        (clinic, rows, numbers, ACTS[tier] // walkers, seed * walkers + place, place + 1)
        for place in range(walkers)
    ]
    # Not forked: threads that a room keeps would be missing in the child.
    with multiprocessing.get_context("spawn").Pool(walkers, _enter_django) as pool:
        walked = pool.starmap(_walk_alone, parts)
    counts = sum((each.counts for each in walked), Counter[str]())
    wrong = [sentence for each in walked for sentence in each.wrong]
    return Walked(counts, wrong, {act: count for each in walked for act, count in each.showing.items()})


def _enter_django() -> None:
    """A process of its own; the connections stand in its environment."""
    import django

    django.setup()
    keep_heap_still()
    _be_quiet()


def _walk_alone(
    clinic: LivingClinic,
    rows: Mapping[str, list[UUID]],
    numbers: list[int],
    acts: int,
    seed: int,
    network: int,
) -> Walked:
    chosen = random.Random(seed)  # noqa: S311 - to be repeated, not to be secret
    people = [
        (worker, worker.browser(), Walker(random.Random(chosen.random()), rows, numbers))  # noqa: S311
        for worker in clinic.workers.values()
    ]
    showing: dict[tuple[str, Act], int] = {}
    with as_superuser() as owner:
        judge = Judge(clinic, owner, network)
        while judge.counts["acts"] < acts:
            worker, browser, walker = people[place := chosen.randrange(len(people))]
            act = walker.next_act()
            seen, shown = judge.act(worker, browser, act)
            if seen.is_turned_away:
                clinic.let_in(owner)
                people[place] = (worker, worker.browser(), walker)
            if seen.is_html and seen.status == 200:
                walker.saw(act.path, seen.text)
            if shown and seen.status == 200 and act.method == "get":
                showing[worker.role, act] = len(shown)
    return Walked(judge.counts, judge.wrong, showing)


def _identifiers(clinic: LivingClinic) -> tuple[dict[str, list[UUID]], list[int]]:
    from tasuki_server.institutions.opening import system_actor
    from tasuki_server.institutions.tenancy import tenant_models
    from tasuki_server.institutions.work import as_institution
    from tasuki_server.patients.models import Patient

    rows: dict[str, list[UUID]] = {}
    with as_institution(clinic.id, system_actor(clinic.id)):
        for model in tenant_models():
            found = list(model._base_manager.values_list("id", flat=True)[:ROWS])
            if found and model._meta.app_label != "audit":
                rows[str(model._meta.model_name)] = found
        return rows, list(Patient.objects.order_by("number").values_list("number", flat=True))


def _breaks(clinic: LivingClinic) -> list[int]:
    from tasuki_server.audit.trail import verify_chain
    from tasuki_server.institutions.opening import system_actor
    from tasuki_server.institutions.work import as_institution

    with as_institution(clinic.id, system_actor(clinic.id)):
        return [each.number for each in verify_chain(clinic.id)[2]]


def _be_quiet() -> None:
    """Thousands of refusals are what is drilled, not news."""
    import logging

    for name in ("django.request", "django.security", "tasuki"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


AUDIT = Drill(
    name="audit",
    title="監査記録の完全性",
    goal="無作為な操作のそれぞれに、誰が・いつ・どこから・誰の・なぜの記録がちょうど一件あり、記録できないときは何も見せない",
    run=run,
)
