# SPDX-License-Identifier: Apache-2.0
"""作業プロセス — a process of a pool that ends when the one that started it has ended, however it ended."""

from __future__ import annotations

import os
from multiprocessing import parent_process
from multiprocessing.connection import wait
from threading import Thread


def end_with_parent() -> None:
    """親とともに終わる — an initializer for pools: a killed parent leaves no process behind that waits for work for ever."""
    parent = parent_process()
    if parent is not None:
        Thread(target=_end_after, args=(parent.sentinel,), daemon=True).start()


def _end_after(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)
