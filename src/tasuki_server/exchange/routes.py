# SPDX-License-Identifier: Apache-2.0
"""交換のアドレス — the one table of interactions: requests are routed by it and the CapabilityStatement is made of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import NamedTuple

from tasuki_server.exchange import acting
from tasuki_server.exchange.asked import Asked
from tasuki_server.platform.engine import Reply

Act = Callable[[Asked], Awaitable[Reply]]


class Route(NamedTuple):
    """交換のアドレス — a method, the shape of the path, and who answers. ``code`` is FHIR's of the interaction.

    Shapes: T a type of resource, I an identifier, V a version; anything else stands as it is.
    """

    method: str
    shape: tuple[str, ...]
    code: str
    act: Act
    term: str

    @property
    def is_of_system(self) -> bool:
        """全体の操作か — of the whole and of no type."""
        return "T" not in self.shape


ROUTES = (
    Route("GET", ("T", "I"), "read", acting.read, "読取り"),
    Route("GET", ("T", "I", "_history", "V"), "vread", acting.vread, "版の読取り"),
    Route("POST", ("T",), "create", acting.create, "作成"),
    Route("PUT", ("T", "I"), "update", acting.update, "更新"),
    Route("DELETE", ("T", "I"), "delete", acting.delete, "削除"),
)
