# SPDX-License-Identifier: Apache-2.0
"""保守作業の訓練 — every address of the resolver as a vendor's person, before, inside, outside and after a work order.

What should open is reckoned here from the order and the permissions a page declares, not asked of the gate. The control plants
five faults: an end time that can be moved, a scope that is not asked, files that are given out, masks that are off, and a
trail that does not name the order.
"""

from __future__ import annotations

import logging
import random
from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple
from uuid import uuid4

from tasuki.security.maintenance import LENDABLE, Standing
from tasuki.security.permissions import Permission
from tasuki_server.accounts.addresses import Address, Parameter, addresses
from tasuki_server.drills.drill import Drill, Finding, Tier
from tasuki_server.drills.ground import as_superuser, training_ground
from tasuki_server.drills.vendor_ground import OTHER_WORDS, Vendor, close_order, make_order, make_vendor

ORDERS = {Tier.PUSH: 10, Tier.LONG: 1000}
ACTS = 8
# No row, no such method, nothing that could be read: whatever is planted, nothing comes of it.
NOTHING_THERE = frozenset({400, 404, 405})
EVERYTHING = frozenset(LENDABLE)
LITTLE = frozenset({Permission.MASTERS_VIEW})


# 試すこと: a route, and how it is asked.
Asked = tuple[Address, str]


class Tried(NamedTuple):
    """試した操作 — what came of one request, and what was wrong with it ("": nothing)."""

    asked: Asked
    status: int
    may_open: bool
    is_waiting: bool
    fault: str


def run(tier: Tier, seed: int, tell: Callable[[str], None]) -> Finding:
    """保守作業の訓練 — the matrix, random orders with their comparison, then each planted fault."""
    logging.disable(logging.ERROR)
    try:
        with training_ground():
            return _drilled(tier, seed, tell)
    finally:
        logging.disable(logging.NOTSET)


def _drilled(tier: Tier, seed: int, tell: Callable[[str], None]) -> Finding:
    from tasuki_server.drills.vendor_faults import CONTROLS, OF_WHAT_OPENS

    vendor, routes, chosen = make_vendor(), routes_of_clinic(), random.Random(seed)  # noqa: S311 - to be repeated
    lendable = [each for each in routes if needs_of(each) and EVERYTHING.issuperset(needs_of(each))]
    before = rows_of_patients()
    faults: list[str] = []
    counts: Counter[str] = Counter()
    for place, (name, standing, scope) in enumerate(STATES):
        # Closed states close alike: with every run each takes a third of the routes, on demand all of them. What is open
        # for little takes those besides that something could open.
        asked = routes[place % 3 :: 3]
        if tier is Tier.LONG or (standing, scope) == (Standing.OPEN, EVERYTHING):
            asked = routes
        elif standing is Standing.OPEN:
            asked = [each for each in routes if each in asked or each in lendable]
        tried = in_state(vendor, by_turns(asked, both=tier is Tier.LONG), standing, scope)
        if standing is Standing.OPEN and scope == EVERYTHING:
            answered = [each.asked for each in tried if each.may_open and each.status not in NOTHING_THERE]
        counts["requests"] += len(tried)
        counts["opened"] += sum(each.status < 400 and not each.is_waiting for each in tried)
        faults += [f"{name}: {each.fault}" for each in tried if each.fault]
    counts["routes"], counts["states"] = len(routes), len(STATES)
    tell(f"{counts['requests']} requests in {len(STATES)} states")
    for number in range(ORDERS[tier]):
        faults += _random_order(vendor, routes, chosen, counts)
        if number % 100 == 99:
            tell(f"{number + 1} orders")
    faults += whole_trail(vendor, counts)
    if rows_of_patients() != before:
        faults.append("保守作業で患者の表の行が変わりました。")
    control = {
        name: planted(vendor, answered if name in OF_WHAT_OPENS else by_turns(lendable))
        for name, planted in CONTROLS.items()
    }
    return Finding(
        {"acts_outside": len(faults), **counts}, tuple(faults[:40]), control, all(control.values())
    )


STATES: tuple[tuple[str, Standing | None, frozenset[Permission]], ...] = (
    ("指示なし", None, EVERYTHING),
    ("承認前", Standing.ASKED, EVERYTHING),
    ("却下", Standing.REFUSED, EVERYTHING),
    ("開始前", Standing.WAITING, EVERYTHING),
    ("作業中・範囲内", Standing.OPEN, EVERYTHING),
    ("作業中・範囲外", Standing.OPEN, LITTLE),
    ("時間切れ", Standing.OVER, EVERYTHING),
    ("遮断", Standing.CUT, EVERYTHING),
)


def by_turns(routes: list[Address], *, both: bool = False) -> list[Asked]:
    """試し方 — each route read and written, or one of both by turns."""
    return [
        (route, method)
        for number, route in enumerate(routes)
        for method in (("get", "post") if both else (("get", "get", "post")[number % 3],))
        # It would end the order that is drilled.
        if route.name != "maintenance:waiting_end"
    ]


def in_state(
    vendor: Vendor, asked: list[Asked], standing: Standing | None, scope: frozenset[Permission]
) -> list[Tried]:
    """状態ごとの試し — each route with an order of this state."""
    order = None if standing is None else make_order(vendor, standing, scope, [vendor.named])
    open_scope = scope if standing is Standing.OPEN else frozenset()
    tried = [tried_once(vendor, route, method, open_scope) for route, method in asked]
    if standing in (Standing.OPEN, Standing.WAITING):
        close_order(vendor, order)
    return tried


def tried_once(vendor: Vendor, route: Address, method: str, scope: frozenset[Permission]) -> Tried:
    """一つの操作 — refused where nothing lends the page; where it opens, text only and nobody unnamed in it."""
    answer = getattr(vendor.browser, method)(filled(vendor, route))
    is_waiting = needs_of(route) == (Permission.MAINTENANCE_WAIT,)
    may_open = is_waiting or (bool(needs_of(route)) and scope >= set(needs_of(route)))
    if may_open and method == "post" and not is_waiting:
        may_open = all(LENDABLE[each].may_write for each in needs_of(route))
    said = f"{method.upper()} {route.name} ({answer.status_code})"
    fault = ""
    if not may_open and answer.status_code != 403:
        fault = f"{said} が開きます。"
    elif answer.status_code >= 500:
        fault = f"{said} が失敗します。"
    elif answer.status_code == 200:
        fault = _given_out(answer, said)
    return Tried((route, method), answer.status_code, may_open, is_waiting, fault)


def _given_out(answer: Any, said: str) -> str:
    if (
        answer.streaming
        or answer.get("Content-Disposition")
        or not answer["Content-Type"].startswith("text/html")
    ):
        return f"{said} がファイルを渡します。"
    text = answer.content.decode()
    return next((f"{said} に指定のない患者が見えます。" for word in OTHER_WORDS if word in text), "")


def _random_order(
    vendor: Vendor, routes: list[Address], chosen: random.Random, counts: Counter[str]
) -> list[str]:
    """無作為な作業指示 — any state, scope and acts; then the trail must compare as the ledger kept here says."""
    from tasuki_server.maintenance.access import access_order
    from tasuki_server.maintenance.reading import reconciled

    standing = chosen.choice([*[Standing.OPEN] * len(Standing), *Standing])
    standing = Standing.ASKED if standing is Standing.LAPSED else standing
    scope = frozenset(chosen.sample(sorted(LENDABLE), chosen.randint(1, len(LENDABLE))))
    order = make_order(vendor, standing, scope, chosen.choice([[], [vendor.named]]))
    open_scope = scope if standing is Standing.OPEN else frozenset()
    inner = [each for each in routes if open_scope.issuperset(needs_of(each))] or routes
    tried = []
    for _ in range(ACTS):
        route = chosen.choice(chosen.choice([inner, routes]))
        # The waiting page's own acts (ending, asking) would change what is compared here.
        if route.name.startswith("maintenance:waiting_"):
            continue
        tried.append(tried_once(vendor, route, chosen.choice(["get", "get", "post"]), open_scope))
    if standing in (Standing.OPEN, Standing.WAITING):
        close_order(vendor, order)
    with vendor.work():
        found, is_same = reconciled(access_order(order.id))
    counts["orders"] += 1
    counts["acts"] += len(tried)
    faults = [each.fault for each in tried if each.fault]
    if found.outside or (not is_same and standing is not Standing.OVER):
        faults.append(f"作業指示 {order.number}: 計画外 {len(found.outside)} 件、承認の記録と一致 {is_same}")
    if standing is Standing.OPEN:
        done = sum(each.status < 400 and not each.is_waiting for each in tried)
        refused = sum(each.status in (403, 404) for each in tried)
        if len(found.refused) != refused or len(found.inside) < done:
            faults.append(
                f"作業指示 {order.number}: 操作 {done}・拒否 {refused} 件に、記録は {len(found.inside)}・{len(found.refused)} 件"
            )
        counts["reconciled"] += len(found.inside) + len(found.refused)
    return faults


def whole_trail(vendor: Vendor, counts: Counter[str]) -> list[str]:
    """証跡全体の照合 — every event of the vendor's person is refused, about their own account, or of an open order."""
    from tasuki_server.audit.models import AuditEvent
    from tasuki_server.maintenance.plans import orders
    from tasuki_server.maintenance.reading import act_of, is_planned_by_any, plan_as_approved

    with vendor.work():
        plans = {order.id: plan_as_approved(order)[0] for order in orders()}
        events = AuditEvent.objects.filter(staff_id=vendor.person.staff_id)
        acts = [act_of(each) for each in events.order_by("number").iterator()]
    stray = [each for each in acts if not is_planned_by_any(plans, each)]
    counts["events"] = len(acts)
    counts["stray_events"] = len(stray)
    return [f"記録 {each.number} {each.action} は、どの作業指示にも当たりません。" for each in stray[:10]]


def rows_of_patients() -> dict[str, int]:
    """患者の表の行数 — of every masked table; the vendor's acts must leave them as they are."""
    from tasuki_server.maintenance.masking import masked_models

    found = {}
    with as_superuser() as owner:
        for model in masked_models():
            row = owner.execute(
                f"SELECT hashtext(string_agg(t::text, '' ORDER BY id)) FROM \"{model._meta.db_table}\" t"  # type: ignore[arg-type]  # noqa: S608 - names from the models
            ).fetchone()
            found[model._meta.db_table] = row[0] if row else 0
    return found


def routes_of_clinic() -> list[Address]:
    """すべてのアドレス — but the public ones and those of one's own account, which show nothing of the clinic."""
    from tasuki_server.accounts.pages import ENROLMENT_PAGES, OWN_ACCOUNT_PAGES, PUBLIC_PAGES

    skipped = PUBLIC_PAGES | OWN_ACCOUNT_PAGES | ENROLMENT_PAGES
    return [each for each in addresses() if each.name not in skipped]


def needs_of(route: Address) -> tuple[Permission, ...]:
    """アドレスに要る権限 — as its view declares them."""
    return tuple(getattr(route.view, "permissions", ()))


def filled(vendor: Vendor, route: Address) -> str:
    """アドレス — with the patient that no order names, so that what opens opens on the wrong one."""

    def value_of(parameter: Parameter) -> object:
        if parameter.kind == "uuid":
            return vendor.visits[vendor.other.id] if parameter.name == "visit_id" else uuid4()
        if "number" in parameter.name:
            return vendor.other.number
        return {"int": "2026", "month": "2026-06", "day": "2026-06-15"}.get(parameter.kind, "x")

    return route.filled(value_of)


VENDOR = Drill(
    name="vendor",
    title="保守業者の作業",
    goal="作業指示の時間と範囲の外で、保守業者の操作が一つも通らず、操作の記録と計画の照合が一致する",
    run=run,
)
