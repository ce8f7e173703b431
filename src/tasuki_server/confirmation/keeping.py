# SPDX-License-Identifier: Apache-2.0
"""資格確認の番の仕事 — of one institution, by the system: a round of the line, and what has come to its end is deleted."""

from __future__ import annotations

from django.utils import timezone

from tasuki_server.confirmation.gateway import NotReached
from tasuki_server.confirmation.information import delete_ended
from tasuki_server.confirmation.line import gateway_of, note_failed, own_line
from tasuki_server.confirmation.queue import Round, attend
from tasuki_server.institutions.models import Institution
from tasuki_server.institutions.opening import system_actor
from tasuki_server.institutions.work import as_institution

NOTHING = Round(0, 0, 0)


def keep_one(institution: Institution) -> Round:
    """一巡 — nothing where no line is used."""
    actor = system_actor(institution.id)
    with as_institution(institution.id, actor):
        delete_ended(timezone.now())
        kind = own_line().kind
    try:
        gateway = gateway_of(institution, kind)
    except NotReached as unset:
        with as_institution(institution.id, actor):
            note_failed(timezone.now(), str(unset))
        return NOTHING._replace(fault=str(unset))
    return attend(institution.id, actor, gateway) if gateway is not None else NOTHING
