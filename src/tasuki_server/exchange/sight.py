# SPDX-License-Identifier: Apache-2.0
"""見える範囲 — for whom a request looks: the institution, which consent and ownership bound, and the scopes of its token."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from tasuki_server.exchange.consent import visible
from tasuki_server.exchange.scopes import WHOLE, Grant


class Sight(NamedTuple):
    """見える範囲 — see the module."""

    caller: UUID
    grant: Grant = WHOLE


# An institution by itself stands for all that it may see; None is nobody's request.
Looker = Sight | UUID | None


def sight_of(looker: Sight | UUID) -> Sight:
    """見える範囲 — of a request, or of an institution as a whole."""
    return looker if isinstance(looker, Sight) else Sight(looker)


def institution_sees(alias: str, caller: str) -> str:
    """機関に見える条件 — consent, and that a Subscription tells its address to nobody else. SQL over ``exchange_resource``."""
    return f"({alias}.type <> 'Subscription' OR {alias}.writer_id = {caller}) AND {visible(alias, caller)}"
