# SPDX-License-Identifier: Apache-2.0
"""負荷の訓練 — many sessions with think time: no error, an event in the trail for every request, and answers in time.

The control swallows what is written to the trail: the counts must no longer agree.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from tasuki_server.drills.browsing import MIX, Desk, Pace, Tally
from tasuki_server.drills.drill import Drill, Finding, Tier
from tasuki_server.drills.ground import as_superuser, training_ground

if TYPE_CHECKING:
    import psycopg

    from tasuki_server.operations.generations import Pages

P95_SECONDS, P99_SECONDS = 0.5, 1.0
CONTROL_SECONDS = 3.0
_SWALLOW = (
    "CREATE FUNCTION drill_swallow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
    "CREATE TRIGGER drill_swallow BEFORE INSERT ON audit_auditevent FOR EACH ROW EXECUTE FUNCTION drill_swallow()",
)


class Size(NamedTuple):
    """負荷の大きさ — clinics, doctors in each, mean seconds of thinking, seconds of work."""

    clinics: int
    doctors: int
    think_seconds: float
    seconds: float


# A doctor who reads, thinks and speaks asks for a page about every half minute.
SIZES = {Tier.PUSH: Size(3, 4, 1.0, 10.0), Tier.LONG: Size(50, 10, 30.0, 600.0)}


def run(tier: Tier, seed: int, tell: Callable[[str], None]) -> Finding:
    """訓練の実施 — times are judged at the long tier alone: a smoke on a busy machine says nothing of them."""
    from tasuki.masters import starter
    from tasuki_server.drills.busy_house import busy_clinics, events_written, seat, served

    size = SIZES[tier]
    with training_ground():
        starter.load_starter()
        tell(f"医療機関 {size.clinics}、席 {size.clinics * size.doctors} を用意しています。")
        desks = busy_clinics(size.clinics, size.doctors)
        with served() as (pages, port), as_superuser() as owner:
            seat(port, desks, seed)
            before = events_written(owner)
            tally = _work(pages, port, desks, size, seed)
            written = events_written(owner) - before
            tell("対照: 監査記録を捨てる細工をしています。")
            control = _without_trail(owner, pages, port, desks, size, seed)
    counts: dict[str, int | float] = {
        "sessions": len(desks),
        "requests": tally.count,
        **{f"{kind}s": len(tally.seconds[kind]) for kind in MIX},
        "failed": len(tally.failures),
        "asked_again": tally.asked_again,
        "audit_rows": written,
        "requests_per_second": _rough(tally.count / size.seconds, 1),
        "p50_seconds": _rough(tally.percentile(50)),
        "p95_seconds": _rough(tally.percentile(95)),
        "p99_seconds": _rough(tally.percentile(99)),
    }
    faults = judge(tally, written, is_timed=tier is Tier.LONG)
    return Finding(counts, tuple(faults), control, control["audit_rows"] != control["requests"] > 0)


def judge(tally: Tally, written: int, *, is_timed: bool) -> list[str]:
    """判定 — in Japanese what is not as it must be."""
    good = tally.count - len(tally.failures)
    faults = []
    if not good:
        faults.append("一件も応答がありません。")
    if tally.failures:
        faults.append(f"{len(tally.failures)} 件失敗しました（例: {tally.failures[0]}）。")
    if written != good:
        faults.append(f"要求 {good} 件に対し、監査記録は {written} 件です。")
    if is_timed:
        for hundredth, limit in ((95, P95_SECONDS), (99, P99_SECONDS)):
            found = tally.percentile(hundredth)
            if found > limit:
                faults.append(
                    f"応答時間の {hundredth} パーセンタイルが {found:.3f} 秒です（{limit} 秒以下）。"
                )
    return faults


def _work(pages: Pages, port: int, desks: list[Desk], size: Size, seed: int) -> Tally:
    from tasuki_server.drills.busy_house import Crowd

    until = time.monotonic() + size.seconds
    pace = Pace(size.think_seconds, MIX, lambda _tally: time.monotonic() >= until)
    return Crowd(port, desks, pace, seed).start().wait(pages.tend)


def _without_trail(
    owner: psycopg.Connection, pages: Pages, port: int, desks: list[Desk], size: Size, seed: int
) -> dict[str, int | float]:
    from tasuki_server.drills.busy_house import events_written

    for statement in _SWALLOW:
        owner.execute(statement)  # type: ignore[call-overload]
    before = events_written(owner)
    tally = _work(pages, port, desks[:4], size._replace(seconds=CONTROL_SECONDS, think_seconds=0.2), seed + 1)
    return {"requests": tally.count - len(tally.failures), "audit_rows": events_written(owner) - before}


def _rough(value: float, places: int = 3) -> float:
    return float(f"{value:.{places}f}")


LOAD = Drill(
    "load",
    "負荷",
    "思考時間のある多数の利用者（閲覧7割・記載2割・検索1割）で、失敗0、監査記録は要求と同数、p95 0.5秒・p99 1秒以内（long）",
    run,
)
