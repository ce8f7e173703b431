# SPDX-License-Identifier: Apache-2.0
"""まとめ送り — statements that go to the database together, each without waiting for the answer to the one before."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections


@contextmanager
def sent_together() -> Iterator[None]:
    """まとめ送り — around one whole transaction: whoever reads an answer waits for what was sent before it, nobody else does.

    A short transaction of many statements spends most of its time on the way. What fails is told at the next answer that is
    read, at the latest by the commit, and then nothing of the transaction is kept.
    """
    wrapper = connections["default"]
    wrapper.ensure_connection()
    with wrapper.connection.pipeline():
        yield
