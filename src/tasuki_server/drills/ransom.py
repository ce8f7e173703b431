# SPDX-License-Identifier: Apache-2.0
"""ランサムウェアの訓練 — from the first strange reading to a clinic that works again, end to end, with the code that would do it.

A clinic is at work. An attacker with a valid sign-in reads chart after chart, scrambles records past every wall, erases the
trail, attacks the third copy with everything the house holds, locks both of its disks and kills the server. The watch tells,
people contain, read charts without server and network, write on paper; the house is restored to the instant before the first
damage from the copy that only adds, in the order of the recovery plan; everyone gets new credentials, the paper comes back in.

The controls: the same house without that copy, and with a backup that was taken after the damage.
"""

from __future__ import annotations

import random
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tasuki_server.drills.drill import Drill, Finding, Tier
from tasuki_server.drills.ground import training_ground
from tasuki_server.drills.ransom_house import Places

if TYPE_CHECKING:
    from collections.abc import Callable

    from tasuki_server.drills.ransom_attacked import Attacked
    from tasuki_server.drills.ransom_house import House
    from tasuki_server.drills.ransom_return import Back

MINUTES = 10
DETECT_SECONDS = 60.0
CONTAIN_SECONDS = 5.0
READ_SECONDS = 60.0


def run(tier: Tier, seed: int, tell: Callable[[str], None]) -> Finding:
    """ランサムウェアの訓練 — see the module."""
    chosen = random.Random(seed)  # noqa: S311 - to be repeated, not to be secret
    elsewhere = Path(tempfile.mkdtemp(prefix="tasuki-drill-elsewhere-"))
    second = Path(tempfile.mkdtemp(prefix="tasuki-drill-second-"))
    for each in (elsewhere, second):
        each.chmod(0o755)
    try:
        with training_ground() as folder:
            return _in(Places(folder, second, elsewhere), tier, chosen, tell)
    finally:
        for each in (elsewhere, second):
            shutil.rmtree(each, ignore_errors=True)


def _in(places: Places, tier: Tier, chosen: random.Random, tell: Callable[[str], None]) -> Finding:
    from tasuki_server.drills.ransom_attacked import attacked
    from tasuki_server.drills.ransom_control import controls
    from tasuki_server.drills.ransom_house import house_at_work
    from tasuki_server.drills.ransom_return import returned

    with house_at_work(places) as house:
        done = attacked(house, tier, chosen, tell)
        back = returned(house, done, tell)
        control = controls(house, done, tell)
    story = done.story
    for each in story.moments:
        tell(f"{each.seconds:6.1f} {each.side.value} {each.words}")
    counts: dict[str, int | float] = {
        "acknowledged": len(done.acts),
        "lost_before_damage": back.lost_before,
        "lost_after_damage": back.lost_after,
        "listed": back.listed,
        "charts_read_by_attacker": done.reading.opened,
        "rows_scrambled": done.scrambled,
        "files_locked": done.locked,
        "attacks_on_third_copy": done.tried,
        "attacks_that_succeeded": len(done.succeeded),
        "charts_opened_offline": len(done.opened),
        "paper_entries": len(done.paper),
        "infected_backups_passed_over": len(back.restored.infected),
        "detect_seconds": story.between("first-read", "detected"),
        "contain_seconds": story.between("decided", "contained"),
        "send_seconds": story.between("contained", "sent"),
        "first_chart_offline_seconds": story.between("killed", "offline"),
        "restore_seconds": story.between("fetch", "proved"),
        "writing_again_seconds": story.between("killed", "writing"),
        "whole_seconds": story.between("first-read", "billing"),
    }
    faults = (*done.faults, *back.faults, *_judged(counts, done.succeeded))
    return Finding(
        counts, faults, control, all(control.values()), papers=_papers(house, done, back, counts, faults)
    )


def _papers(
    house: House, done: Attacked, back: Back, counts: dict[str, int | float], faults: tuple[str, ...]
) -> dict[str, bytes]:
    """The report for the staff, as PDF where forms can be printed here, and as text."""
    from tasuki.forms import render
    from tasuki.forms.attack_report import plain_text
    from tasuki.forms.fonts import FormsUnavailable
    from tasuki_server.drills.ransom_report import report_of

    report = report_of(done, back, counts, house.cast.clinic.name, faults)
    papers = {"report.txt": plain_text(report).encode()}
    try:
        papers["report.pdf"] = render("attack_report", report)
    except FormsUnavailable as reason:
        papers["report.txt"] += f"※PDFは作れません（{reason}）。\n".encode()
    return papers


def _judged(counts: dict[str, int | float], succeeded: list[str]) -> list[str]:
    """The goals of the drill, in Japanese where one is not met."""
    limits = (
        ("detect_seconds", DETECT_SECONDS, "検知"),
        ("contain_seconds", CONTAIN_SECONDS, "封じ込め"),
        ("first_chart_offline_seconds", READ_SECONDS, "停止時の閲覧"),
        ("writing_again_seconds", MINUTES * 60, "記載の再開"),
        ("whole_seconds", MINUTES * 60, "訓練の全体"),
    )
    faults = [
        f"{name}に {counts[key]:.1f} 秒かかりました（目標 {limit:.0f} 秒）。"
        for key, limit, name in limits
        if counts[key] > limit
    ]
    faults += [f"三つ目の控えへの攻撃が通りました: {each}" for each in succeeded]
    if counts["lost_before_damage"]:
        faults.append(f"最初の書換えより前に応答した行為が {counts['lost_before_damage']} 件失われました。")
    if counts["listed"] != counts["lost_after_damage"]:
        faults.append(
            f"失われた行為 {counts['lost_after_damage']} 件に対し、一覧は {counts['listed']} 件です。"
        )
    if not counts["acknowledged"] or not counts["lost_after_damage"]:
        faults.append("書換えの前後に応答した行為がなく、訓練になっていません。")
    return faults


RANSOM = Drill(
    "ransom",
    "ランサムウェアの訓練",
    "R5: 正規の資格情報を持つ攻撃者による閲覧・書換え・消去・暗号化から、検知、封じ込め、停止中の閲覧、清浄な時点への復元、再開まで10分以内",
    run,
)
