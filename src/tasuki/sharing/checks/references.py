# SPDX-License-Identifier: Apache-2.0
"""参照の点検 — what a Reference points at: contained, in the same Bundle, or elsewhere, and of which type."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tasuki.kernel.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Callable

    from tasuki.sharing.checks.engine import Engine
    from tasuki.sharing.checks.run import Path, Run

    Check = Callable[[Any, Path, Run], None]

# Cite: FHIR R4 references, literal references
_LITERAL = re.compile(
    r"(?:(?:https?|urn|[a-z]+)://?(?:[^/\s]*/)*|/)?([A-Z][A-Za-z]+)/[A-Za-z0-9\-.]{1,64}(?:/_history/[A-Za-z0-9\-.]{1,64})?(?:#.*)?"
)
_ABSOLUTE = re.compile(r"[a-z][a-z0-9+.\-]*:\S+", re.IGNORECASE)


def reference_check() -> Check:
    """参照の点検 — its form, and that a ``#`` or ``urn:uuid:`` reference is answered."""

    def check(value: Any, path: Path, run: Run) -> None:
        text = value.get("reference")
        if type(text) is not str:
            return
        if text[:1] == "#":
            if run.resolve(text) is None:
                run.block("R-02", (path, ".reference"), found=text)
            return
        found = run.resolve(text)
        if found is not None:
            told = value.get("type")
            if type(told) is str and told != found.get("resourceType"):
                run.block("R-06", path, told=told, found=found.get("resourceType"))
            return
        if text[:4] == "urn:":
            if run.closed_kind is not None:
                run.block("R-03", (path, ".reference"), found=text)
            return
        if run.closed_kind == "document" and _ABSOLUTE.match(text) is None:
            run.tell("R-03W", Severity.CONFIRM, (path, ".reference"), found=text)
        match = _LITERAL.fullmatch(text)
        if match is None or (match[1] not in run.engine.resource_types and "://" not in text):
            if _ABSOLUTE.fullmatch(text) is None and "?" not in text:
                run.block("R-04", (path, ".reference"), found=text)
            return
        told = value.get("type")
        if type(told) is str and match[1] in run.engine.resource_types and told != match[1]:
            run.block("R-06", path, told=told, found=match[1])

    return check


def target_type(value: dict[str, Any], run: Run) -> tuple[str | None, dict[str, Any] | None]:
    """参照先の種類 — by what is resolved, else by the text of the reference, else by its ``type``."""
    found = run.resolve(value)
    if found is not None:
        kind = found.get("resourceType")
        return (kind if type(kind) is str else None), found
    text = value.get("reference")
    if type(text) is str:
        match = _LITERAL.fullmatch(text)
        if match is not None and match[1] in run.engine.resource_types:
            return match[1], None
    told = value.get("type")
    return (told if type(told) is str and told in run.engine.resource_types else None), None


def target_check(engine: Engine, targets: tuple[str, ...], *, is_base: bool) -> Check:
    """参照先の点検 — its type, and in a profile whether what is here conforms to one of the profiles."""
    types: dict[str, list[str]] = {}
    for url in targets:
        types.setdefault(engine.type_of(url), []).append(url)
    if "Resource" in types or "" in types:
        types = {}
    wanted = "・".join(sorted(types))

    def check(value: Any, path: Path, run: Run) -> None:
        if type(value) is not dict or not types:
            return
        kind, found = target_type(value, run)
        if kind is None:
            return
        if kind not in types:
            run.block("R-01", path, found=kind, wanted=wanted)
            return
        if found is None or is_base:
            return
        if run.quiet_depth:
            # Left out of a trial, so what a trial finds says nothing of it.
            run.asked += 1
            return
        profiles = [url for url in types[kind] if not engine.is_base(url)]
        if len(profiles) == len(types[kind]) and not any(
            run.engine.conforms(found, url, run) for url in profiles
        ):
            run.tell("R-05", Severity.CONFIRM, path, profiles="・".join(profiles))

    return check
