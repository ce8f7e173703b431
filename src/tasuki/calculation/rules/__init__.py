# SPDX-License-Identifier: Apache-2.0
"""算定ルール — rules by chapter of the fee table, a package each; importing this one registers them all.

A rule stands here only when no official table says it. One module per topic, named for it.
"""

from __future__ import annotations

from tasuki.calculation.rules import (
    anaesthesia,
    basic,
    drugs,
    general,
    home,
    imaging,
    injections,
    management,
    procedures,
    psychiatry,
    radiation,
    rehabilitation,
    surgery,
    tests,
)

__all__ = [
    "anaesthesia",
    "basic",
    "drugs",
    "general",
    "home",
    "imaging",
    "injections",
    "management",
    "procedures",
    "psychiatry",
    "radiation",
    "rehabilitation",
    "surgery",
    "tests",
]
