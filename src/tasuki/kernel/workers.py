# SPDX-License-Identifier: Apache-2.0
"""作業プロセス — processes of a pool, which end when the one that started them has ended, however it ended."""

from __future__ import annotations

import os
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
) -> Iterator[Answer]:
    """作業プロセスの答え — of each item, in the order of the items, however the processes share them.

    ``opening`` is called with ``given`` once in each process before its first item. Only as many items are taken as the
    processes are ahead of the answers.
    """
    pool = ProcessPoolExecutor(
        workers, mp_context=get_context("spawn"), initializer=_opened, initargs=(opening, given)
    )
    waiting: deque[Future[Answer]] = deque()
    try:
        for item in items:
            waiting.append(pool.submit(call, item))
            if len(waiting) >= workers * _AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _opened(opening: Callable[..., None], given: tuple[Any, ...]) -> None:
    end_with_parent()
    opening(*given)
