# SPDX-License-Identifier: Apache-2.0
"""資格確認の回線 — which way an institution is reached, who it is on the wire, and whether the other side answers."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from tasuki_server.audit.trail import record
from tasuki_server.confirmation.folder_gateway import FolderGateway
from tasuki_server.confirmation.gateway import Gateway
from tasuki_server.confirmation.models import Line, LineKind
from tasuki_server.confirmation.wire_gateway import WireGateway
from tasuki_server.institutions.models import Institution
from tasuki_server.institutions.work import current_institution_id
from tasuki_server.platform.wire import Asker, wire_of
from tasuki_server.reception.board import raise_board


def own_line() -> Line:
    """自院の回線 — of the open transaction; an unsaved one that is off where nothing was set."""
    return Line.objects.first() or Line()


def may_look() -> bool:
    """救急時医療情報閲覧を使うか — as the administrator set the line."""
    line = own_line()
    return line.kind != LineKind.OFF and line.may_look_in_emergency


def set_line(kind: LineKind, *, may_look_in_emergency: bool = False) -> Line:
    """連携方式の設定 — by the administrator."""
    row = own_line()
    row.kind, row.failed_at, row.fault = kind, None, ""
    row.may_look_in_emergency = may_look_in_emergency
    row.save()
    record("eligibility.line", row, detail={"kind": str(kind), "emergency": may_look_in_emergency})
    return row


def own_institution() -> Institution:
    """自院 — of the open transaction."""
    return Institution.objects.get(pk=current_institution_id())


def asker_of(institution: Institution) -> Asker:
    """接続する医療機関 — as it names itself in messages."""
    return Asker(institution.id, institution.prefecture, institution.code, institution.name)


def gateway_of(institution: Institution, kind: str) -> Gateway | None:
    """連携の口 — None where none is used."""
    asker = asker_of(institution)
    if kind == LineKind.FOLDER:
        return FolderGateway.for_institution(asker.number)
    if kind == LineKind.WEB:
        return WireGateway(wire_of(asker))
    return None


def note_reached(at: datetime) -> None:
    """応答あり — written when it had been away, and once a minute."""
    row = own_line()
    if row._state.adding:
        return
    if row.failed_at is not None:
        row.failed_at, row.fault, row.reached_at = None, "", at
        row.save(update_fields=["failed_at", "fault", "reached_at"])
        raise_board(timezone.localtime(at).date())
    elif row.reached_at is None or abs((at - row.reached_at).total_seconds()) >= 60:
        row.reached_at = at
        row.save(update_fields=["reached_at"])


def note_failed(at: datetime, fault: str) -> None:
    """応答なし — told on the board from the first failure on."""
    row = own_line()
    if row._state.adding or (row.failed_at is not None and row.fault == fault[:200]):
        return
    row.failed_at, row.fault = row.failed_at or at, fault[:200]
    row.save(update_fields=["failed_at", "fault"])
    raise_board(timezone.localtime(at).date())
