# SPDX-License-Identifier: Apache-2.0
"""突然の停止の訓練 — the whole group is killed at random moments while people write: no acknowledged act may be gone, none half.

SIGKILL goes to the workers and to every process of PostgreSQL at once, as when power fails for the machine's processes.
Afterwards `up` itself is killed with its pages, workers and database, and started again (:mod:`.crash_whole`).
The control answers before the log is written (``synchronous_commit = off``): it must lose some.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import psycopg

from tasuki_server.drills.crash_whole import killed_whole
from tasuki_server.drills.drill import Drill, Finding, Tier
from tasuki_server.drills.ground import training_ground

if TYPE_CHECKING:
    from collections.abc import Callable

    from tasuki_server.database.embedded import Embedded
    from tasuki_server.drills.write_load import Staged

KILLS = {Tier.PUSH: 20, Tier.LONG: 300}
CONTROL_KILLS = {Tier.PUSH: 6, Tier.LONG: 20}
# `up` itself with everything it started; each start loads every view, so that it is measured apart from the ten seconds of
# the database with its writers, and only held to what a person would wait for at the desk.
WHOLE_KILLS = {Tier.PUSH: 2, Tier.LONG: 30}
WHOLE_BACK_SECONDS = 120.0
WORKERS = 3
BACK_SECONDS = 10.0
# How long people write before the kill.
LEAST, MOST = 0.05, 0.6


class Outcome(NamedTuple):
    """結果 — of some kills."""

    kills: int
    acknowledged: int
    lost: int
    half: dict[str, int]
    back: list[float]
    faults: list[str]


def run(tier: Tier, seed: int, tell: Callable[[str], None]) -> Finding:
    """突然の停止の訓練 — see the module."""
    chosen = random.Random(seed)  # noqa: S311 - to be repeated, not to be secret
    outcome, control = _both(tier, chosen, tell)
    whole = killed_whole(WHOLE_KILLS[tier], chosen, tell)
    faults = [*outcome.faults, *whole.faults]
    if whole.lost:
        faults.append(f"設置全体の強制終了で、応答済みの行為が {whole.lost} 件失われました。")
    faults += [
        f"設置全体の強制終了のあとの半端な行為: {name} {count} 件" for name, count in whole.half.items()
    ]
    late = [each for each in whole.back if each > WHOLE_BACK_SECONDS]
    if late:
        faults.append(
            f"設置全体の再開に {max(late):.1f} 秒かかりました（上限 {WHOLE_BACK_SECONDS:.0f} 秒）。"
        )
    if outcome.lost:
        faults.append(f"応答済みの行為が {outcome.lost} 件失われました。")
    faults += [f"半端な行為: {name} {count} 件" for name, count in outcome.half.items()]
    if not outcome.acknowledged:
        faults.append("応答済みの行為が一つもありません。")
    slow = [each for each in outcome.back if each > BACK_SECONDS]
    if slow:
        faults.append(f"再開に {max(slow):.1f} 秒かかりました（目標 {BACK_SECONDS:.0f} 秒）。")
    ordered = sorted(outcome.back)
    return Finding(
        counts={
            "kills": outcome.kills,
            "acknowledged": outcome.acknowledged,
            "lost": outcome.lost,
            "half": sum(outcome.half.values()),
            "back_p50_seconds": round(ordered[len(ordered) // 2], 2) if ordered else 0,
            "back_max_seconds": round(ordered[-1], 2) if ordered else 0,
            "whole_kills": whole.kills,
            "whole_acknowledged": whole.acknowledged,
            "whole_lost": whole.lost,
            "whole_half": sum(whole.half.values()),
            "whole_back_max_seconds": round(max(whole.back), 2) if whole.back else 0,
        },
        faults=tuple(faults),
        control={"kills": control.kills, "acknowledged": control.acknowledged, "lost": control.lost},
        control_is_red=control.lost > 0,
    )


def _both(tier: Tier, chosen: random.Random, tell: Callable[[str], None]) -> tuple[Outcome, Outcome]:
    """The kills, and then those of the control in the same house."""
    notes = Path(tempfile.mkdtemp(prefix="tasuki-drill-notes-"))
    try:
        with training_ground() as folder:
            from tasuki_server.database.embedded import Embedded
            from tasuki_server.drills.lasting import set_commits
            from tasuki_server.drills.write_load import stage

            staged = stage()
            set_commits("on")
            server = Embedded(folder)
            try:
                outcome = _rounds(
                    staged, server, notes / "acts", KILLS[tier], chosen, is_control=False, tell=tell
                )
                set_commits("off")
                control = _rounds(
                    staged, server, notes / "control", CONTROL_KILLS[tier], chosen, is_control=True, tell=tell
                )
            finally:
                server.stop()
            return outcome, control
    finally:
        shutil.rmtree(notes, ignore_errors=True)


def _rounds(
    staged: Staged,
    server: Embedded,
    acts_folder: Path,
    kills: int,
    chosen: random.Random,
    *,
    is_control: bool,
    tell: Callable[[str], None],
) -> Outcome:
    from tasuki_server.drills.write_load import Load, choose_moment, half_acts, lost
    from tasuki_server.recovery.source import admin_conninfo

    # Whole visits calculate for a while; the control wants acts that were answered a moment before the kill.
    load = Load(staged, acts_folder, WORKERS, is_hurried=is_control)
    gone: set[object] = set()
    half: dict[str, int] = {}
    back, faults = [], []
    checked = 0
    outage = 0.0
    try:
        for number in range(kills):
            load.begin()
            waited = load.wait_for_one(60)
            if waited is None:
                faults.append(
                    f"{number} 回目: 再開後、書込みが受け付けられません。{_said(acts_folder.parent)}"
                )
                break
            if number:
                back.append(outage + waited)
            choose_moment(chosen, LEAST, MOST)
            begin = time.monotonic()
            kill_server(server.data)
            load.kill()
            server.stop()
            server.start()
            # What the drill itself looks up in between is no outage.
            outage = time.monotonic() - begin
            acts = list(load.acknowledged())
            with psycopg.connect(admin_conninfo()) as owner:
                gone |= set(lost(owner, set(acts[checked:])))
                is_last = number + 1 == kills
                if not is_control and (is_last or number % 10 == 9):
                    half |= half_acts(owner)
                    gone |= set(lost(owner, set(acts)))
            checked = len(acts)
            if is_control and gone:
                kills = number + 1
                break
            if number % 50 == 49:
                tell(f"{number + 1} kills, {checked} acknowledged, {len(gone)} lost")
    finally:
        load.kill()
    return Outcome(kills, checked, len(gone), half, back, faults)


def kill_server(folder: Path) -> None:
    """データベースの強制終了 — SIGKILL to the postmaster and all that it had started, at once."""
    postmaster = int((folder / "postgresql" / "postmaster.pid").read_text().split("\n", 1)[0])
    children = _children_of(postmaster)
    for each in (postmaster, *children):
        try:
            os.kill(each, signal.SIGKILL)
        except ProcessLookupError:
            continue
    with suppress(ChildProcessError):
        os.waitpid(postmaster, 0)
    for each in children:
        while _state_of(each) not in ("", "Z"):
            time.sleep(0.002)


def _state_of(process: int) -> str:
    """As /proc tells it; empty when the process is no more, Z when nobody asked after it yet."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return ""


def _children_of(parent: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == parent:
            found.append(int(stat.parent.name))
    return found


def _said(notes: Path) -> str:
    return " ".join(path.read_text() for path in sorted(notes.glob("worker-*.fault")))


CRASH = Drill(
    "crash",
    "突然の停止の訓練",
    "R1: 書込み中の全体の強制終了（応答済みの行為は一つも失われず、半端に残らず、10秒で再開。up ごと殺したときの再開は別に測る）",
    run,
)
