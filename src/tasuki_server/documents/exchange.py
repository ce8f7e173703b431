# SPDX-License-Identifier: Apache-2.0
"""引換番号の差込み口 — what 電子処方箋管理サービス gave for the prescriptions of a visit, from the room that asks it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tasuki_server.reception.models import Visit


class Issue(StrEnum):
    """交付のしかた — what may be handed over for one prescription."""

    PLAIN = "plain"  # 紙, not registered
    PAPER = "paper"  # 紙, registered: with its 引換番号
    ELECTRONIC = "electronic"  # 電子: the copy with the 引換番号, no prescription on paper
    WAITING = "waiting"  # not registered yet
    HELD = "held"  # the service holds another version that can no longer be changed


@dataclass(frozen=True, slots=True)
class Exchange:
    """引換番号 — of one prescription; ``symbol`` is the data of its two-dimensional symbol, ``replaces`` the number that became void."""

    issue: Issue = Issue.PLAIN
    number: str = ""
    replaces: str = ""
    symbol: bytes = b""


# By the number of refills: each is a prescription of its own.
ExchangeProvider = Callable[["Visit"], Mapping[int, Exchange]]


def _nobody(visit: Visit) -> Mapping[int, Exchange]:
    del visit
    return {}


_provider: list[ExchangeProvider] = [_nobody]


def register_exchange(provider: ExchangeProvider) -> None:
    """引換番号の提供元の登録 — the last one registered answers."""
    _provider[0] = provider


def exchanges_of(visit: Visit) -> Mapping[int, Exchange]:
    """引換番号 — of a visit's prescriptions."""
    return _provider[0](visit)
