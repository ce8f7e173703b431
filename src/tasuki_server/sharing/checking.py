# SPDX-License-Identifier: Apache-2.0
"""送信前の点検 — a unit built and held against the guides; each finding with the place in the chart where it is repaired."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from tasuki.kernel.finding import BadInput, Finding, Severity, Where
from tasuki.kernel.messages import register, sentence
from tasuki.sharing.build.around import Around
from tasuki.sharing.build.facts import Information
from tasuki.sharing.build.information import deletion_bundle, information_bundle
from tasuki.sharing.build.parts import to_json
from tasuki.sharing.validator import Validator
from tasuki_server.sharing.gathering import Gathered
from tasuki_server.sharing.models import UnitKind

register(
    {"desk.uncoded": "標準コードがありません（コードのない項目として送ります）。コード対応で選んでください。"}
)
_INFORMATIONS = {
    UnitKind.DISEASES: Information.CONDITION,
    UnitKind.ALLERGIES: Information.OTHER_ALLERGY,
    UnitKind.RESULTS: Information.LABORATORY,
}
_ENTRY = re.compile(r"entry\[(\d+)\]")
_INSTITUTION_WORDS = frozenset({"institution", "around", "department", "practitioner", "doctor"})


class Told(NamedTuple):
    """点検の指摘 — in Japanese, with what it is about: an item by its place, the person, or the institution."""

    code: str
    severity: str
    text: str
    place: int  # the item, -1 for none
    about: str  # "item", "patient", "visit" or "institution"
    field: str

    def kept(self) -> dict[str, Any]:
        """控え — as JSON members."""
        return self._asdict()


class Checked(NamedTuple):
    """点検の結果 — the Bundle as it would be sent, None when it cannot be made; and what was found."""

    bundle: dict[str, Any] | None
    told: tuple[Told, ...]

    @property
    def is_sound(self) -> bool:
        """送れるか — built, and no error; questions and advice may remain."""
        return self.bundle is not None and not any(each.severity == Severity.BLOCK for each in self.told)


@cache
def validator() -> Validator:
    """FHIR点検 — built once in a process."""
    return Validator()


def check_items(items: Sequence[Gathered], around: Around) -> Checked:
    """情報の点検 — each fact alone first, so that a fault is told at its item; then the Bundle as a whole."""
    told: list[Told] = []
    for place, item in enumerate(items):
        try:
            information_bundle([item.facts], around)
        except BadInput as bad:
            told += [_of_build(each, place) for each in bad.findings]
    if told:
        return Checked(None, _once(told))
    uncoded = [_uncoded(place) for place, item in enumerate(items) if item.is_uncoded]
    try:
        bundle = information_bundle([item.facts for item in items], around)
    except BadInput as bad:
        return Checked(None, tuple(_of_build(each, -1) for each in bad.findings))
    return Checked(bundle, _once([*uncoded, *_validated(bundle, len(items))]))


def emptied(kind: UnitKind, around: Around) -> Checked:
    """空の単位 — nothing is left of what was shared: the person alone takes back all of it (R02143 does not hold)."""
    return Checked(deletion_bundle(_INFORMATIONS[kind], around), ())


def check_document(bundle: dict[str, Any]) -> tuple[Told, ...]:
    """文書の点検 — of a document Bundle as a whole."""
    return tuple(_of_document(each) for each in _findings(bundle))


def refused(bad: BadInput) -> Checked:
    """組み立てられない — the person or the institution lacks something."""
    return Checked(None, tuple(_of_build(each, -1) for each in bad.findings))


def content_mark(value: dict[str, Any] | Iterable[Told]) -> str:
    """内容の符号 — the same for the same facts, whenever they are gathered."""
    data = to_json(value) if isinstance(value, dict) else repr(tuple(value)).encode()
    return hashlib.sha256(data).hexdigest()


def _uncoded(place: int) -> Told:
    finding = Finding("SHR-0041", Severity.CONFIRM, Where(), "desk.uncoded")
    return Told("SHR-0041", str(Severity.CONFIRM), sentence(finding), place, "code", "")


def _findings(bundle: dict[str, Any]) -> tuple[Finding, ...]:
    return validator().validate(to_json(bundle))


def _validated(bundle: dict[str, Any], count: int) -> tuple[Told, ...]:
    return _once(
        [_of_check(each, count) for each in _findings(bundle) if each.severity is not Severity.ADVICE]
    )


def _of_check(finding: Finding, count: int) -> Told:
    """entry[0] is the patient, the items follow in their order."""
    found = _ENTRY.search(finding.where.field)
    entry = int(found.group(1)) if found else -1
    place = entry - 1 if 1 <= entry <= count else -1
    about = "item" if place >= 0 else "patient" if entry == 0 else "institution"
    return Told(finding.code, str(finding.severity), sentence(finding), place, about, finding.where.field)


def _of_document(finding: Finding) -> Told:
    return Told(finding.code, str(finding.severity), sentence(finding), -1, "document", finding.where.field)


def _of_build(finding: Finding, place: int) -> Told:
    record = finding.where.record
    about = "item" if place >= 0 else "institution" if record in _INSTITUTION_WORDS else record or "patient"
    if about not in ("item", "institution", "visit"):
        about = "patient"
    if record in ("patient", "visit"):
        about, place = record, -1
    return Told(finding.code, str(finding.severity), sentence(finding), place, about, finding.where.field)


def _once(told: Iterable[Told]) -> tuple[Told, ...]:
    return tuple(dict.fromkeys(told))


def now_in(around: Around, at: datetime) -> Around:
    """時刻を替えた文脈 — the same facts said at another moment."""
    from dataclasses import replace

    return replace(around, sent_at=at)
