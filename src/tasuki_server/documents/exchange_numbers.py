# SPDX-License-Identifier: Apache-2.0
"""引換番号の出所 — where the numbers of registered prescriptions come from; the room that registers says so when it starts.

The documents know nothing of registering: without that room no number is printed and none is recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tasuki_server.reception.models import Visit

Source = Callable[[Visit], Mapping[int, str]]
_sources: list[Source] = []


def register_source(source: Source) -> None:
    """引換番号の出所の登録 — gives the number of a visit's prescription by its count of refills (0 without)."""
    _sources.append(source)


def exchange_numbers(visit: Visit) -> dict[int, str]:
    """引換番号 — of the prescriptions of a visit that are registered now."""
    return {refills: number for source in _sources for refills, number in source(visit).items()}
