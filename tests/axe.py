# SPDX-License-Identifier: Apache-2.0
"""アクセシビリティの点検 — axe-core over a page, from an environment of its own (requirements/axe.lock); no part of the product."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
MISSING = "axe-core is not installed: TASUKI_AXE, or .venv-axe with requirements/axe.lock (.ci/run makes it)"
# What shuts somebody out; lesser findings are told by the same run and not failed on.
SERIOUS = frozenset({"serious", "critical"})


def axe_script() -> Path | None:
    """The script, where one is installed."""
    named = os.environ.get("TASUKI_AXE")
    places = [Path(named)] if named else ROOT.glob(".venv-axe/lib/python*/site-packages/axe_playwright_python/axe.min.js")  # fmt: skip
    return next((each for each in places if each.is_file()), None)


def serious_faults(page: Any, script: Path) -> list[str]:
    """What axe finds on the page as it stands, of those that shut somebody out."""
    page.evaluate(script.read_text("utf-8"))
    told = page.evaluate(
        "axe.run(document, {resultTypes: ['violations'], runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']})"
    )
    return [
        f"{each['id']}: {node['html'][:160]}"
        for each in told["violations"]
        if each["impact"] in SERIOUS
        for node in each["nodes"]
    ]
