# SPDX-License-Identifier: Apache-2.0
"""リソースの周り — what a resource claims, and what stands around the one being checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tasuki.sharing.fhirpath.values import Environment

if TYPE_CHECKING:
    from tasuki.sharing.checks.run import Run


def claims(value: dict[str, Any]) -> list[str]:
    """名乗るプロファイル — of meta.profile, as written."""
    meta = value.get("meta")
    claimed = meta.get("profile") if type(meta) is dict else None
    return [each for each in claimed if type(each) is str] if type(claimed) is list else []


def enter(run: Run, value: dict[str, Any], *, is_contained: bool = False) -> tuple[Any, ...]:
    """中に入る — what an expression and a reference mean inside this resource; returns what was before."""
    kept = (run.environment, run.container, run.contained)
    root = value
    if is_contained or any(each is value for each in run.contained.values()):
        root = run.container
    else:
        run.container = value
        inner = value.get("contained")
        run.contained = {
            each["id"]: each
            for each in (inner if type(inner) is list else ())
            if type(each) is dict and type(each.get("id")) is str
        }
    run.environment = Environment(value, root, run.resolve, None, None)
    return kept


def leave(run: Run, kept: tuple[Any, ...]) -> None:
    """外に出る — as it was before."""
    run.environment, run.container, run.contained = kept
