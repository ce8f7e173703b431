# SPDX-License-Identifier: Apache-2.0
"""点検の訓練 — source, parts and answers are scanned; each scanner is shown a planted fault and must see it."""

from __future__ import annotations

import random
import tempfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tasuki_server.database.places import home
from tasuki_server.drills.drill import Drill, Finding, Tier
from tasuki_server.drills.ground import training_ground
from tasuki_server.drills.kept_log import kept_log
from tasuki_server.drills.scan_parts import (
    Advisory,
    advisories,
    known_weak,
    missing_from_bill,
    pip_audit,
    without_hash,
)
from tasuki_server.drills.scan_source import FOLDERS, Found, bandit, judged, ruff, waivers

if TYPE_CHECKING:
    from collections.abc import Callable

OLD_LOCK = "django==3.2.0 \\\n    --hash=sha256:" + "0" * 64 + "\nrequests==2.19.0\n"


def run(tier: Tier, seed: int, tell: Callable[[str], None]) -> Finding:
    """点検の訓練 — see the module. A tool that is not installed is told as not run, never as passed."""
    counts: dict[str, int | float] = {}
    faults = _parts(counts, tell, tier)
    with training_ground(), kept_log():
        from tasuki_server.drills.fuzz import browsers_of
        from tasuki_server.drills.marked_clinic import marked_clinic
        from tasuki_server.drills.scan_probes import deployment_findings, probe

        clinic = marked_clinic(1, random.Random(seed))  # noqa: S311 - to be repeated, not to be secret
        asked, found = probe(clinic, browsers_of(clinic))
        faults += [*found, *_source(counts, tell, deployment_findings())]
        counts |= {"probes": asked, "probe_findings": len(found)}
        tell(f"{asked} probes, {len(found)} findings")
    control = planted()
    return Finding(counts, tuple(faults), control, all(control.values()))


def _source(counts: dict[str, int | float], tell: Callable[[str], None], of_django: list[Found]) -> list[str]:
    """The source; a build without it has nothing to scan here."""
    folders = [each for each in FOLDERS if (home() / each).is_dir()]
    found = ruff(home(), *folders)
    more = bandit(home(), *folders)
    tools = {"ruff", "django"} | ({"bandit"} if more is not None else set())
    if more is None:
        tell("bandit: 入っていないため点検していません")
    found += [*(more or []), *of_django]
    counts |= {"bandit_run": int(more is not None), "source_findings": len(found), "waivers": len(waivers())}
    return judged(found, waivers(), _today(), tools=tools)


def _parts(counts: dict[str, int | float], tell: Callable[[str], None], tier: Tier) -> list[str]:
    from tasuki_server.sbom import locks_below

    folder = home() / "requirements"
    locks = locks_below(folder)
    count, faults = missing_from_bill(locks)
    faults += without_hash(locks)
    for lock in locks.values():
        faults += known_weak(lock, advisories())
    audited = 0
    for name in locks if tier is Tier.LONG else ["server.lock"]:
        told = pip_audit(folder / name)
        audited += told.known if told is not None else 0
        faults += told.faults if told is not None else ()
    if not audited:
        tell("pip-audit: 入っていないか、問い合わせ先に届かないため点検していません")
    counts |= {
        "locks": len(locks),
        "locked_parts": sum(len(each) for each in locks.values()),
        "parts_in_bill": count,
        "advisories_by_hand": len(advisories()),
        "pip_audit_run": int(audited > 0),
        "parts_known_to_pip_audit": audited,
    }
    return faults


def _today() -> date:
    return datetime.now(UTC).date()


def planted() -> dict[str, int]:
    """対照 — an `eval`, an old part, a part without a hash, an ended waiver, and a page that protects nothing."""
    from django.http import HttpResponse

    from tasuki_server.drills.scan_probes import PROBE, faults_of
    from tasuki_server.drills.scan_source import Waiver
    from tasuki_server.sbom import read_lock

    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "planted.py").write_text("def f(x):\n    return eval(x)\n")
        found = ruff(Path(folder), ".") + (bandit(Path(folder), ".") or [])
    lock = read_lock(OLD_LOCK)
    ended = Waiver("ruff", "S307", "*", "", date(2020, 1, 1))
    page = HttpResponse(f"<p onclick='x()'>{PROBE}</p>")
    page.set_cookie("plain", "1")
    return {
        "eval": sum(each.rule in ("S307", "B307") for each in found),
        "old_part": len(known_weak(lock, [Advisory("django", "3.2.25", "planted")])),
        "old_part_by_list": len(known_weak(lock, advisories())),
        "part_without_hash": len(without_hash({"planted.lock": lock})),
        "ended_waiver": len(judged(found[:1], [ended], _today(), tools={"ruff"})),
        "page_without_headers": len(list(faults_of(page))),
    }


SCAN = Drill(
    name="scan",
    title="弱点の点検",
    goal="静的・動的な点検と部品の点検に、期限つきの免除のほか指摘がない",
    run=run,
)
