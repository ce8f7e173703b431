# SPDX-License-Identifier: Apache-2.0
"""見える範囲 — for whom a request looks: the institution, which consent and ownership bound, and the scopes of its token."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from tasuki_server.exchange.consent import visible
from tasuki_server.exchange.outcome import Refused, refuse
from tasuki_server.exchange.scopes import WHOLE, Grant, Scope


class Sight(NamedTuple):
    """見える範囲 — see the module; ``client`` and ``scopes`` are those of a program's token, for what acts later in its place."""

    caller: UUID
    grant: Grant = WHOLE
    client: UUID | None = None
    scopes: tuple[str, ...] | None = None

    def need(self, type_name: str, letters: str) -> None:
        """要る範囲の確認 — 403 with the scope that is missing."""
        missing = "".join(each for each in letters if not self.grant.may(type_name, each))
        if missing:
            raise scope_missing(type_name, missing)


# An institution by itself stands for all that it may see; None is nobody's request.
Looker = Sight | UUID | None


def sight_of(looker: Sight | UUID) -> Sight:
    """見える範囲 — of a request, or of an institution as a whole."""
    return looker if isinstance(looker, Sight) else Sight(looker)


def scope_missing(type_name: str, letters: str) -> Refused:
    """範囲外の断り — names the scope that would be needed, in the words and in the header."""
    wanted = Scope(type_name, letters).text
    refused = refuse("scope", wanted=wanted)
    challenge = f'Bearer error="insufficient_scope", scope="{wanted}"'
    return Refused(refused.status, refused.issues, (("www-authenticate", challenge),))


def institution_sees(alias: str, caller: str) -> str:
    """機関に見える条件 — consent, and that a Subscription tells its address to nobody else. SQL over ``exchange_resource``."""
    return f"({alias}.type <> 'Subscription' OR {alias}.writer_id = {caller}) AND {visible(alias, caller)}"
