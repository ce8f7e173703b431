# SPDX-License-Identifier: Apache-2.0
"""施設の設定の変更 — one row for each institution; a change says which columns, and a stale page changes nothing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from tasuki_server.audit.trail import emit, record
from tasuki_server.institutions.models import Institution

COLUMNS = (
    "name", "telephone", "address", "director", "beds", "general_beds", "departments", "is_open_on_holidays",
    "closed_days", "hours",
)  # fmt: skip


class StaleFacility(Exception):
    """施設の設定の競合 — somebody saved other settings after this page was opened."""


class NoSuchNotice(LookupError):
    """届出なし — the notice to change is not there."""


class OverlappingNotice(ValueError):
    """届出の重なり — the standard is already held on some of these days."""


def stamp_of(institution: Institution) -> str:
    """版の印 — of everything a page of settings shows."""
    shown = {name: getattr(institution, name) for name in (*COLUMNS, "standards")}
    return hashlib.sha256(json.dumps(shown, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:16]


def change_facility(values: Mapping[str, Any], *, read_stamp: str) -> list[str]:
    """施設の設定の変更 — gives the columns that changed; raises :class:`StaleFacility`."""
    institution = _locked(read_stamp)
    changed = [name for name in COLUMNS if getattr(institution, name) != values[name]]
    if changed:
        for name in changed:
            setattr(institution, name, values[name])
        institution.save(update_fields=changed)
        _tell(institution, {"changed": changed})
    return changed


def notify_standard(code: str, since: date, until: date | None, *, read_stamp: str) -> None:
    """届出の追加 — raises :class:`OverlappingNotice` or :class:`StaleFacility`."""
    institution = _locked(read_stamp)
    for each in institution.standards:
        if each["code"] == code and _overlaps(each, since, until):
            raise OverlappingNotice(code)
    added: dict[str, str] = {"code": code, "since": since.isoformat()}
    if until is not None:
        added["until"] = until.isoformat()
    _save_standards(institution, [*institution.standards, added])
    _tell(institution, {"standard": code, "since": added["since"]})


def end_standard(code: str, since: str, until: date | None, *, read_stamp: str) -> None:
    """届出の終了 — with its last day; None takes back a notice made by mistake.

    Raises :class:`NoSuchNotice`, ``ValueError`` for a last day before the first, or :class:`StaleFacility`.
    """
    institution = _locked(read_stamp)
    kept = []
    found = False
    for each in institution.standards:
        if (each["code"], each["since"]) != (code, since):
            kept.append(each)
            continue
        found = True
        if until is not None:
            if until.isoformat() < since:
                raise ValueError(until)
            kept.append({**each, "until": until.isoformat()})
    if not found:
        raise NoSuchNotice(code)
    _save_standards(institution, kept)
    _tell(institution, {"standard": code, "until": until.isoformat() if until else "withdrawn"})


def _locked(read_stamp: str) -> Institution:
    # Not the key: every row that anybody writes points at the institution, an event of the trail too.
    institution = Institution.objects.select_for_update(no_key=True).get()
    if stamp_of(institution) != read_stamp:
        raise StaleFacility
    return institution


def _overlaps(notice: Mapping[str, str], since: date, until: date | None) -> bool:
    first, last = since.isoformat(), until.isoformat() if until else "9999"
    return notice["since"] <= last and first <= notice.get("until", "9999")


def _save_standards(institution: Institution, standards: list[dict[str, str]]) -> None:
    institution.standards = sorted(standards, key=lambda each: (each["code"], each["since"]))
    institution.save(update_fields=["standards"])


def _tell(institution: Institution, detail: Mapping[str, object]) -> None:
    record("institution.change", institution, detail=detail)
    emit("institution.changed", {"institution": str(institution.pk)})
