# SPDX-License-Identifier: Apache-2.0
"""処方の警告 — what a check of a prescription tells, as a value."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tasuki.kernel.messages import registered
from tasuki.prescriptions.safety import messages as _messages  # noqa: F401
from tasuki.prescriptions.safety.rows import Tier

if TYPE_CHECKING:
    from collections.abc import Mapping

_ORDER = {Tier.STOP: 0, Tier.CAUTION: 1, Tier.INFO: 2}


class Alert(NamedTuple):
    """処方の警告 — one thing told of one drug of a prescription.

    ``where`` and ``beside`` are the places of the drug and, where the other one stands in the prescription too, of
    that. ``cause`` stays the same as long as what is told does, so that a reason given for it stays with it.
    """

    code: str
    tier: Tier
    where: str
    facts: tuple[tuple[str, str], ...]
    cite: str
    message_key: str
    cause: str = ""
    beside: str = ""

    def fact(self, name: str) -> str:
        """事実 — one of the facts, "" when the alert has none of that name."""
        return next((value for key, value in self.facts if key == name), "")


def alert_order(alert: Alert) -> tuple[str, int, str, str, str, str]:
    """警告の順 — by place, the gravest first, then code and cause: the order of entry does not show."""
    return (alert.where, _ORDER[alert.tier], alert.code, alert.cause, alert.beside, alert.message_key)


def alert_sentence(alert: Alert) -> str:
    """警告文 — the alert in Japanese.

    >>> alert_sentence(Alert("RX-A-10", Tier.CAUTION, "1", (("substance", "架空薬"),), "", "prescription.safety.RX-A-10"))
    'アレルギー: 架空薬 の記録があります。'
    """
    return _sentences()[alert.message_key].format_map(dict(alert.facts))


def _sentences() -> Mapping[str, str]:
    return registered()
