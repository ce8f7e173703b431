# SPDX-License-Identifier: Apache-2.0
"""架空の患者 — made-up people and visits for tests; call inside ``clinic.work()``."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

TOKYO = ZoneInfo("Asia/Tokyo")


def make_patient(
    name: str = "架空 太郎", kana: str = "カクウ タロウ", born: date = date(1960, 4, 1), **given: Any
) -> Any:
    """A registered patient."""
    from tasuki_server.patients.register import WhoTheyAre, register_patient

    return register_patient(WhoTheyAre(name, kana, born, given.pop("sex", "male"), **given))


def make_insurance(patient: Any, **given: Any) -> Any:
    """An employees' insurance from 2024-04-01, open."""
    from tasuki.chart.coverage import Insurance, InsuranceKind
    from tasuki.kernel.validity import Validity
    from tasuki_server.patients.records import add_insurance

    members: dict[str, Any] = {
        "kind": InsuranceKind.EMPLOYEES,
        "insurer_number": "01130012",
        "symbol": "12345",
        "number": "678",
        **given,
    }
    days = members.pop("days", Validity(date(2024, 4, 1)))
    return add_insurance(patient, Insurance(**members), days, None)


def make_visit(patient: Any, at: datetime = datetime(2026, 6, 15, 9, 30, tzinfo=TOKYO), **given: Any) -> Any:
    """A reception, by default on Monday 2026-06-15 at 9:30."""
    from tasuki_server.reception.receive import Arrival, receive_patient

    return receive_patient(patient, Arrival(**given), at)
