# SPDX-License-Identifier: Apache-2.0
"""取込みの一つの処理 — what a process of the bulk load begins with; Django is set up before anything of it is read."""

from __future__ import annotations

from typing import Any
from uuid import UUID


def begin(conninfo: str, institution: UUID) -> None:
    """処理の開始 — a loop, connections, and for whom it writes."""
    import django

    django.setup()
    from tasuki_server.exchange.loading import begin_worker

    begin_worker(conninfo, institution)


def take(batch: list[tuple[int, bytes]]) -> Any:
    """一組の取込み — of lines with their numbers."""
    from tasuki_server.exchange.loading import take_batch

    return take_batch(batch)
