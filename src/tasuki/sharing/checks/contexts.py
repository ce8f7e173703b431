# SPDX-License-Identifier: Apache-2.0
"""拡張の置き場所 — whether an extension may stand where it stands, by the contexts its definition names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tasuki.kernel.finding import Severity
from tasuki.sharing.checks.run import written

if TYPE_CHECKING:
    from collections.abc import Callable

    from tasuki.sharing.checks.engine import Engine
    from tasuki.sharing.checks.run import Path, Run

    Check = Callable[[Any, Path, Run], None]

_ANYWHERE = frozenset(("Element", "BackboneElement", "DataType"))
_INDEX = re.compile(r"\[[0-9]+\]")
_INSIDE = re.compile(r".*\.(?:resource|contained)(?=\.|$)")


def context_check(engine: Engine, holder: str, code: str = "") -> Check:
    """置き場所の点検 — of the extensions of an element: ``holder`` as its type defines it, ``code`` of a primitive.

    A profile that names the extension in that place allows it, whatever the definition says.

    Cite: FHIR R4 StructureDefinition.context
    """
    is_root = holder in engine.type_profiles and engine.type_profiles[holder].kind == "resource"

    def check(value: Any, path: Path, run: Run) -> None:
        if type(value) is not list or holder == "Extension":
            return
        for number, each in enumerate(value):
            url = each.get("url") if type(each) is dict else None
            profile = engine.profiles.get(url) if type(url) is str else None
            if profile is None or not profile.contexts or not _ANYWHERE.isdisjoint(profile.contexts):
                continue
            named = profile.contexts
            if (
                holder in named
                or code in named
                or (is_root and not {"Resource", "DomainResource"}.isdisjoint(named))
            ):
                continue
            run.asked += 1
            if _place(path, run) in named or engine.names_extension(run.environment.resource, str(url)):
                continue
            # Contexts of FHIR's own extensions are known to be too narrow: its own examples go past them.
            severity = Severity.CONFIRM if str(url).startswith("http://hl7.org/") else Severity.BLOCK
            run.tell("E-04", severity, (path, f"[{number}]"), url=url, wanted="・".join(named))

    return check


def _place(path: Path, run: Run) -> str:
    """The element that holds the extension, as written from its resource: ``Patient.name``."""
    whole = _INDEX.sub("", written(path)).rpartition(".")[0]
    inner = _INSIDE.sub("", whole)
    kind = str(run.environment.resource.get("resourceType"))
    return kind + inner if inner != whole else whole.replace("._", ".")
