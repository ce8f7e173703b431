# SPDX-License-Identifier: Apache-2.0
"""拡張の点検 — every extension by its URL: value or inner extensions, its own definition, where it may stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tasuki.kernel.finding import Severity
from tasuki.sharing.fhirpath.values import CHOICES

if TYPE_CHECKING:
    from collections.abc import Callable

    from tasuki.sharing.checks.engine import Engine
    from tasuki.sharing.checks.run import Path, Run

    Check = Callable[[Any, Path, Run], None]

_VALUES = frozenset(mark + "value" + name for name in CHOICES for mark in ("", "_"))


def extension_check(engine: Engine) -> Check:
    """拡張の点検 — a value xor inner extensions (ext-1), and what the definition of the URL says."""

    def check(value: Any, path: Path, run: Run) -> None:
        has_inner = "extension" in value
        has_value = not _VALUES.isdisjoint(value)
        if has_inner is has_value:
            run.block("E-02", path)
        url = value.get("url")
        if type(url) is not str:
            return
        delta = engine.scoped_delta(url, run.scope)
        if delta is not None:
            if engine.is_extension(url):
                delta(value, path, run)
            else:
                run.block("E-03", path, url=url)
        elif ":" in url:
            is_own = url.startswith("http://hl7.org/fhir/StructureDefinition/") or url.startswith(
                "http://jpfhir.jp/"
            )
            run.tell("E-01", Severity.CONFIRM if is_own else Severity.ADVICE, path, url=url)

    return check
