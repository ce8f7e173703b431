# SPDX-License-Identifier: Apache-2.0
"""引換番号の出所 — where the numbers of registered prescriptions come from; the room that registers says so when it starts.

The documents know nothing of registering: without that room no number is printed and none is recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from tasuki.prescriptions.contents import PrescriptionKey
from tasuki_server.reception.models import Visit


class RegisteredPrescription(NamedTuple):
    """登録した処方箋 — its 引換番号, whether it is an electronic one (then no paper may stand beside it), and the number it replaced.

    ``refusal`` is the key of the sentence that says why nothing may be handed over just now: it still waits for its number, or the
    service holds another version of it.
    """

    exchange_number: str
    is_electronic: bool = False
    replaces: str = ""
    refusal: str = ""


Source = Callable[[Visit], Mapping[PrescriptionKey, RegisteredPrescription]]
_sources: list[Source] = []


def register_source(source: Source) -> None:
    """引換番号の出所の登録 — gives the registered prescriptions of a visit, each by what sets it apart."""
    _sources.append(source)


def registered_prescriptions(visit: Visit) -> dict[PrescriptionKey, RegisteredPrescription]:
    """登録した処方箋 — those of a visit that are registered now; of cancelled ones none."""
    return {key: each for source in _sources for key, each in source(visit).items()}
