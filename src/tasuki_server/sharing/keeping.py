# SPDX-License-Identifier: Apache-2.0
"""情報共有の番の仕事 — of one institution, by the system: what waits is sent, and what is addressed here is fetched."""

from __future__ import annotations

import time
from uuid import UUID

from tasuki_server.institutions.models import Institution
from tasuki_server.institutions.opening import system_actor
from tasuki_server.institutions.work import Actor, as_institution
from tasuki_server.sharing.arrivals import fetch
from tasuki_server.sharing.letter_tracking import follow, tell_cancels
from tasuki_server.sharing.line import NotAnswered, Refused
from tasuki_server.sharing.queue import Round, attend
from tasuki_server.sharing.setting import is_used
from tasuki_server.sharing.viewing import attend_views

FETCH_SECONDS = 60.0
# お試し: whoever tries it out watches both clinics at once.
DEMO_SECONDS = 5.0
_fetched: dict[UUID, float] = {}
# Where the lists were read up to; after a restart they are read from the beginning, and what is known is passed over.
_since: dict[UUID, tuple[str, str]] = {}


def keep_one(institution: Institution) -> Round:
    """一巡 — letters are asked for once a minute, by institutions that share."""
    actor = system_actor(institution.id)
    done = attend(institution, actor)
    if not done.fault:
        try:
            done = done._replace(settled=done.settled + attend_views(institution, actor))
        except NotAnswered as away:
            done = done._replace(fault=str(away))
    seconds = DEMO_SECONDS if institution.is_demo else FETCH_SECONDS
    if done.fault or time.monotonic() - _fetched.get(institution.id, -seconds) < seconds:
        return done
    _fetched[institution.id] = time.monotonic()
    if not _shares(institution.id, actor):
        return done
    came, went = _since.get(institution.id, ("", ""))
    try:
        cancelled = tell_cancels(institution, actor)
        found = fetch(institution, actor, came)
        went = follow(institution, actor, went)
    except (NotAnswered, Refused) as away:
        return done._replace(fault=str(away))
    _since[institution.id] = (found.since, went)
    return done._replace(settled=done.settled + found.new + cancelled)


def _shares(institution_id: UUID, actor: Actor) -> bool:
    with as_institution(institution_id, actor):
        return is_used()
