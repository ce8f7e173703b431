# SPDX-License-Identifier: Apache-2.0
"""接続トークンの発行・停止・照合 — inside a transaction of the institution; the plain token leaves here once."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connections, transaction
from django.utils import timezone

from tasuki_server.api.frames import pack_institution
from tasuki_server.api.models import SCOPES, ApiToken
from tasuki_server.audit.trail import record
from tasuki_server.database.places import installation_secrets
from tasuki_server.institutions.models import Institution
from tasuki_server.institutions.work import Actor, as_institution, current_work

# Other web processes forget what they know of tokens when this channel speaks.
CHANNEL = "tasuki_api_tokens"
# This process forgets before the page that revoked is answered.
FORGETTING: list[Callable[[], None]] = []
LONGEST_DAYS = 730
_FORM = re.compile(r"tsk_([A-Za-z0-9_-]{22})_([A-Za-z0-9_-]{43})")


@dataclass(frozen=True, slots=True)
class Client:
    """接続元 — a token that was found usable: whose it is, what it may ask, and its institution for the workers.

    ``bound_to`` names the key whose proof every request needs; empty for a token that serves whoever has it.
    """

    row_id: UUID
    institution_id: UUID
    name: str
    scopes: frozenset[str]
    expires_at: datetime
    packed_facts: bytes
    kind: str = "api.apitoken"
    bound_to: str = ""


def make_token(name: str, scopes: Sequence[str], days: int) -> tuple[ApiToken, str]:
    """接続トークンの発行 — the row, and the token itself, which nobody can see again.

    The institution stands in the token, so that it is looked for inside that institution's own rows only.
    Raises ``ValueError`` for a name, scope or number of days that cannot be.
    """
    if not name.strip() or not scopes or set(scopes) - set(SCOPES) or not 1 <= days <= LONGEST_DAYS:
        raise ValueError("name, scopes or days")
    work = current_work()
    whose = base64.urlsafe_b64encode(work.institution_id.bytes).rstrip(b"=").decode()
    plain = f"tsk_{whose}_{secrets.token_urlsafe(32)}"
    row = ApiToken.objects.create(
        name=name.strip(),
        scopes=[scope for scope in SCOPES if scope in scopes],
        digest=digest_of(plain),
        ending=plain[-4:],
        made_by_id=work.actor.staff_id,
        expires_at=work.at + timedelta(days=days),
    )
    record("api_token.make", row, detail={"scopes": row.scopes, "days": days})
    return row, plain


def revoke_token(row: ApiToken) -> None:
    """接続トークンの停止 — at once, in every web process; a token stays stopped."""
    if row.revoked_at is not None:
        return
    row.revoked_at = current_work().at
    row.save(update_fields=["revoked_at"])
    record("api_token.revoke", row)
    forget_everywhere()


def forget_everywhere() -> None:
    """忘却の知らせ — with the commit, what any web process remembers of tokens is gone."""
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, '')", [CHANNEL])
    for forget in FORGETTING:
        transaction.on_commit(forget, using="default")


def find_client(plain: str) -> Client | None:
    """接続元の照合 — None for a token that is malformed, unknown, revoked or expired.

    The answer does not tell which. Equality is asked of the HMAC: how long a comparison takes says nothing
    about the token.
    """
    institution_id = institution_in(plain)
    if institution_id is None:
        return None
    digest = digest_of(plain)
    with as_institution(institution_id, Actor(label="API")):
        row = ApiToken.objects.filter(digest=digest).first()
        if row is None or not hmac.compare_digest(row.digest, digest):
            return None
        if row.state_at(timezone.now()) != "usable":
            record("api.refused", row, detail={"state": row.state_at(timezone.now())})
            return None
        packed = facts_of(institution_id)
    return Client(row.id, institution_id, row.name, frozenset(row.scopes), row.expires_at, packed)


def facts_of(institution_id: UUID) -> bytes:
    """医療機関の事実 — what a worker is told of the asker's institution, inside its transaction."""
    return pack_institution(Institution.objects.get(id=institution_id).facts())


def institution_in(plain: str) -> UUID | None:
    """トークンの医療機関 — the institution a well-formed token names, None for anything else."""
    found = _FORM.fullmatch(plain)
    if found is None:
        return None
    return UUID(bytes=base64.urlsafe_b64decode(found.group(1) + "=="))


def digest_of(plain: str) -> str:
    """トークンの要約 — HMAC-SHA256 under a key the database does not know."""
    key = installation_secrets().derived("api-token")
    return hmac.new(key, plain.encode(), hashlib.sha256).hexdigest()
