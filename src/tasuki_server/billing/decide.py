# SPDX-License-Identifier: Apache-2.0
"""会計での決定 — stated facts, kept on the visit with who said so in the audit trail."""

from __future__ import annotations

from django.db.models import F

from tasuki.calculation.flags import Flag
from tasuki_server.audit.trail import record
from tasuki_server.reception.board import raise_board
from tasuki_server.reception.models import Visit


def add_flag(visit: Visit, flag: str) -> None:
    """申告事実の追加 — raises ``ValueError`` (in Japanese) for a fact that is not known."""
    if flag not in {each.value for each in Flag}:
        raise ValueError("この申告はできません。")
    visit = _locked(visit)
    if flag not in visit.flags:
        visit.flags = sorted({*visit.flags, flag})
        _save(visit, "flags")
        record("visit.state_fact", visit, visit.patient_id, {"flag": flag})


def _locked(visit: Visit) -> Visit:
    return Visit.objects.select_for_update(of=("self",)).select_related("patient").get(pk=visit.pk)


def _save(visit: Visit, *names: str) -> None:
    visit.save(update_fields=names)
    Visit.objects.filter(pk=visit.pk).update(stamp=F("stamp") + 1)
    raise_board(visit.day)
