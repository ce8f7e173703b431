# SPDX-License-Identifier: Apache-2.0
"""閲覧記録の取込み — lines that viewers wrote while the server was away become events of the trail, each once.

Both times are kept: the event's own is when it was entered, ``viewed_at`` in its detail when it happened.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from django.utils import timezone

from tasuki.security.view_log import View, read_log
from tasuki_server.audit.trail import record
from tasuki_server.continuity.models import MergedView
from tasuki_server.downtime.files import VIEWS
from tasuki_server.downtime.keys import log_key, root_key
from tasuki_server.institutions.models import Institution, Staff
from tasuki_server.institutions.opening import system_actor
from tasuki_server.institutions.work import Actor, as_institution, current_work
from tasuki_server.patients.models import Patient

SESSION = "停止時"
_ACTIONS = {
    "begin": "downtime.begin",
    "search": "downtime.search",
    "open": "downtime.read",
    "refused": "downtime.refused",
}


class Merged(NamedTuple):
    """取込みの結果 — of one log: how many lines are new, and what is wrong with it, in Japanese."""

    file: str
    new: int
    fault: str = ""


def logs_in(folder: Path) -> list[Path]:
    """閲覧記録のファイル — one, those of a folder, or those of a copy."""
    if folder.is_file():
        return [folder]
    return sorted({*folder.glob("*.log"), *folder.glob(f"{VIEWS}/*.log"), *folder.glob(f"*/{VIEWS}/*.log")})


def merge_log(institution: Institution, path: Path) -> Merged | None:
    """閲覧記録の取込み — None for a log of another institution; a log that was altered is taken up to that line, and told."""
    try:
        # A line that is being written now has no end yet, and is taken the next time.
        lines = path.read_text(encoding="utf-8").rpartition("\n")[0].splitlines()
        told = json.loads(lines[0])["fields"]
        owner, epoch, log = (str(told[name]) for name in ("institution", "epoch", "log"))
    except (OSError, ValueError, LookupError, TypeError):
        return Merged(path.name, 0, "先頭の行を読めません")
    if owner != str(institution.id):
        return None
    read = read_log(log_key(root_key(owner, epoch)), lines)
    if not read.views:
        return Merged(path.name, 0, "この設置の写しの閲覧記録ではないか、先頭の行が書き換えられています")
    with as_institution(institution.id, system_actor(institution.id)):
        known = set(MergedView.objects.filter(log=log[:40]).values_list("line", flat=True))
        new = [each for each in read.views if each.number not in known]
        for view in new:
            _enter(view, log[:40], str(told.get("device", ""))[:60])
        fault = f"{read.broken_at}行目が書き換えられているか、抜けています" if read.broken_at else ""
        if new or (fault and not MergedView.objects.filter(log=log[:40], line=0).exists()):
            record("downtime.merge", detail={"log": log[:40], "lines": len(new), "broken_at": read.broken_at})
        if fault:
            MergedView.objects.get_or_create(log=log[:40], line=0, defaults={"viewed_at": timezone.now()})
    return Merged(path.name, len(new), fault)


def merge_folder(institution: Institution, folder: Path) -> Iterator[Merged]:
    """フォルダの取込み — of this institution's logs."""
    for path in logs_in(folder):
        merged = merge_log(institution, path)
        if merged is not None:
            yield merged


def _enter(view: View, log: str, device: str) -> None:
    fields = view.fields
    at = datetime.fromisoformat(str(fields["at"]))
    patient = _uuid(fields.get("patient"))
    detail: dict[str, object] = {
        "viewed_at": at.isoformat(),
        "log": log,
        "line": view.number,
        "device": device,
    }
    for name in ("found", "sealed", "made_at"):
        if name in fields:
            detail[name] = fields[name]
    if patient is not None and not Patient.objects.filter(id=patient).exists():
        # Registered after the moment to which the database came back: the id is kept where it points at nothing.
        detail["patient_unknown"], patient = str(patient), None
    staff = Staff.objects.filter(id=_uuid(fields["staff"])).first()
    record(_ACTIONS.get(str(fields["act"]), "downtime.other"), "downtime.viewer", patient, detail)
    if staff is not None:
        work = current_work()
        work.events[-1] = replace(work.events[-1], by=Actor(staff.name, staff.id, session=SESSION))
    MergedView.objects.create(log=log, line=view.number, viewed_at=at)


def _uuid(text: object) -> UUID | None:
    try:
        return UUID(str(text))
    except ValueError:
        return None
