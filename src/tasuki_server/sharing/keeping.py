# SPDX-License-Identifier: Apache-2.0
"""情報共有の番の仕事 — of one institution, by the system: what waits is sent."""

from __future__ import annotations

from tasuki_server.institutions.models import Institution
from tasuki_server.institutions.opening import system_actor
from tasuki_server.sharing.queue import Round, attend


def keep_one(institution: Institution) -> Round:
    """一巡 — nothing is asked of anyone where nothing waits."""
    return attend(institution, system_actor(institution.id))
