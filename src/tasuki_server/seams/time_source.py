# SPDX-License-Identifier: Apache-2.0
"""仮想の時刻 — while it holds, whatever asks Django for the time, and every new identifier, is told another clock's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, tzinfo
from typing import Any

from django.utils import timezone

from tasuki_server.institutions.ids import milliseconds_of

Clock = Callable[[], datetime]


@contextmanager
def told_by(clock: Clock) -> Iterator[None]:
    """仮想の時刻の適用 — ``clock`` gives an aware instant.

    ``timezone.now`` is held by hundreds of columns as their default, so it is not replaced: what it reads is.
    """
    told = _datetime_of(clock)
    kept = timezone.datetime  # type: ignore[attr-defined]
    timezone.datetime = told  # type: ignore[attr-defined]
    try:
        with milliseconds_of(lambda: int(clock().timestamp() * 1000)):
            yield
    finally:
        timezone.datetime = kept  # type: ignore[attr-defined]


def _datetime_of(clock: Clock) -> type[datetime]:
    class AnyDatetime(type):
        """Every datetime is an instance: those who ask are asked about values that came before the clock."""

        def __instancecheck__(cls, value: object) -> bool:
            return isinstance(value, datetime)

    class Told(datetime, metaclass=AnyDatetime):
        """A datetime whose present is the clock's."""

        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Any:
            """The clock's present."""
            at = clock().astimezone(tz or UTC)
            return at if tz is not None else at.replace(tzinfo=None)

    return Told
