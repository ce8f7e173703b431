# SPDX-License-Identifier: Apache-2.0
"""失敗のあとの待ち時間 — guessing grows slow, and a guesser elsewhere cannot shut out a house that he knows by name.

Each name has two budgets: one for browsers it has signed in on before, one for all others together. Whoever spends the
second one's tries leaves the first untouched. A try is counted before it is judged, so that many at once gain nothing.
"""

from __future__ import annotations

import hashlib
import unicodedata
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from allauth.core.internal.ratelimit import truncate_ip
from django.db import connections
from django.http import HttpRequest

from tasuki_server.accounts.devices import device_of, is_known_device
from tasuki_server.accounts.networks import address_of

# A name has five tries, then half a minute, doubling up to a quarter of an hour; an hour of peace forgets.
NAME_TRIES, SOURCE_TRIES = 5, 20
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 30, 900
FORGET = "1 hour"
_TAKE = f"""
INSERT INTO accounts_failurecount AS kept (key, failures, failed_at, waits_until)
VALUES (%(key)s, 1, now(), NULL)
ON CONFLICT (key) DO UPDATE SET
  failures = CASE WHEN kept.failed_at < now() - interval '{FORGET}' THEN 1 ELSE kept.failures + 1 END,
  failed_at = now(),
  waits_until = CASE
    WHEN kept.failed_at < now() - interval '{FORGET}' OR kept.failures + 1 < %(tries)s THEN NULL
    ELSE now() + make_interval(secs => least({LONGEST_WAIT_SECONDS}, {FIRST_WAIT_SECONDS} * 2 ^ least(20, kept.failures + 1 - %(tries)s)))
  END
WHERE kept.waits_until IS NULL OR kept.waits_until <= now()
RETURNING failures
"""  # noqa: S608 - our own numbers
_GIVE_BACK = "UPDATE accounts_failurecount SET failures = greatest(0, failures - 1), waits_until = NULL WHERE key = %(key)s"
_CLEAR = "DELETE FROM accounts_failurecount WHERE key = %(key)s OR failed_at < now() - interval '1 day'"


class Door(StrEnum):
    """照合の種類 — what is being guessed."""

    PASSWORD = "password"  # noqa: S105 - a kind, not a secret
    CODE = "code"
    ENROLMENT = "enrolment"
    ENVELOPE = "envelope"


class Budget(NamedTuple):
    """試せる回数 — the key of a name, and that of a source where the browser is not known; one of them may be left out."""

    name: str
    source: str = ""


def budget_of(request: HttpRequest, door: Door, name: str, user_id: UUID | None) -> Budget:
    """試せる回数の鍵 — of a name at a door, for the browser that asks."""
    device = device_of(request)
    folded = unicodedata.normalize("NFKC", name).casefold()
    if user_id is not None and is_known_device(user_id, device):
        return Budget(_key(door, folded, device))
    return Budget(_key(door, folded), _key("source", truncate_ip(address_of(request))))


def source_budget_of(request: HttpRequest, door: Door) -> Budget:
    """送信元だけの試せる回数 — for a door whose codes nobody guesses, and which nobody may keep shut by guessing."""
    return Budget("", _key(door, "source", truncate_ip(address_of(request))))


def take_try(budget: Budget) -> bool:
    """一回の試し — counted as failed until it is given back; False while it must wait."""
    with connections["signin"].cursor() as cursor:
        for key, tries in ((budget.source, SOURCE_TRIES), (budget.name, NAME_TRIES)):
            if not key:
                continue
            cursor.execute(_TAKE, {"key": key, "tries": tries})
            if cursor.fetchone() is None:
                return False
    return True


def give_back(budget: Budget) -> None:
    """成功 — the name begins anew, the source gets its one try back: else it could guess between its own successes."""
    with connections["signin"].cursor() as cursor:
        if budget.name:
            cursor.execute(_CLEAR, {"key": budget.name})
        if budget.source:
            cursor.execute(_GIVE_BACK, {"key": budget.source})


def _key(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
