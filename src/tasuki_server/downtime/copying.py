# SPDX-License-Identifier: Apache-2.0
"""写しの作成 — the charts of an institution, sealed into files; afterwards only what changed is written again.

What changed is asked of the trail: each act on a chart leaves an event there, and an event's number is given in the
order of commits. So nothing that was committed before the copy's event can be missing from it.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from django.utils import timezone

from tasuki.security.downtime_seal import CannotOpen, open_part, part_key
from tasuki.security.permissions import Permission
from tasuki.security.recovery_plan import minutes_text, order_of_return
from tasuki_server.audit.models import AuditEvent, ShownPatient
from tasuki_server.audit.trail import record
from tasuki_server.continuity.cards import valid_cards
from tasuki_server.continuity.models import ViewerCard
from tasuki_server.continuity.plan import plan_of_institution
from tasuki_server.downtime.files import (
    Cover,
    Entry,
    NoCopy,
    read_cover,
    read_part,
    remove_parts_but,
    write_alive,
    write_cover,
)
from tasuki_server.downtime.keys import own_signer, root_key, signing_key
from tasuki_server.downtime.press import Press
from tasuki_server.institutions.models import Institution, Staff
from tasuki_server.institutions.opening import system_actor
from tasuki_server.institutions.sight import unseen
from tasuki_server.institutions.work import as_institution

# 見るだけの行為: they change no chart, and would have every chart that was read written again.
_READING = frozenset({"read", "search", "print", "export", "refused", "copy", "merge"})


class Made(NamedTuple):
    """写しの結果 — its cover, how many charts were written anew, and whether all were."""

    cover: Cover
    written: int
    is_whole: bool


@dataclass(slots=True)
class _Standing:
    """The copy as it stands: its cover (or a blank one), its patients, and what else the catalogue says."""

    cover: Cover
    entries: dict[str, Entry] = field(default_factory=dict)
    plan: list[list[str]] = field(default_factory=list)
    is_blank: bool = False


def folder_of(base: Path, institution: Institution) -> Path:
    """写しの置き場所 — one folder an institution."""
    return base / institution.code


def refresh(
    institution: Institution, folder: Path, now: Callable[[], datetime] = timezone.now
) -> Made | None:
    """写しの更新 — None while nobody has a card: a copy that nobody can open helps nobody.

    The moment of the copy is taken before anything is read.
    """
    made_at = now()
    with as_institution(institution.id, system_actor(institution.id)), unseen():
        cards = list(valid_cards(Permission.CHART_VIEW))
        if not cards:
            return None
        standing = _standing(institution, folder, made_at)
        if _is_someone_gone(standing.cover, cards):
            standing = _blank(institution, made_at)
        event = AuditEvent.objects.order_by("-number").values_list("number", flat=True).first() or 0
        asked = None if standing.is_blank else _changed(standing.cover.event, event)
        root = root_key(str(institution.id), standing.cover.epoch)
        press = Press.today(folder, root, standing.cover.place)
        written = {each.patient: each for each in press.charts(asked)}
        plan = plan_lines()
        cover = replace(standing.cover, made_at=made_at, event=event, holders=press.holders(cards))
        entries = standing.entries | written
        if written or standing.is_blank or plan != standing.plan:
            listed = sorted(entries.values(), key=lambda each: each.number)
            file, digest = press.catalogue({"patients": listed, "plan": plan})
            cover = replace(cover, charts=len(entries), catalogue=file, catalogue_sha256=digest)
        if written:
            detail = {"charts": len(written), "whole": standing.is_blank, "holders": len(cards)}
            record("downtime.copy", detail=detail)
    # After the commit: a cover never tells of what was not read whole.
    write_cover(folder, cover, signing_key())
    write_alive(folder, now(), signing_key())
    remove_parts_but(folder, [cover.catalogue, *(each.file for each in entries.values())])
    return Made(cover, len(written), standing.is_blank)


def _standing(institution: Institution, folder: Path, at: datetime) -> _Standing:
    """The copy in the folder if it is one of ours and whole; whatever else lies there is written over."""
    try:
        cover = read_cover(folder, own_signer())
        if cover.institution != str(institution.id):
            return _blank(institution, at)
        key = part_key(root_key(cover.institution, cover.epoch), "catalogue")
        sealed = read_part(folder, cover.catalogue, cover.catalogue_sha256)
        content: dict[str, Any] = json.loads(open_part(key, sealed, f"{cover.place}/catalogue"))
        entries = {row[0]: Entry(*row) for row in content["patients"]}
        return _Standing(cover, entries, content["plan"])
    except (NoCopy, CannotOpen, TypeError, KeyError):
        return _blank(institution, at)


def _blank(institution: Institution, at: datetime) -> _Standing:
    epoch = secrets.token_hex(16)
    cover = Cover(str(institution.id), institution.code, institution.name, epoch, at, 0, 0, "", "", ())
    return _Standing(cover, is_blank=True)


def _is_someone_gone(cover: Cover, cards: Sequence[tuple[Staff, ViewerCard]]) -> bool:
    """Whoever lost the right must not open what is written from now on: a new root, and everything anew."""
    now = {(str(staff.id), bytes(card.public_key)) for staff, card in cards}
    return bool({(each.staff, each.public) for each in cover.holders} - now)


def _changed(since: int, until: int) -> set[UUID]:
    """Patients with an act on them after an event."""
    events = AuditEvent.objects.filter(number__gt=since, number__lte=until)
    acting = [
        (number, patient)
        for number, patient, action in events.values_list("number", "patient_id", "action").iterator()
        if action.rpartition(".")[2] not in _READING
    ]
    shown = ShownPatient.objects.filter(number__in=[number for number, _ in acting])
    return {patient for _, patient in acting if patient} | set(shown.values_list("patient_id", flat=True))


def plan_lines() -> list[list[str]]:
    """復旧の順序の行 — they go with the copy: they are needed when nothing else can be opened."""
    systems, _ = plan_of_institution()
    return [
        [
            str(step.number),
            step.system.priority.value,
            step.system.name,
            minutes_text(step.system.back_by_minutes or 0),
            step.system.to_point,
            step.system.responsible,
            step.system.paper,
            step.system.act,
        ]
        for step in order_of_return(systems).steps
    ]
