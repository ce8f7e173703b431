# SPDX-License-Identifier: Apache-2.0
"""電子処方箋の番の仕事 — of one institution, by the system: what waits is sent, then what is registered is asked about."""

from __future__ import annotations

from tasuki_server.eprescribing.line import NotAnswered
from tasuki_server.eprescribing.queue import Round, attend
from tasuki_server.eprescribing.status import follow
from tasuki_server.institutions.models import Institution
from tasuki_server.institutions.opening import system_actor


def keep_one(institution: Institution) -> Round:
    """一巡 — nothing is asked of anyone where nothing waits."""
    actor = system_actor(institution.id)
    done = attend(institution, actor)
    if done.fault:
        return done
    try:
        return done._replace(asked=follow(institution, actor))
    except NotAnswered as away:
        return done._replace(fault=str(away))
