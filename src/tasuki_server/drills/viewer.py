# SPDX-License-Identifier: Apache-2.0
"""停止時ビューアの訓練 — charts read from the copy by a process without server, network or secrets, and the trail after.

The control is a copy that its worker stopped renewing seven minutes before the server stopped: that must be told.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tasuki_server.database.places import home
from tasuki_server.downtime.files import read_cover
from tasuki_server.drills.drill import Drill, Finding, Tier
from tasuki_server.drills.ground import ground_with_stops
from tasuki_server.drills.viewer_ground import ViewedClinic, a_viewed_clinic, write_a_note

if TYPE_CHECKING:
    from tasuki_server.institutions.models import Institution


class Size(NamedTuple):
    """規模 — patients, visits of each, and charts that are opened."""

    patients: int
    visits: int
    opened: int


SIZES = {Tier.PUSH: Size(60, 6, 20), Tier.LONG: Size(10_000, 12, 200)}
SLOWEST_SECONDS = 2.0
STALE = timedelta(minutes=7)
_OLD = "古い写しです"


def run(tier: Tier, seed: int, tell: Callable[[str], None]) -> Finding:
    """停止時ビューアの訓練 — copies, stops the server, reads, starts it again, merges."""
    chosen, size = random.Random(seed), SIZES[tier]  # noqa: S311 - a seed repeats the clinic
    counts: dict[str, int | float] = {}
    faults: list[str] = []
    with ground_with_stops() as (folder, started):
        copy, old = folder / "copy", folder / "old"
        with started():
            clinic = a_viewed_clinic(size.patients, size.visits, chosen)
            _copy(clinic, copy, counts, faults, tell)
            _copy_late(clinic, old)
        numbers = [1, *chosen.sample(range(3, size.patients + 1), size.opened - 1)]
        tell("server stopped")
        walked = walk_offline(copy, clinic.cards.doctor, clinic.cards.doctor_code, [*numbers, clinic.sealed])
        faults += judge(walked, clinic, numbers) + _judge_sealed(copy, clinic, walked)
        counts |= _measured(walked, numbers)
        if not walked["is_cut"]:
            tell("この環境では網を切れません（名前空間を作れません）。サーバだけを止めて行いました。")
        faults += _refusals(copy, clinic, numbers[0], counts)
        planted = judge(
            walk_offline(old, clinic.cards.doctor, clinic.cards.doctor_code, numbers[:1]), clinic, numbers[:1]
        )
        with started():
            faults += _merged(clinic, copy, numbers, counts)
    is_red = any(_OLD in each for each in planted)
    return Finding(counts, tuple(faults), {"stale_copies": 1, "told": int(is_red)}, is_red)


def judge(walked: dict[str, Any], clinic: ViewedClinic, numbers: list[int]) -> list[str]:
    """判定 — each chart opens in time, shows all that was registered, and its copy is not old."""
    if walked["opened"]["status"] != 200:
        return [f"写しが開きません（{walked['opened']['status']}）"]
    faults = [] if not walked["secrets"] else [f"サーバの設定が見えています: {walked['secrets']}"]
    if walked["is_cut"] and walked["interfaces"] != ["lo"]:
        faults.append(f"網が切れていません: {walked['interfaces']}")
    if _OLD in walked["opened"]["text"]:
        faults.append(_OLD)
    for number in numbers:
        seen = walked["charts"].get(str(number), {"status": 0})
        if seen["status"] != 200:
            faults.append(f"患者 {number} のカルテが開きません（{seen['status']}）")
            continue
        if seen["seconds"] > SLOWEST_SECONDS:
            faults.append(f"患者 {number} のカルテに {seen['seconds']:.1f} 秒かかりました")
        missing = [text for text in clinic.expected[number] if text not in seen["text"]]
        if missing:
            faults.append(f"患者 {number} のカルテに {len(missing)} 件がありません")
    return faults


def _institution(clinic: ViewedClinic) -> Institution:
    from tasuki_server.institutions.models import Institution

    return Institution.objects.using("owner").get(id=clinic.id)


def _copy(
    clinic: ViewedClinic,
    folder: Path,
    counts: dict[str, int | float],
    faults: list[str],
    tell: Callable[[str], None],
) -> None:
    """The first copy is whole; a note afterwards has one chart written again, and no other."""
    from tasuki_server.downtime.copying import refresh

    begin = time.monotonic()
    first = refresh(_institution(clinic), folder)
    counts["first_copy_seconds"] = round(time.monotonic() - begin, 2)
    write_a_note(clinic, 1, "停止の直前に書いた記載")
    begin = time.monotonic()
    second = refresh(_institution(clinic), folder)
    counts["renewal_seconds"] = round(time.monotonic() - begin, 2)
    if first is None or second is None:
        faults.append("写しが作られません")
        return
    counts |= {"charts": second.cover.charts, "renewed": second.written}
    counts["megabytes"] = round(
        sum(each.stat().st_size for each in folder.rglob("*") if each.is_file()) / 1e6, 1
    )
    if not first.is_whole or second.is_whole or second.written != 1:
        faults.append(f"書き直したカルテが {second.written} 人です（1人のはず）")
    tell(f"{second.cover.charts} charts copied in {counts['first_copy_seconds']} s")


def _copy_late(clinic: ViewedClinic, folder: Path) -> None:
    """The planted fault: the worker stopped, the server went on for seven minutes."""
    from django.utils import timezone

    from tasuki_server.downtime.copying import refresh
    from tasuki_server.downtime.files import write_alive
    from tasuki_server.downtime.keys import signing_key

    refresh(_institution(clinic), folder, lambda: timezone.now() - STALE)
    write_alive(folder, timezone.now(), signing_key())


def walk_offline(folder: Path, staff: object, code: str, numbers: list[int], **more: Any) -> dict[str, Any]:
    """停止時に歩く — in a process of its own that has the folder and the card, and nothing of the server."""
    asked = {"folder": str(folder), "staff": str(staff), "code": code, "numbers": numbers, **more}
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("TASUKI_", "DJANGO_"))
    }
    environment["PYTHONPATH"] = str(home() / "src")
    done = subprocess.run(
        [sys.executable, "-m", "tasuki_server.drills.viewer_walk"],
        input=json.dumps(asked), capture_output=True, text=True, check=False, env=environment, timeout=900,
    )  # fmt: skip
    if done.returncode != 0:
        raise RuntimeError(f"the walk failed: {done.stderr[-500:]}")
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def _measured(walked: dict[str, Any], numbers: list[int]) -> dict[str, int | float]:
    taken = sorted(
        walked["charts"][str(each)].get("seconds", 0.0) for each in numbers if str(each) in walked["charts"]
    )
    return {
        "opened": len(taken),
        "slowest_seconds": round(taken[-1], 3) if taken else 0.0,
        "median_seconds": round(taken[len(taken) // 2], 3) if taken else 0.0,
        "network_cut": int(walked["is_cut"]),
    }


def _judge_sealed(folder: Path, clinic: ViewedClinic, walked: dict[str, Any]) -> list[str]:
    """The sealed chart opens with its reader's card, and with no other; decoys are found by number alone."""
    faults = []
    texts = clinic.expected[clinic.sealed]
    mine = walked["charts"].get(str(clinic.sealed), {"status": 0, "text": ""})
    if mine["status"] != 200 or not all(each in mine["text"] for each in texts):
        faults.append("閲覧制限のカルテが、読める職員のカードで開きません")
    other = walk_offline(
        folder, clinic.cards.nurse, clinic.cards.nurse_code, [clinic.sealed, clinic.planted], names=[texts[0]]
    )
    seen = other["charts"].get(str(clinic.sealed), {"status": 0, "text": ""})
    if seen["status"] != 403 or any(each in seen["text"] for each in texts):
        faults.append("閲覧制限のカルテが、ほかの職員のカードで開きます")
    if other["names"] != {texts[0]: 0}:
        faults.append("閲覧制限の患者が、ほかの職員に名前で見つかります")
    if other["charts"].get(str(clinic.planted), {"status": 0})["status"] != 200:
        faults.append("おとりのカルテが番号で開きません（開いたことが記録されません）")
    return faults


def _refusals(folder: Path, clinic: ViewedClinic, number: int, counts: dict[str, int | float]) -> list[str]:
    """A wrong code, a log that cannot be written, and altered files: nothing is shown."""
    doctor, code = clinic.cards.doctor, clinic.cards.doctor_code
    tries = {
        "別のカードのコード": lambda: walk_offline(folder, doctor, clinic.cards.nurse_code, [number]),
        "書けない閲覧記録": lambda: walk_offline(
            folder, doctor, code, [number], log=str(folder / "cover.json")
        ),
        "書き換えたカルテ": lambda: _altered(
            folder, "charts", lambda: walk_offline(folder, doctor, code, [number])
        ),
        "書き換えた表紙": lambda: _altered(
            folder, "cover.json", lambda: walk_offline(folder, doctor, code, [number])
        ),
    }
    faults, refused = [], 0
    for name, attempt in tries.items():
        seen = attempt()["charts"].get(str(number), {"status": 0, "text": ""})
        if seen["status"] == 200 or any(each in seen.get("text", "") for each in clinic.expected[number]):
            faults.append(f"{name}で、カルテが表示されます")
        else:
            refused += 1
    counts["refused"] = refused
    return faults


def _altered(folder: Path, part: str, attempt: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """One letter of the cover or of every chart changed, and changed back afterwards."""
    target = folder / part
    spared = read_cover(folder).catalogue
    files = (
        [target]
        if target.is_file()
        else [each for each in target.rglob("*") if each.is_file() and each.name != spared]
    )
    kept = {each: each.read_bytes() for each in files}
    try:
        for each, content in kept.items():
            # Of the cover a letter in the name of the institution, which reads as well as before.
            middle = content.find(b"made_at") + 12 if target.is_file() else len(content) // 2
            each.write_bytes(content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :])
        return attempt()
    finally:
        for each, content in kept.items():
            each.write_bytes(content)


def _merged(
    clinic: ViewedClinic, folder: Path, numbers: list[int], counts: dict[str, int | float]
) -> list[str]:
    """Every view stands in the trail once, under the reader's name, and the trail holds."""
    from tasuki_server.audit.models import AuditEvent
    from tasuki_server.audit.trail import verify_chain
    from tasuki_server.downtime.merging import merge_folder
    from tasuki_server.institutions.opening import system_actor
    from tasuki_server.institutions.work import as_institution
    from tasuki_server.patients.models import Patient

    institution = _institution(clinic)
    first, again = (list(merge_folder(institution, folder)) for _ in range(2))
    faults = [f"{each.file}: {each.fault}" for each in first if each.fault]
    if sum(each.new for each in again):
        faults.append("閲覧記録が二度取り込まれました")
    counts["lines_merged"] = sum(each.new for each in first)
    with as_institution(clinic.id, system_actor(clinic.id)):
        ids = dict(Patient.objects.filter(number__in=numbers).values_list("id", "number"))
        views = AuditEvent.objects.filter(action="downtime.read", staff_id=clinic.cards.doctor)
        seen = [ids[each] for each in views.values_list("patient_id", flat=True) if each in ids]
        refused = AuditEvent.objects.filter(action="downtime.refused", staff_id=clinic.cards.nurse).count()
        breaks = verify_chain(clinic.id)[2]
    counts["views_in_trail"] = len(seen)
    if missing := set(numbers) - set(seen):
        faults.append(f"監査記録に {len(missing)} 人の閲覧がありません")
    # The first chart was opened once more, when its file had been altered: the try stands in the trail as well.
    if len(seen) != len(numbers) + 1:
        faults.append(f"監査記録の閲覧が {len(seen)} 件です（{len(numbers) + 1} 件のはず）")
    if refused != 1:
        faults.append("開けなかったカルテが監査記録にありません")
    if breaks:
        faults.append(f"監査記録が {len(breaks)} か所で途切れています")
    return faults


VIEWER = Drill(
    name="viewer",
    title="停止時ビューア",
    goal="サーバと網を止めたまま、5分以内の写しから20人のカルテがそれぞれ2秒以内に開き、閲覧が後から監査記録に入る",
    run=run,
)
