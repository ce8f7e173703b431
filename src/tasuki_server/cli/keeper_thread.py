# SPDX-License-Identifier: Apache-2.0
"""番の糸 — what is looked after while everything runs, in a thread that ends when it is told to."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable

from tasuki_server.cli.words import Alarm


class KeeperThread(ABC):
    """番 — begins, ends, and tells a fault once; ``patience`` is how many seconds its end is waited for."""

    patience = 5.0

    def __init__(self, name: str) -> None:
        self._ended = threading.Event()
        self._alarm = Alarm()
        self._thread = threading.Thread(target=self._keep, name=name, daemon=True)

    def start(self) -> None:
        """始め."""
        self._thread.start()

    def stop(self) -> None:
        """終わり — what is under way may be cut: everything that is kept can be done again."""
        self._ended.set()
        if self._thread.ident is not None:
            self._thread.join(self.patience)

    def _each_time(self, attend: Callable[[], object], seconds: float) -> None:
        """At once, and again after so many seconds, until ``_ended`` is set; between rounds no connection is held."""
        from tasuki_server.database.session import leave

        while True:
            attend()
            leave()
            if self._ended.wait(seconds):
                return

    @abstractmethod
    def _keep(self) -> None:
        """Until ``_ended`` is set."""
