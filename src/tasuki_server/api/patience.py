# SPDX-License-Identifier: Apache-2.0
"""失敗の抑制 — who fails too often at a door of machines waits, by the address the request came from; alike at every door."""

from __future__ import annotations

from tasuki_server.api.allowance import Allowance
from tasuki_server.api.refusals import Refused, Scope
from tasuki_server.settings_table import flag

# Failures of one address: ten at once, then one in six seconds.
FAILURE_RATE, FAILURE_BURST = 1 / 6, 10
WAIT_SECONDS = 60


class Patience:
    """失敗の抑制 — of one door."""

    def __init__(self) -> None:
        self.failures = Allowance(FAILURE_RATE, FAILURE_BURST)
        self._is_behind_proxy = flag("TASUKI_BEHIND_PROXY")

    def address(self, scope: Scope, headers: dict[bytes, bytes]) -> str:
        """送信元のアドレス — told by the proxy where there is one."""
        if self._is_behind_proxy and b"x-forwarded-for" in headers:
            return headers[b"x-forwarded-for"].decode("latin-1").rpartition(",")[2].strip()
        return str((scope.get("client") or ("",))[0])

    def require_patience(self, address: str) -> None:
        """待ちの確認 — of an address that failed too often. Raises :class:`Refused`."""
        if not self.failures.has(address):
            retry = [(b"retry-after", str(WAIT_SECONDS).encode())]
            raise Refused("too-many", "照合の失敗が続いています。", retry)

    def note_failure(self, address: str) -> None:
        """失敗の記録 — a token or a proof of this address was none."""
        self.failures.take(address)
