# SPDX-License-Identifier: Apache-2.0
"""交換のアドレス — the one table of interactions: requests are routed by it and the CapabilityStatement is made of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import NamedTuple

from tasuki_server.exchange import acting, conditional
from tasuki_server.exchange.asked import Asked
from tasuki_server.exchange.histories import history
from tasuki_server.exchange.searches import search
from tasuki_server.exchange.transactions import take_bundle
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
    Route("POST", (), "transaction", take_bundle, "トランザクションとバッチ"),
    Route("GET", ("_history",), "history-system", history, "全体の履歴"),
    Route("GET", ("T",), "search-type", search, "検索"),
    Route("POST", ("T", "_search"), "search-type", search, "検索（フォーム）"),
    Route("GET", ("T", "_history"), "history-type", history, "種類の履歴"),
    Route("POST", ("T",), "create", conditional.create, "作成"),
    Route("PUT", ("T",), "update", conditional.update_if, "条件付きの更新"),
    Route("DELETE", ("T",), "delete", conditional.delete_if, "条件付きの削除"),
    Route("PATCH", ("T",), "patch", conditional.patch_if, "条件付きの修正"),
    Route("GET", ("T", "I"), "read", acting.read, "読取り"),
    Route("PUT", ("T", "I"), "update", acting.update, "更新"),
    Route("PATCH", ("T", "I"), "patch", conditional.patch, "修正"),
    Route("DELETE", ("T", "I"), "delete", acting.delete, "削除"),
    Route("GET", ("T", "I", "_history"), "history-instance", history, "リソースの履歴"),
    Route("GET", ("T", "I", "_history", "V"), "vread", acting.vread, "版の読取り"),
)
