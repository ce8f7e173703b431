# SPDX-License-Identifier: Apache-2.0
"""ルールの事例 — the readable cases that name each rule, gathered from the tests into one file the pages can read."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from tasuki_server.database.places import home

NAME = "rule-cases.json"


def gather_cases() -> str:
    """事例の収集 — from tests/cases/calculation: name, day, source, and whether the rule fires."""
    import yaml

    found: dict[str, list[dict[str, Any]]] = {}
    for path in sorted((home() / "tests" / "cases" / "calculation").rglob("*.yaml")):
        for case in yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader) or []:
            for rule_id, fires in _named(case):
                found.setdefault(rule_id, []).append(
                    {
                        "name": case["name"],
                        "day": str(case["day"]),
                        "cite": case.get("qa") or case["cite"],
                        "fires": fires,
                        "file": path.stem,
                    }
                )
    return json.dumps(dict(sorted(found.items())), ensure_ascii=False, indent=1) + "\n"


def cases_of(rule_id: str) -> list[dict[str, Any]]:
    """ルールの事例 — of one rule; none where the file was not shipped."""
    return _all().get(rule_id, [])


def _named(case: dict[str, Any]) -> list[tuple[str, bool]]:
    one = {case["rule"]: bool(case.get("fires", True))} if "rule" in case else {}
    return list({**one, **case.get("rules", {})}.items())


@cache
def _all() -> dict[str, list[dict[str, Any]]]:
    path = home() / "docs" / "reference" / NAME
    try:
        made: dict[str, list[dict[str, Any]]] = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    return made
