# SPDX-License-Identifier: Apache-2.0
"""作業プロセス — processes of a pool, which end when the one that started them has ended, however it ended."""

from __future__ import annotations

import gc
import os
import sys
from collections import deque
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from threading import Thread
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Future

Item = TypeVar("Item")
Answer = TypeVar("Answer")
# Answers that may wait for an earlier one, of each process.
_AHEAD = 4


def end_with_parent() -> None:
    """親とともに終わる — an initializer for pools: a killed parent leaves no process behind that waits for work for ever."""
    parent = parent_process()
    if parent is not None:
        Thread(target=_end_after, args=(parent.sentinel,), daemon=True).start()


def _end_after(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)


def in_order(
    call: Callable[[Item], Answer],
    items: Iterable[Item],
    workers: int,
    opening: Callable[..., None],
    given: tuple[Any, ...],
    *,
    is_shared: bool = False,
) -> Iterator[Answer]:
    """作業プロセスの答え — of each item, in the order of the items, however the processes share them.

    ``opening`` is called with ``given`` once in each process before its first item. Only as many items are taken as the
    processes are ahead of the answers. With ``is_shared`` (where :func:`can_share`) the processes are copies of this one
    and what is given stays in its memory, once for all of them; no other thread may be at work then.
    """
    pool = ProcessPoolExecutor(
        workers,
        mp_context=get_context("fork" if is_shared else "spawn"),
        initializer=_opened,
        initargs=(opening, given),
    )
    waiting: deque[Future[Answer]] = deque()
    if is_shared:
        # A collector that went through what is shared would write to all of it, and so copy it.
        gc.collect()
        gc.freeze()
    try:
        for item in items:
            waiting.append(pool.submit(call, item))
            if len(waiting) >= workers * _AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
        if is_shared:
            gc.unfreeze()


def can_share() -> bool:
    """記憶の共有の可否 — whether copies of this process are safe here: macOS offers them, and its libraries do not bear it."""
    return sys.platform == "linux"


def _opened(opening: Callable[..., None], given: tuple[Any, ...]) -> None:
    end_with_parent()
    opening(*given)
