# SPDX-License-Identifier: Apache-2.0
"""算定の手順 — the whole algorithm as one tuple; the order is visible here and nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasuki.calculation.adopt_additions import adopt_additions
from tasuki.calculation.apply_conditions import apply_conditions
from tasuki.calculation.apply_exclusions import apply_exclusions, exclude_again
from tasuki.calculation.apply_inclusions import apply_inclusions
from tasuki.calculation.apply_limits import apply_limits
from tasuki.calculation.ask_rules import (
    check_conditions,
    check_standing,
    propose_additions,
    propose_base,
)
from tasuki.calculation.bundle_tests import bundle_tests
from tasuki.calculation.check_payer import check_payer
from tasuki.calculation.decide_visit_kind import decide_visit_kind
from tasuki.calculation.drop_orphans import drop_orphans
from tasuki.calculation.price import price
from tasuki.calculation.read_orders import read_orders

if TYPE_CHECKING:
    from collections.abc import Callable

    from tasuki.calculation.draft import Draft

PASSES: tuple[Callable[[Draft], Draft], ...] = (
    check_payer,
    read_orders,
    decide_visit_kind,
    propose_base,
    propose_additions,
    adopt_additions,
    apply_conditions,
    check_conditions,
    apply_limits,
    apply_exclusions,
    apply_inclusions,
    exclude_again,
    check_standing,
    drop_orphans,
    bundle_tests,
    price,
)
