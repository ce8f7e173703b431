# SPDX-License-Identifier: Apache-2.0
"""他院の情報の参照 — what other institutions share of a patient beside ours, as far as it is open now; each look is recorded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.http import Http404
from django.utils import timezone
from django.utils.safestring import mark_safe

from tasuki.kernel.finding import BadInput
from tasuki.kernel.messages import sentence
from tasuki.sharing.build.around import institution_number
from tasuki.sharing.build.facts import INFORMATION_NAMES, Information
from tasuki.sharing.checkups.shown import item_name, value_text
from tasuki.sharing.checkups.values import Checkup
from tasuki_server.audit.trail import record
from tasuki_server.institutions.models import Institution, Staff
from tasuki_server.patients.access import banner_of
from tasuki_server.patients.models import Patient
from tasuki_server.reception.access import access_visit
from tasuki_server.reception.models import Visit
from tasuki_server.sharing.checkup_items import read_held, side_items
from tasuki_server.sharing.models import ArrivedDocument, Decision, OthersView, Reconciled, WrittenDocument
from tasuki_server.sharing.own_side import own_items
from tasuki_server.sharing.reconcile import decisions_of
from tasuki_server.sharing.setting import is_used
from tasuki_server.sharing.side_groups import SideGroup, chosen, course_of, groups_of
from tasuki_server.sharing.side_items import SideItem, others_item
from tasuki_server.sharing.viewing import (
    Held,
    HeldCheckup,
    held_of,
    insured_of,
    kinds_of,
    newest_view,
    waiting_views,
)

ONLY = (("", "すべて"), ("open", "突合せ待ち"), ("both", "自院にもある"), ("others", "他院だけ"))
# 書類と健診: beside the six.
LETTERS, CHECKUPS = "letter", "checkup"
PARTS = (
    *((str(each), INFORMATION_NAMES[each]) for each in Information),
    (LETTERS, "書類"),
    (CHECKUPS, "健診"),
)
# Alt with a digit is the menu's; a bare digit chooses a part while no field has the focus.
_KEYS = {"": "0", **{name: str(place) for place, (name, _) in enumerate(PARTS, 1)}}


@dataclass(frozen=True, slots=True)
class ShownLetter:
    """並べる書類 — a letter of ours or one that came, by day."""

    on: date
    title: str
    who: str
    is_ours: bool
    id: UUID


@dataclass(frozen=True, slots=True)
class ShownCheckup:
    """並べる健診結果 — the report's items as label and value; empty with a fault when it cannot be read."""

    on: str
    who: str
    lines: tuple[tuple[str, str], ...]
    fault: str = ""


def access_others(visit_id: UUID, wanted: Mapping[str, str]) -> dict[str, Any]:
    """他院の情報の画面 — filtered; the trail names how many items of which kind were shown."""
    visit = access_visit(visit_id)
    view = newest_open(visit.patient_id)
    held = held_of(view, timezone.now())
    read = [(each, read_held(each.report)) for each in held.checkups]
    groups = groups_of(
        [*own_items(visit), *items_of(held), *_of_checkups(read)], decisions_of(visit.patient_id)
    )
    letters, checkups = _letters(visit.patient), tuple(_checkup(*each) for each in read)
    part = wanted.get("part", "") if wanted.get("part", "") in dict(PARTS) else ""
    only = wanted.get("only", "") if wanted.get("only", "") in dict(ONLY) else ""
    words, source = wanted.get("q", "").strip(), wanted.get("from", "")
    is_six = part not in (LETTERS, CHECKUPS)
    shown = chosen(groups, words=words, information=part, source=source, only=only) if is_six else ()
    counts = Counter(str(group.information) for group in groups)
    counts.update({LETTERS: len(letters), CHECKUPS: len(checkups)})
    told = Counter(str(row.item.information) for group in shown for row in group.rows if not row.item.is_ours)
    is_plain, origins = not (words or source or only), _taken_from(visit.patient_id)
    record(
        "others.read",
        view if view is not None else visit,
        visit.patient_id,
        {"shown": dict(told), "way": str(view.way) if view is not None else ""},
    )
    return {
        **banner_of(visit.patient),
        **standing_of(visit),
        "groups": [_shown(group, origins) for group in shown],
        "letters": letters if part in ("", LETTERS) and is_plain else (),
        "checkups": checkups if part in ("", CHECKUPS) and is_plain else (),
        "parts": [("", "すべて", len(groups), _KEYS[""])]
        + [(name, label, counts[name], _KEYS[name]) for name, label in PARTS],
        "part": part,
        "onlies": ONLY,
        "only": only,
        "q": words,
        "from": source,
        "sources": _sources(groups),
        "open_count": sum(group.is_to_reconcile for group in groups),
    }


def standing_of(visit: Visit) -> dict[str, Any]:
    """他院の情報の様子 — the consent, what is held and until when; no content."""
    newest, now = newest_view(visit.patient_id), timezone.now()
    is_open = newest is not None and newest.is_open_at(now)
    return {
        "visit": visit,
        "is_used": is_used(),
        "view": newest,
        "is_view_open": is_open,
        "is_view_waiting": newest is not None and newest.state == "kept",
        "view_kinds": kinds_of(newest) if newest is not None else (),
        "missing_number": _missing_number(visit),
    }


def newest_open(patient_id: UUID) -> OthersView | None:
    """開いている閲覧 — the newest that holds something; its content is read with it."""
    rows = OthersView.objects.filter(patient=patient_id, state="open", deleted_at=None)
    return rows.order_by("-fetched_at").first()


def items_of(held: Held) -> list[SideItem]:
    """他院の項目 — of everything that is held; what stands in a unit and in a letter as well is one, the newest."""
    found: dict[str, SideItem] = {}
    for each in sorted(held.sets, key=lambda one: one.registered_at):
        for resource in each.resources:
            item = others_item(resource, each.institution, each.institution_name)
            if item is not None:
                found[item.source] = item
    return list(found.values())


def access_item(visit: Visit, source: str) -> tuple[SideItem, list[SideItem]]:
    """他院の一件 — by its identifier, open now; with what is ours. 404 when it is not among what is held."""
    held = held_of(newest_open(visit.patient_id), timezone.now())
    found = next((each for each in items_of(held) if each.source == source), None)
    if found is None:
        raise Http404("item")
    return found, own_items(visit)


def access_decision(visit: Visit, record_id: UUID) -> Reconciled:
    """突合せの決定の参照 — the newest version of one of this patient."""
    rows = Reconciled.objects.filter(patient=visit.patient_id, record_id=record_id)
    found = rows.order_by("-version").first()
    if found is None or found.withdrawn:
        raise Http404("decision")
    return found


def access_emergencies(staff: Staff) -> dict[str, Any]:
    """救急時閲覧の一覧 — those that wait for a review, and the last ones reviewed."""
    rows = list(waiting_views().select_related("patient", "asked_by").defer("data")[:200])
    done = OthersView.objects.filter(way="emergency", reviewed_at__isnull=False)
    reviewed = list(
        done.select_related("patient", "asked_by", "reviewed_by").defer("data").order_by("-reviewed_at")[:50]
    )
    record("others.reviews", "list", detail={"rows": len(rows)}, patients={row.patient_id for row in rows})
    return {"waiting": rows, "reviewed": reviewed, "day": timezone.localdate(), "own_id": staff.id}


def access_view(view_id: UUID) -> OthersView:
    """閲覧の参照 — by id."""
    rows = OthersView.objects.select_related("patient", "asked_by").defer("data")
    found = rows.filter(pk=view_id, way="emergency").first()
    if found is None:
        raise Http404("view")
    return found


def _shown(group: SideGroup, origins: Mapping[str, Reconciled]) -> dict[str, Any]:
    # The drawing escapes every text itself.
    course = mark_safe(course_of(group)) if group.has_course else ""  # noqa: S308
    rows = [(row, origins.get(str(row.item.record_id)) if row.item.record_id else None) for row in group.rows]
    return {"group": group, "rows": rows, "course": course, "label": INFORMATION_NAMES[group.information]}


def _letters(patient: Patient) -> list[ShownLetter]:
    ours = WrittenDocument.objects.filter(patient=patient).order_by("-made_at")[:50]
    came = ArrivedDocument.objects.filter(patient=patient).defer("data").order_by("-written_at")[:50]
    found = [ShownLetter(e.day, e.get_kind_display(), f"{e.recipient_name} あて", True, e.id) for e in ours]
    found += [
        ShownLetter(timezone.localdate(e.written_at), e.get_kind_display(), e.sender_name, False, e.id)
        for e in came
    ]
    return sorted(found, key=lambda each: each.on, reverse=True)


def _checkup(each: HeldCheckup, read: Checkup | None) -> ShownCheckup:
    who = each.institution_name or each.institution
    if read is None:
        return ShownCheckup(
            each.checked_on, who, (), "この健診結果は読めません。発行した機関に問い合わせてください。"
        )
    lines = tuple((item_name(item), value_text(item)) for item in read.items())
    return ShownCheckup(each.checked_on, who, tuple(each for each in lines if each[1]))


def _of_checkups(read: Iterable[tuple[HeldCheckup, Checkup | None]]) -> Iterator[SideItem]:
    """A checkup that we sent comes back with those of others: it is ours."""
    institution = Institution.objects.get()
    own = institution_number(institution.prefecture, institution.code)
    for held, checkup in read:
        if checkup is not None:
            number = "" if held.institution == own else held.institution
            yield from side_items(checkup, number, held.institution_name if number else "")


def _sources(groups: Iterable[SideGroup]) -> list[tuple[str, str]]:
    found = {
        row.item.source_number: row.item.source_name or row.item.source_number
        for group in groups
        for row in group.rows
        if not row.item.is_ours
    }
    return sorted(found.items(), key=lambda each: each[1])


def _taken_from(patient_id: UUID) -> dict[str, Reconciled]:
    rows = Reconciled.objects.current().filter(patient=patient_id, decision=Decision.TAKEN)  # type: ignore[attr-defined]
    return {str(row.made_record): row for row in rows}


def _missing_number(visit: Visit) -> str:
    try:
        insured_of(visit)
    except BadInput as bad:
        return "".join(sentence(each) for each in bad.findings)
    return ""
