# SPDX-License-Identifier: Apache-2.0
"""利用者の手順 — what the Python clients share: where to ask, made-up resources, and a line told for each step."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any
from uuid import uuid4

BASE, TOKEN = os.environ["FHIR_BASE"], os.environ["FHIR_TOKEN"]
SYSTEM = f"urn:outside:{uuid4()}"
URN = "urn:uuid:7f8c2f0e-3b2a-4f57-9c50-5a1b1d0f0a11"


class Steps:
    """手順 — of one client, told one by one."""

    def __init__(self, client: str) -> None:
        self.client = client

    def __call__(
        self, what: str, wanted: str, act: Callable[[], Any], *, raising: type[Exception] | None = None
    ) -> Any:
        """一歩 — what ``act`` gives must be true, or it must raise ``raising``; gives what came."""
        came: Any = None
        try:
            came = act()
            is_right, said = bool(came) and raising is None, _short(came)
        except Exception as fault:  # noqa: BLE001 - whatever a client raises is what came
            is_right, said = (
                raising is not None and isinstance(fault, raising),
                f"{type(fault).__name__}: {fault}",
            )
        told = {
            "client": self.client,
            "what": what,
            "wanted": wanted,
            "came": said[:300],
            "is_right": is_right,
        }
        print(json.dumps(told, ensure_ascii=False), flush=True)
        return came


def _short(came: Any) -> str:
    return "yes" if came is True else getattr(came, "resource_type", None) or str(came)[:80]


def patient(value: str) -> dict[str, Any]:
    """架空の患者."""
    return {
        "resourceType": "Patient", "identifier": [{"system": SYSTEM, "value": value}],
        "name": [{"family": "架空", "given": ["次郎"]}], "gender": "male", "birthDate": "1970-01-02",
    }  # fmt: skip


def observation(subject: str, code: str) -> dict[str, Any]:
    """架空の結果."""
    return {
        "resourceType": "Observation", "status": "final", "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
        "subject": {"reference": subject}, "effectiveDateTime": "2026-10-01T09:00:00+09:00",
        "valueQuantity": {"value": 6.1, "unit": "%", "system": "http://unitsofmeasure.org", "code": "%"},
    }  # fmt: skip
