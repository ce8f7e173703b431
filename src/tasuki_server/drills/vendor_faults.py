# SPDX-License-Identifier: Apache-2.0
"""保守作業の訓練の欠陥 — one wall taken away at a time; each must show in what a vendor's person is given."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any
from unittest import mock

from tasuki.security.maintenance import Plan, Standing
from tasuki.security.permissions import Permission
from tasuki_server.drills.ground import as_superuser
from tasuki_server.drills.vendor import EVERYTHING, LITTLE, Asked, in_state, tried_once, whole_trail
from tasuki_server.drills.vendor_ground import Vendor, close_order, make_order

# Faults of what a page gives out: only a page that opens with an order can show them.
OF_WHAT_OPENS = frozenset({"files_given_out", "masks_off"})


def _moved_end(vendor: Vendor, asked: list[Asked]) -> int:
    """An order that has run out is lengthened in the table: pages open, and the comparison says it was not approved so."""
    from tasuki_server.maintenance.access import access_order
    from tasuki_server.maintenance.reading import reconciled

    order = make_order(vendor, Standing.OPEN, EVERYTHING, [vendor.named])
    close_order(vendor, order)
    with as_superuser() as owner:
        # A closed order opened again: its end is moved past the cut, and the cut is taken away.
        owner.execute(
            "DELETE FROM maintenance_workorderstep WHERE order_id = %s AND kind = 'end'", [order.id]
        )
        owner.execute(
            "UPDATE maintenance_workorder SET ends_at = ends_at + interval '1 day' WHERE id = %s", [order.id]
        )
    opened = sum(bool(tried_once(vendor, route, "get", frozenset()).fault) for route, _ in asked)
    with vendor.work():
        _, is_same = reconciled(access_order(order.id))
    close_order(vendor, order)
    return opened if opened and not is_same else 0


def _seen_with(fault: Callable[[], AbstractContextManager[Any]], scope: frozenset[Permission]) -> Any:
    def seen(vendor: Vendor, asked: list[Asked]) -> int:
        with fault():
            return sum(bool(each.fault) for each in in_state(vendor, asked, Standing.OPEN, scope))

    return seen


def _order_not_named(vendor: Vendor, asked: list[Asked]) -> int:
    from tasuki_server.maintenance import gate

    counts: Counter[str] = Counter()
    with mock.patch.object(gate, "note_acts", lambda *given, **named: None):
        in_state(vendor, asked, Standing.OPEN, EVERYTHING)
    whole_trail(vendor, counts)
    return counts["stray_events"]


CONTROLS: dict[str, Callable[[Vendor, list[Asked]], int]] = {
    "end_time_moved": _moved_end,
    "scope_ignored": _seen_with(lambda: mock.patch.object(Plan, "lends", lambda plan: EVERYTHING), LITTLE),
    "files_given_out": _seen_with(lambda: _given_out_planted(), EVERYTHING),
    "masks_off": _seen_with(lambda: _unmasked(), EVERYTHING),
    "order_not_noted": _order_not_named,
}


@contextmanager
def _given_out_planted() -> Iterator[None]:
    from tasuki_server.maintenance import gate

    with mock.patch.object(gate, "why_withheld", lambda answer, plan: ""):
        yield


@contextmanager
def _unmasked() -> Iterator[None]:
    from tasuki_server.maintenance import gate

    with mock.patch.object(gate, "masked", lambda plan: nullcontext()):
        yield
