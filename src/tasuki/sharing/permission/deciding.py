# SPDX-License-Identifier: Apache-2.0
"""閲覧の判断 — from the whole history of a person's permissions: may this institution read this kind, now, and why.

What an institution wrote itself is not asked about here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tasuki.sharing.permission.events import Act, PermissionEvent
from tasuki.sharing.permission.kinds import DOCUMENTS, RecordKind
from tasuki.sharing.permission.reasons import CLOSED_REASONS, OPEN_REASONS, SOURCES, told_time


class Basis(StrEnum):
    """判断の根拠 — what the answer rests on."""

    NEVER = "never"
    NOT_YET = "not-yet"
    ENDED = "ended"
    WITHDRAWN = "withdrawn"
    READER = "reader"
    ORAL = "oral"
    PORTAL = "portal"
    PROXY = "proxy"
    EMERGENCY = "emergency"


@dataclass(frozen=True, slots=True)
class Viewer:
    """閲覧する医療機関 — by its ten digits; with ``document`` when it is one document that is asked about."""

    institution: str
    document: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """閲覧の判断 — ``event`` is the record it rests on, ``until`` when it ends by itself; None has no end."""

    is_open: bool
    basis: Basis
    reason: str
    cite: str
    event: str = ""
    until: datetime | None = None


_BASES = {
    Act.READER_GRANT: Basis.READER,
    Act.ORAL_GRANT: Basis.ORAL,
    Act.PORTAL_GRANT: Basis.PORTAL,
    Act.PROXY_GRANT: Basis.PROXY,
    Act.EMERGENCY: Basis.EMERGENCY,
}


def decide(history: Iterable[PermissionEvent], who: Viewer, kind: RecordKind, at: datetime) -> Decision:
    """閲覧の判断 — open only by a grant that began, has not ended and was not withdrawn since; closed otherwise.

    Consent speaks before an emergency, the newest before older ones. Events of one moment count in their order.

    Cite: 個人情報保護法 第27条第1項、電子カルテ情報共有サービス（閲覧の同意）
    """
    told = sorted((each for each in history if each.at <= at), key=lambda each: each.at)
    live: dict[str, PermissionEvent] = {}
    past: list[tuple[PermissionEvent, Basis]] = []
    for event in told:
        if event.act.is_opening:
            if _concerns(event, who, kind):
                live[event.id] = event
            continue
        for grant in [each for each in live.values() if event.ends_grant(each, kind)]:
            past.append((live.pop(grant.id), Basis.WITHDRAWN if event.act is Act.WITHDRAWAL else Basis.ENDED))
    opened = []
    for grant in live.values():
        if grant.until is not None and grant.until <= at:
            past.append((grant, Basis.ENDED))
        elif grant.opens_at > at:
            past.append((grant, Basis.NOT_YET))
        else:
            opened.append(grant)
    if opened:
        return _opened(max(opened, key=lambda each: (each.act is not Act.EMERGENCY, each.at)), kind)
    if not past:
        return _closed(Basis.NEVER, kind, None)
    grant, basis = max(past, key=lambda each: (each[1] is Basis.NOT_YET, each[0].at))
    return _closed(basis, kind, grant)


def _concerns(grant: PermissionEvent, who: Viewer, kind: RecordKind) -> bool:
    """An oral grant is for its one document; a document is opened by any grant of its kind."""
    if grant.institution != who.institution or kind not in grant.kinds:
        return False
    if grant.act is Act.EMERGENCY and kind in DOCUMENTS:
        return False
    return not grant.document or grant.document == who.document


def _opened(grant: PermissionEvent, kind: RecordKind) -> Decision:
    basis = _BASES[grant.act]
    words = OPEN_REASONS[basis.value].format(
        kind=kind.label, at=told_time(grant.at), proxy=grant.proxy, reason=grant.reason
    )
    return Decision(True, basis, words, SOURCES[basis.value], grant.id, grant.until)


def _closed(basis: Basis, kind: RecordKind, grant: PermissionEvent | None) -> Decision:
    words = CLOSED_REASONS[basis.value].format(kind=kind.label, at=told_time(grant.opens_at) if grant else "")
    return Decision(False, basis, words, SOURCES[basis.value], grant.id if grant else "")
