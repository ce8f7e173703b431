# SPDX-License-Identifier: Apache-2.0
"""電子処方箋の利用の設定 — whether the institution registers, and what the patient of a visit chose."""

from __future__ import annotations

from collections.abc import Callable

from tasuki_server.audit.trail import record
from tasuki_server.eprescribing.models import IssueChoice, IssueType, ServiceUse
from tasuki_server.institutions import service_use
from tasuki_server.institutions.work import current_work
from tasuki_server.reception.models import Visit

# カードリーダーでの選択: what the room of eligibility knows of a visit, "" where the person chose nothing.
ReaderChoice = Callable[[Visit], str]
_reader: list[ReaderChoice] = [lambda visit: ""]


def register_reader_choice(ask: ReaderChoice) -> None:
    """カードリーダーでの選択の提供元の登録 — gives ``1`` 電子, ``2`` 紙, or "" for a visit; the last one registered answers."""
    _reader[0] = ask


def is_used() -> bool:
    """電子処方箋を使うか — of the institution."""
    return service_use.is_on(ServiceUse)


def set_used(*, is_on: bool) -> None:
    """電子処方箋の利用の変更 — from now on; what was registered before is still followed."""
    row = service_use.switch(ServiceUse, to=is_on)
    if row is not None:
        record("eprescription.setup", row, detail={"is_on": is_on})


def choice_of(visit: Visit) -> IssueChoice | None:
    """診察室での選択 — the newest, None where nothing was noted."""
    return IssueChoice.objects.filter(visit=visit).order_by("-made_at", "-id").first()


def issue_type_of(visit: Visit) -> IssueType:
    """発行形態 — as noted in the room, else as chosen at the reader, else paper."""
    noted = choice_of(visit)
    if noted is not None:
        return IssueType(noted.issue_type)
    return IssueType.ELECTRONIC if _reader[0](visit) == IssueType.ELECTRONIC else IssueType.PAPER


def is_chosen_at_reader(visit: Visit) -> bool:
    """カードリーダーで選んだか — whether the type comes from there."""
    return choice_of(visit) is None and bool(_reader[0](visit))


def choose(visit: Visit, issue_type: IssueType, comment: str) -> IssueChoice:
    """発行形態の選択 — noted for the visit with 投与理由; what is registered already follows by planning again."""
    staff_id = current_work().actor.staff_id
    assert staff_id is not None
    row = IssueChoice.objects.create(
        patient_id=visit.patient_id,
        visit=visit,
        issue_type=issue_type,
        comment=comment,
        made_by_id=staff_id,
        made_at=current_work().at,
    )
    record("eprescription.choose", row, visit.patient_id, {"issue_type": str(issue_type)})
    return row
