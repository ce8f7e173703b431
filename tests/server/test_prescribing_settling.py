# SPDX-License-Identifier: Apache-2.0
"""処方の整え — a wish for a brand is never dropped, and what is said of leftovers is that of the whole prescription."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from calculation.payers.test_elective_lines import BRAND, TWIN, book_with_twin, visit_with
from tasuki.calculation.payers.elective_lines import elective_lines
from tasuki.chart.orders import BrandReason, Dispensing, Item, Order, OrderKind, ResidualAction
from tasuki_server.orders.basket import Basket, Line, copy_orders
from tasuki_server.orders.prescribing import without_wish
from tasuki_server.orders.settling import settled, with_residual
from tasuki_server.orders.table import order_blocks

DAY = date(2026, 10, 5)
ORDER = Order("a", OrderKind.INTERNAL, (Item(BRAND, Decimal(2)),), 28, usage="朝", dispensing=Dispensing.OUTSIDE)  # fmt: skip


def test_a_twin_without_a_reason_is_wished_and_stays_on_the_bill():
    book = book_with_twin().at(DAY)
    for item in (Item(TWIN, Decimal(2)), Item(TWIN, Decimal(2), is_generic_name=True)):
        for where in (Dispensing.IN_HOUSE, None):
            older = replace(ORDER, items=(item,), dispensing=where, count=14)
            again = settled(copy_orders(Basket(), [(older, None)], lambda: "b"), book)
            (order,) = again.orders
            assert (order.items[0].code, order.items[0].brand) == (TWIN, BrandReason.WISH)
            assert not order.items[0].is_generic_name
            ((line,), none) = elective_lines(visit_with(DAY, again.orders), book)
            assert (line.charge.special_charge_yen, none) == (840, ())
    older = replace(ORDER, items=(Item(TWIN, Decimal(2)),), dispensing=Dispensing.IN_HOUSE)
    (block,) = order_blocks(copy_orders(Basket(), [(older, None)], lambda: "b"), book)
    assert block.items[0].brand == "wish" and "会計で特別の料金" in block.items[0].brand_told
    assert without_wish(Item(TWIN, brand=BrandReason.WISH), book) == Item(BRAND)
    assert without_wish(Item(BRAND, brand=BrandReason.NEED), book) == Item(BRAND)


@pytest.mark.server
def test_the_wish_typed_in_the_table_stays_until_it_is_taken_back(server, monkeypatch):
    from server.test_order_safety import _order, _post, _visit
    from tasuki_server.chart.draft import basket_of, find_draft
    from tasuki_server.orders import catalogue

    monkeypatch.setattr(catalogue, "current_book", book_with_twin)
    browser, visit = server.first.browser("doctor"), _visit(server)

    def item():
        with server.first.work("doctor"):
            *_, found = basket_of(find_draft(visit.patient, server.first.staff["doctor"])).orders
            return found.id, found.items[0].code, found.items[0].brand

    _order(browser, server, visit, TWIN, amount="2")
    order_id, *_ = item()
    _post(browser, visit, f"{order_id}/", dispensing="in_house")
    assert item()[1:] == (TWIN, BrandReason.WISH)
    _post(browser, visit, f"{order_id}/0/", brand="")
    assert item()[1:] == (BRAND, None)
    _post(browser, visit, "add/", code=TWIN)
    assert item()[1:] == (TWIN, BrandReason.WISH)
    _post(browser, visit, "undo/")
    _post(browser, visit, f"{order_id}/0/", brand="wish")
    assert item()[1:] == (TWIN, BrandReason.WISH)
    _post(browser, visit, f"{order_id}/", dispensing="outside")
    assert item()[1:] == (BRAND, BrandReason.WISH)


def test_what_a_prescription_says_of_leftovers_is_that_of_every_drug_in_it():
    book = book_with_twin().at(DAY)
    basket = with_residual(Basket((Line(ORDER), Line(replace(ORDER, id="b")))), ResidualAction.INFORM)
    added = settled(basket.plus(Line(replace(ORDER, id="c"))), book)
    assert [each.residual_action for each in added.orders] == [ResidualAction.INFORM] * 3
    here = settled(added.with_order("a", lambda o: replace(o, dispensing=Dispensing.IN_HOUSE)), book)
    assert [each.residual_action for each in here.orders] == [None] + [ResidualAction.INFORM] * 2
    back = settled(here.with_order("a", lambda o: replace(o, dispensing=Dispensing.OUTSIDE)), book)
    assert back == added
    assert {each.residual_action for each in with_residual(back, None).orders} == {None}
