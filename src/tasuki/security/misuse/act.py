# SPDX-License-Identifier: Apache-2.0
"""行為 — one event of the trail as the rules see it: ids, counts and marks, never a name or a note."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

# 日本標準時: no daylight saving, so days and hours are plain arithmetic.
JAPAN_SECONDS = 9 * 3600
DAY_SECONDS = 86_400


class ActKind(StrEnum):
    """行為の種類 — what rules tell apart; every other act is OTHER and still counts for the order of numbers."""

    SIGN_IN = "sign_in"
    SIGN_IN_FAILED = "sign_in_failed"
    VIEW = "view"
    SEARCH = "search"
    WRITE = "write"
    PRINT = "print"
    EXPORT = "export"
    API = "api"
    REFUSED = "refused"
    RIGHT_CHANGE = "right_change"
    FACTOR_RESET = "factor_reset"
    BREAK_GLASS = "break_glass"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    TRAIL_FAULT = "trail_fault"
    OTHER = "other"


class Mark(StrEnum):
    """印 — what whoever feeds the engine knows of an act beside the trail."""

    VISIT_TODAY = "visit_today"
    IN_CARE = "in_care"
    SELF = "self"
    COWORKER = "coworker"
    FAMILY = "family"
    VIP = "vip"
    SEALED = "sealed"
    CANARY = "canary"
    CANARY_CREDENTIAL = "canary_credential"
    OUTSIDE_SCOPE = "outside_scope"
    THROUGH_NETWORK = "through_network"
    ON_DUTY = "on_duty"
    RELATION_UNKNOWN = "relation_unknown"


class Act(NamedTuple):
    """行為 — ``actor`` is the member of staff, ``account`` the sign-in, ``target`` the account that an act changes.

    ``place`` is a prefecture number, with ``/site`` behind it where the network tells more; "" where it is not known.
    ``room`` is what was handled (``chart``, ``claims``); ``amount`` pages, patients or rows that left.
    """

    number: int
    at: datetime
    kind: ActKind
    institution: str = ""
    actor: str = ""
    account: str = ""
    roles: tuple[str, ...] = ()
    room: str = ""
    patient: str = ""
    patient_number: int = 0
    address: str = ""
    place: str = ""
    session: str = ""
    device: str = ""
    purpose: str = ""
    target: str = ""
    work_order: str = ""
    fault: str = ""
    amount: int = 0
    marks: frozenset[Mark] = frozenset()


def day_of(second: int) -> int:
    """日の番号 — in Japan, from the first of 1970."""
    return (second + JAPAN_SECONDS) // DAY_SECONDS


def hour_of(second: int) -> int:
    """時 — in Japan, 0 to 23.

    >>> hour_of(0)
    9
    """
    return (second + JAPAN_SECONDS) % DAY_SECONDS // 3600
