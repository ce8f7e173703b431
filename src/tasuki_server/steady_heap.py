# SPDX-License-Identifier: Apache-2.0
"""常駐物の据置き — what a process loaded once and keeps is taken out of the sight of the garbage collector."""

from __future__ import annotations

import gc

# Requests leave few cycles behind: looking for them after every 700 new objects costs more than it finds.
YOUNG = 20_000


def collect_seldom() -> None:
    """まれな回収 — for whatever loads much and ends soon, as commands do."""
    gc.set_threshold(YOUNG, *gc.get_threshold()[1:])


def keep_heap_still() -> None:
    """常駐物の据置き — called once when everything that stays has been loaded.

    A full collection looks at every object: modules, views and tables are some hundred thousand, and all
    requests wait while it does. What is made afterwards is collected as ever.
    """
    gc.collect()
    gc.freeze()
    collect_seldom()
