# SPDX-License-Identifier: Apache-2.0
"""時刻の訓練 — clocks that are off by more than a second are told, and one that goes back reorders nothing.

Acts of the trail and versions of orders and notes are made while the clock leaps, mostly backwards; their order is that
of numbers and versions. The control orders the same by time, which must come out differently.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from tasuki.security.time_sync import LIMIT_SECONDS, answer_time
from tasuki_server.drills.drill import Drill, Finding, Tier
from tasuki_server.drills.ground import a_clinic, as_superuser, training_ground

if TYPE_CHECKING:
    from collections.abc import Callable

    from tasuki_server.drills.race_stories import Stage

CLOCKS = {Tier.PUSH: 500, Tier.LONG: 20_000}
ACTS = {Tier.PUSH: 120, Tier.LONG: 5_000}
LONGEST_LEAP = 90_000.0
BEGIN = datetime(2026, 10, 5, 0, 30, tzinfo=UTC)


class LeapingClock:
    """飛ぶ時計 — each look is a little later, and at times hours earlier."""

    def __init__(self, chosen: random.Random) -> None:
        self._chosen, self._at = chosen, BEGIN
        self.back = 0

    def now(self) -> datetime:
        """現在時刻 — as this clock has it."""
        self._at += timedelta(milliseconds=self._chosen.uniform(1, 500))
        return self._at

    def leap(self) -> None:
        """飛び — three times in four backwards."""
        seconds = self._chosen.uniform(1, LONGEST_LEAP)
        is_back = self._chosen.random() < 0.75
        self.back += is_back
        self._at += timedelta(seconds=-seconds if is_back else seconds)


def run(tier: Tier, seed: int, tell: Callable[[str], None]) -> Finding:
    """時刻の訓練 — the watch over clocks, then the order under a leaping one."""
    chosen = random.Random(seed)  # noqa: S311 - to be repeated, not to be secret
    counts, faults = watched_clocks(chosen, CLOCKS[tier])
    tell(f"clocks: {counts}")
    with training_ground(), as_superuser() as owner:
        from tasuki_server.drills.race_stories import stage_of
        from tasuki_server.seams.claims_ground import claims_ground

        stage = stage_of(claims_ground(a_clinic(1), owner))
        found, wrong, by_time = order_under(stage, chosen, ACTS[tier])
    return Finding(
        counts={**counts, **found},
        faults=(*faults, *wrong)[:20],
        control={"reordered_by_time": by_time},
        control_is_red=by_time > 0,
    )


def watched_clocks(chosen: random.Random, times: int) -> tuple[dict[str, int], list[str]]:
    """時計の見張り — clocks off by chosen seconds behind ways of chosen length, asked as the keeper asks."""
    from unittest.mock import patch

    from tasuki_server.cli import clock_keeper, words

    told = silent = 0
    faults: list[str] = []
    with patch.object(clock_keeper, "note_skew"), patch.object(words, "progress"):
        for _ in range(times):
            off = chosen.choice((-1, 1)) * chosen.choice(
                (chosen.uniform(0, 0.9), chosen.uniform(1.3, 5), chosen.uniform(5, LONGEST_LEAP))
            )
            is_told = bool(_keeper(off, chosen.uniform(0, 0.1), chosen.uniform(0, 0.1)).keep(0.0))
            told, silent = told + is_told, silent + (not is_told)
            if is_told is not (abs(off) > LIMIT_SECONDS):
                faults.append(f"{off:+.2f}秒のずれが、{'知らされました' if is_told else '知らされません'}。")
        leaps, wrong = _leaps(chosen, times)
    return {"clocks": times, "told": told, "silent": silent, "leaps": leaps}, [*faults, *wrong]


def _keeper(off: float, there: float, back: float) -> Any:
    """A keeper whose clock is off, before a server that has the right time."""
    from tasuki_server.cli.clock_keeper import ClockKeeper

    true = [BEGIN.timestamp()]

    def exchange(packet: bytes) -> bytes:
        true[0] += there
        answer = answer_time(packet, true[0], true[0] + 0.001)
        true[0] += 0.001 + back
        return answer

    return ClockKeeper(lambda: true[0] + off, exchange)


def _leaps(chosen: random.Random, times: int) -> tuple[int, list[str]]:
    """A clock that leaps between two looks, without any server to ask."""
    from tasuki_server.cli.clock_keeper import SECONDS, ClockKeeper

    wall, steady = [BEGIN.timestamp()], 0.0
    keeper = ClockKeeper(lambda: wall[0], None)
    keeper.keep(steady)
    told, faults = 0, []
    for _ in range(times):
        leap = chosen.choice(
            (0.0, chosen.uniform(-0.9, 0.9), chosen.choice((-1, 1)) * chosen.uniform(1.1, 9000))
        )
        steady += SECONDS
        wall[0] += SECONDS + leap
        is_told = bool(keeper.keep(steady))
        told += is_told
        if is_told is not (abs(leap) > LIMIT_SECONDS):
            faults.append(f"{leap:+.2f}秒の飛びが、{'知らされました' if is_told else '知らされません'}。")
    return told, faults


def order_under(stage: Stage, chosen: random.Random, times: int) -> tuple[dict[str, int], list[str], int]:
    """時計が飛ぶ間の順序 — events and versions as they were made, and in how many places their times say otherwise."""
    from tasuki_server.audit.models import AuditEvent
    from tasuki_server.audit.trail import verify_chain
    from tasuki_server.chart.models import Note
    from tasuki_server.orders.models import PlacedOrder
    from tasuki_server.seams.time_source import told_by

    clock = LeapingClock(chosen)
    with told_by(clock.now):
        visit, made = _written(stage, clock, times)
    faults = []
    with stage.ground.work():
        events = list(AuditEvent.objects.filter(action="drill.order").order_by("number"))
        if [each.detail["place"] for each in events] != list(range(len(events))):
            faults.append("監査記録の順序が行為の順序と違います。")
        if verify_chain(stage.ground.institution_id)[2]:
            faults.append("監査記録が検証に通りません。")
        notes = list(Note.objects.filter(record_id=visit.id).order_by("version"))
        if [each.plan for each in notes] != made:
            faults.append("診療録の版の順序が署名の順序と違います。")
        orders = list(PlacedOrder.objects.filter(visit=visit).order_by("record_id", "version"))
        newest = {each.record_id: each for each in orders}
        current = list(PlacedOrder.objects.latest_versions().filter(visit=visit))  # type: ignore[attr-defined]
        if {each.pk for each in current} != {each.pk for each in newest.values()}:
            faults.append("処方の現行版が最後の版ではありません。")
        if [order.items[0].amount for each in newest.values() if (order := each.order())] != [len(made)]:
            faults.append("処方の現行版が最後に署名した内容ではありません。")
        by_time = _misplaced([each.at for each in events]) + _misplaced([each.made_at for each in notes])
    found = {
        "events": len(events),
        "note_versions": len(notes),
        "order_versions": len(orders),
        "back": clock.back,
    }
    return found, faults, by_time


def _written(stage: Stage, clock: LeapingClock, times: int) -> tuple[Any, list[str]]:
    """One visit; at each step an event, and often a signature over a prescription that changes with it."""
    from decimal import Decimal

    from tasuki.chart.orders import Dispensing, Item, Order, OrderKind
    from tasuki_server.audit.trail import record
    from tasuki_server.chart.draft import hold_draft, save_basket, save_texts
    from tasuki_server.chart.sign import Checked, sign_draft
    from tasuki_server.drills.race_stories import OPEN_DAY, _visit
    from tasuki_server.institutions.ids import new_name
    from tasuki_server.orders.basket import Basket, Line

    staff, key, made = stage.staff[0], new_name(), []
    with stage.ground.work():
        visit = _visit(OPEN_DAY, 8, insured=False)
    for place in range(times):
        if place % 3 == 0:
            clock.leap()
        with stage.ground.work():
            record("drill.order", detail={"place": place})
            if place % 4:
                continue
            made.append(f"{place}回目")
            drug = Item("620007870", Decimal(len(made)))
            order = Order(
                key, OrderKind.INTERNAL, (drug,), 28, usage="1日1回 朝食後", dispensing=Dispensing.OUTSIDE
            )
            texts = {"subjective": "", "objective": "", "assessment": "", "plan": made[-1]}
            draft = save_texts(hold_draft(visit, staff), texts, read_stamp=None)
            sign_draft(save_basket(draft, Basket((Line(order),))), staff, Checked([], []), reason="訂正")
    return visit, made


def _misplaced(times: list[datetime]) -> int:
    return sum(later < earlier for earlier, later in pairwise(times))


TIME = Drill(
    name="time",
    title="時刻",
    goal="1秒を超える時計のずれと飛びが知らされ、時計が戻っても監査記録と処方の順序は変わらない",
    run=run,
)
