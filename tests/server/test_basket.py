# SPDX-License-Identifier: Apache-2.0
"""オーダかごと符号化 — pure values, so no database is needed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta, timezone
from decimal import Decimal
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasuki.chart.orders import BrandReason, Dispensing, Item, Order, OrderKind, ResidualAction
from tasuki.chart.visit import Sex
from tasuki.kernel.finding import BadInput
from tasuki.kernel.validity import Validity
from tasuki.masters.book import Book, Revision, Tables
from tasuki.masters.rows import Comment, Drug
from tasuki.prescriptions.safety import Patient, Tier, starter_knowledge
from tasuki.prescriptions.safety.from_chart import allergy_of
from tasuki_server.orders import basket as act
from tasuki_server.orders.basket import Basket, Line, decode_basket, encode_basket
from tasuki_server.orders.codec import decode_order, encode_order
from tasuki_server.orders.unfinished import unfinished_orders
from tasuki_server.orders.warnings import Background, changed_since, drug_history, order_warnings

DAY = date(2026, 6, 15)
text = st.text(max_size=12)
amounts = st.none() | st.decimals(min_value=0, max_value=10**6, places=3)
items = st.builds(
    Item,
    code=st.text("0123456789", min_size=9, max_size=9),
    amount=amounts,
    is_generic_name=st.booleans(),
    comment=text,
    unit_price_yen=amounts,
    brand=st.none() | st.sampled_from(BrandReason),
)
moments = st.none() | st.datetimes(timezones=st.just(timezone(timedelta(hours=9))))
orders = st.builds(
    Order,
    id=st.uuids().map(str),
    kind=st.sampled_from(OrderKind),
    items=st.lists(items, min_size=1, max_size=4).map(tuple),
    count=st.integers(0, 999),
    at=moments,
    usage=text,
    dispensing=st.none() | st.sampled_from(Dispensing),
    is_temporary=st.booleans(),
    is_refill=st.booleans(),
    refill_count=st.integers(0, 3),
    site=text,
    comments=st.lists(st.tuples(text, text), max_size=2).map(tuple),
    programme_ids=st.none() | st.lists(text, max_size=2).map(tuple),
    copied_from=text,
    leftover_count=st.integers(0, 99),
    leftover_reason=text,
    residual_action=st.none() | st.sampled_from(ResidualAction),
    split_counts=st.lists(st.integers(1, 99), max_size=3).map(tuple),
)


@given(orders)
def test_an_order_survives_its_encoding(order):
    import json

    assert decode_order(json.loads(json.dumps(encode_order(order)))) == order


@given(st.lists(st.builds(Line, order=orders, copied_day=st.none() | st.dates()), max_size=3))
def test_a_basket_survives_its_encoding(lines):
    assert decode_basket(encode_basket(Basket(tuple(lines)))) == Basket(tuple(lines))


@pytest.mark.parametrize(
    "value",
    [
        {"id": "a", "kind": "act", "items": [], "new_member": 1},
        {"id": "a", "kind": "act", "items": [{"code": "1", "colour": "red"}]},
        {"id": "a", "kind": "no such kind", "items": []},
        {"id": "a", "kind": "act", "items": [{"code": "1", "amount": "many"}]},
        {"kind": "act", "items": []},
    ],
)
def test_what_is_no_order_is_refused_by_name(value):
    with pytest.raises(BadInput) as refused:
        decode_order(value)
    assert refused.value.findings[0].code == "TS-ORD-001"


def _basket(*given: Order) -> Basket:
    return Basket(tuple(Line(each) for each in given))


def _drug(order_id: str, *codes: str, kind: OrderKind = OrderKind.INTERNAL, **more: object) -> Order:
    members = {"dispensing": Dispensing.OUTSIDE, **more}
    return Order(order_id, kind, tuple(Item(code, Decimal(1)) for code in codes), **members)  # type: ignore[arg-type]


def test_orders_are_joined_only_when_they_can_be_one_unit():
    found = _basket(_drug("a", "610000001", usage="朝"), _drug("b", "610000002", count=7))
    joined = act.join_with_above(found, "b")
    assert [item.code for item in joined.find("a").items] == ["610000001", "610000002"]
    assert (joined.find("a").usage, joined.find("a").count) == ("朝", 1)
    with pytest.raises(ValueError, match="first"):
        act.join_with_above(found, "a")
    mixed = _basket(_drug("a", "610000001"), _drug("b", "660000001", kind=OrderKind.EXTERNAL))
    with pytest.raises(ValueError, match="kind"):
        act.join_with_above(mixed, "b")
    inside = _drug("c", "610000003", dispensing=Dispensing.IN_HOUSE)
    with pytest.raises(ValueError, match="kind"):
        act.join_with_above(_basket(_drug("a", "610000001"), inside), "c")


def test_splitting_and_joining_back_gives_the_same_items():
    found = _basket(_drug("a", "610000001", "610000002", usage="朝", count=14))
    split = act.split_item(found, "a", 1, new_id="b")
    assert [(o.id, o.usage, o.count) for o in split.orders] == [("a", "朝", 14), ("b", "朝", 14)]
    assert act.join_with_above(split, "b").find("a").items == found.find("a").items


def test_an_order_goes_with_its_last_item():
    found = _basket(_drug("a", "610000001", "610000002"))
    one = act.remove_item(found, "a", 0)
    assert [item.code for item in one.find("a").items] == ["610000002"]
    assert act.remove_item(one, "a", 0).orders == ()


def test_copies_have_new_ids_and_name_their_originals():
    numbers = count(1)
    original = _drug("old", "610000001", copied_from="older")
    copied = act.copy_orders(Basket(), [(original, DAY)], lambda: f"new{next(numbers)}")
    assert (copied.orders[0].id, copied.orders[0].copied_from) == ("new1", "old")
    assert copied.lines[0].copied_day == DAY


def _row(code: str, since: date, until: date | None, price: str, **more: object) -> Drug:
    members = {"name": f"試験薬{code[-1]}", "unit_name": "錠", "price": Decimal(price), **more}
    return Drug(code=code, validity=Validity(since, until), **members)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def book():
    start = date(2024, 6, 1)
    drugs = (
        _row("610000001", start, date(2026, 3, 31), "10"),
        _row("610000002", start, date(2026, 5, 31), "10.1", price_list_code="111100101010"),
        _row("610000002", date(2026, 6, 1), None, "9.8", price_list_code="111100101010"),
        _row("610000003", start, None, "5", price_list_code="111100102020"),
    )
    return Book(Tables((Revision("試験", Validity(start)),), drugs=drugs))


def test_an_ended_drug_is_told_with_its_last_day(book):
    found = unfinished_orders(_basket(_drug("a", "610000001", usage="朝")), book.at(DAY))
    assert [(each.field, each.index) for each in found] == [("code", 0)]
    assert "2026-03-31 まで" in found[0].message


def test_a_code_nobody_knows_is_told(book):
    found = unfinished_orders(_basket(_drug("a", "610009999", usage="朝")), book.at(DAY))
    assert found[0].message.startswith("マスターにないコード")


def test_a_changed_price_is_told_on_a_copy(book):
    found = changed_since(_drug("a", "610000002"), date(2026, 5, 20), book.at(DAY))
    assert [each.message for each in found] == ["薬価が 10.1円 → 9.8円 に変わりました。"]
    assert changed_since(_drug("a", "610000002"), date(2026, 6, 2), book.at(DAY)) == []
    assert changed_since(_drug("a", "610000002"), date(2020, 1, 1), book.at(DAY)) == []


def _told(basket, day_book, **person):
    allergies = person.pop("allergies", ())
    patient = Patient(date(1970, 4, 4), Sex.MALE, allergies=allergies)
    return order_warnings(basket, day_book, Background(patient, **person), starter_knowledge())


def test_the_same_ingredient_twice_is_told_on_the_second(book):
    for ids in (("a", "b"), ("b", "a")):
        basket = _basket(
            *(_drug(each, code) for each, code in zip(ids, ("610000002", "610000003"), strict=True))
        )
        told = [(each.order_id, each.code, each.blocks) for each in _told(basket, book.at(DAY))]
        assert told == [(ids[1], "RX-A-01", False)]


def test_an_allergy_is_found_by_ingredient_by_code_and_by_name(book):
    basket, at = _basket(_drug("a", "610000003")), book.at(DAY)
    by_ingredient = allergy_of("別の商品", "610000002", at, is_contraindicated=True)
    by_name = allergy_of("しけんやく３", "", at, is_contraindicated=False)
    other = allergy_of("そば", "", at, is_contraindicated=True)
    told = _told(basket, at, allergies=(by_ingredient, by_name, other))
    assert [each.facts["substance"] for each in told] == ["別の商品"]
    named = _told(basket, at, allergies=(replace(by_name, substance="試験薬3"),))
    assert [each.blocks for each in named] == [False]


def test_a_drug_still_being_taken_is_told_until_its_last_day(book):
    earlier = [(_drug("x", "610000002", count=20), date(2026, 6, 2))]
    history = drug_history(earlier, book.at(DAY))
    assert [(each.until, each.place) for each in history] == [(date(2026, 6, 21), "")]
    basket = _basket(_drug("a", "610000002", count=30))
    assert [(each.code, each.tier) for each in _told(basket, book.at(DAY), history=history)] == [
        ("RX-A-19", Tier.INFO)
    ]
    # Eight days and more are no renewal any more; the day after the last is nothing.
    assert [each.code for each in _told(basket, book.at(date(2026, 6, 14)), history=history)] == ["RX-A-02"]
    assert _told(basket, book.at(date(2026, 6, 22)), history=history) == []


def test_the_key_of_a_warning_stays_with_its_cause(book):
    at = book.at(DAY)
    allergies = (allergy_of("別の商品", "610000002", at, is_contraindicated=True),)
    alone = _told(_basket(_drug("a", "610000003")), at, allergies=allergies)
    beside = _told(_basket(_drug("z", "610000002"), _drug("a", "610000003")), at, allergies=allergies)
    assert alone[0].key in {each.key for each in beside}
    assert len({each.key for each in beside}) == len(beside)


def test_every_flag_has_words_and_is_asked_in_one_place():
    from tasuki.calculation.flags import Flag
    from tasuki.calculation.sentences import label
    from tasuki_server.chart.flag_places import AT_RECEPTION, IN_THE_ROOM

    assert [flag for flag in Flag if label(flag) == flag.value] == []
    assert sorted((*AT_RECEPTION, *IN_THE_ROOM)) == sorted(Flag)


def test_a_comment_goes_to_the_order_that_asks_for_it_else_to_the_last():
    from tasuki.masters.rows import Act, RequiredComment
    from tasuki_server.orders.comments import order_for, wanted_comments

    always = Validity(date(2024, 6, 1), None)
    film, heart, part = "170000410", "160068410", "820181220"
    book = Book(
        Tables(
            revisions=(Revision("R8", always),),
            acts=tuple(Act(code=code, name=code, validity=always) for code in (film, heart)),
            comments=(Comment(code=part, name="胸部", pattern="20", validity=always),),
            required_comments=(RequiredComment(film, part, "E002", (), always),),
        )
    ).at(DAY)
    first, last = (Order(name, OrderKind.ACT, (Item(code),)) for name, code in (("a", film), ("b", heart)))
    basket = Basket((Line(first), Line(last)))
    assert order_for(basket, part, book) == "a"
    assert order_for(basket, "810000001", book) == "b"
    assert [row.code for row in wanted_comments(first, book)] == [part]
    assert wanted_comments(last, book) == []
    with pytest.raises(IndexError):
        order_for(Basket(), part, book)


@pytest.mark.parametrize(
    ("pattern", "text", "kept"),
    [
        ("51", "0930", "0930"), ("51", "9時半", None), ("51", "2460", None),
        ("52", "７５", "75"), ("52", "123456", None),
        ("53", "150930", "150930"), ("53", "320930", None),
        ("80", "R4.11.1　10.5", "2022-11-01 10.5"), ("80", "2022-11-01", None), ("80", "2022-11-01 123456.789", None),
    ],
)  # fmt: skip
def test_a_comment_of_a_time_or_a_value_takes_what_its_pattern_records(pattern, text, kept):
    """マスターファイル仕様説明書 R6 別紙6-1."""
    from tasuki_server.orders.comments import read_text
    from tasuki_server.orders.unreadable import UnreadableText

    row = Comment(
        code=f"8{pattern}000001", name="架空", pattern=pattern, validity=Validity(date(2024, 6, 1), None)
    )
    if kept is None:
        with pytest.raises(UnreadableText):
            read_text(row, text)
    else:
        assert read_text(row, text) == kept
