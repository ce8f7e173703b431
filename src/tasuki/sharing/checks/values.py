# SPDX-License-Identifier: Apache-2.0
"""固定値とパターン — equality and containment of JSON values."""

from __future__ import annotations

import json
from typing import Any

from tasuki.sharing.fhirpath.values import equal


def contains(value: Any, pattern: Any) -> bool:
    """パターンの一致 — everything of the pattern stands in the value; items of a list in any order.

    Cite: FHIR R4 ElementDefinition.pattern[x]

    >>> contains({"coding": [{"code": "a", "display": "A"}]}, {"coding": [{"code": "a"}]})
    True
    """
    if type(pattern) is dict:
        return type(value) is dict and all(
            key in value and contains(value[key], each) for key, each in pattern.items()
        )
    if type(pattern) is list:
        return type(value) is list and all(any(contains(one, each) for one in value) for each in pattern)
    return equal(value, pattern)


def shown(value: Any) -> str:
    """値の表示 — short, for a sentence."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 120 else text[:120] + "…"
