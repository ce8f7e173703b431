# SPDX-License-Identifier: Apache-2.0
"""処方の指示 — 残薬, 分割, 変更不可・患者希望: in the table, on paper, in the records, and at the service."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calculation.payers.test_elective_lines import BRAND, TWIN, book_with_twin
from made_up import AMLODIPINE
from tasuki.chart.orders import BrandReason, Dispensing, Item, Order, OrderKind, ResidualAction
from tasuki_server.orders.prescribing import (
    as_ordered_again,
    even_parts,
    leftover_given_up,
    prescribing_lines,
    with_brands_settled,
    with_count,
    with_leftover,
    with_split,
    with_typed_count,
)
from tasuki_server.orders.unreadable import UnreadableText

DAY = date(2026, 10, 5)
ORDER = Order("a", OrderKind.INTERNAL, (Item(BRAND, Decimal(2)),), 28, usage="朝", dispensing=Dispensing.OUTSIDE)  # fmt: skip


def test_what_is_left_makes_the_days_fewer_and_a_correction_counts_from_the_whole():
    fewer = with_leftover(ORDER, 7)
    assert (fewer.count, fewer.leftover_count) == (21, 7)
    assert with_leftover(fewer, 10).count == 18
    assert with_leftover(fewer, 0) == ORDER
    for too_many in (28, 90):
        with pytest.raises(UnreadableText, match="削除"):
            with_leftover(ORDER, too_many)


def test_the_next_prescription_is_of_the_whole_days_again():
    from dataclasses import replace

    from tasuki_server.orders.basket import Basket, copy_orders

    fewer = replace(with_leftover(ORDER, 7), leftover_reason="飲み忘れ")
    (line,) = copy_orders(Basket(), [(fewer, None)], lambda: "b").lines
    assert (line.order.count, line.order.leftover_count, line.order.leftover_reason) == (28, 0, "")
    assert as_ordered_again(ORDER) == ORDER


def test_a_copy_says_nothing_that_was_decided_for_one_prescription():
    from dataclasses import replace

    for said in (
        {"split_counts": (14, 14)},
        {"is_refill": True, "refill_count": 3},
        {"residual_action": ResidualAction.INFORM},
    ):
        assert as_ordered_again(replace(ORDER, **said)) == ORDER


def test_days_typed_anew_are_the_days_given():
    from dataclasses import replace

    fewer = with_split(replace(with_leftover(ORDER, 7), leftover_reason="飲み忘れ"), "3")
    typed = with_typed_count(fewer, 35)
    assert (typed.count, typed.leftover_count, typed.leftover_reason) == (35, 0, "")
    assert sum(typed.split_counts) == 35
    assert "35日分に入れ直したため、残薬7日分の調整を外しました" in leftover_given_up(fewer, typed)
    assert with_typed_count(fewer, 21) is fewer and leftover_given_up(fewer, fewer) == ""
    assert leftover_given_up(ORDER, with_typed_count(ORDER, 35)) == ""


def test_drugs_that_are_joined_keep_the_days_with_their_reason():
    from dataclasses import replace

    from tasuki_server.orders.basket import Basket, Line, join_with_above

    above = replace(ORDER, id="b", usage="", count=1)
    fewer = replace(with_leftover(ORDER, 7), leftover_reason="飲み忘れ")
    (joined,) = join_with_above(Basket((Line(above), Line(fewer))), "a").orders
    assert (joined.count, joined.leftover_count, joined.leftover_reason) == (21, 7, "飲み忘れ")
    (joined,) = join_with_above(Basket((Line(fewer), Line(replace(ORDER, id="c")))), "c").orders
    assert (joined.count, joined.leftover_count) == (21, 7)


@given(st.integers(2, 120), st.integers(2, 3), st.integers(0, 60))
def test_parts_are_always_the_whole(count, parts, left):
    from dataclasses import replace

    if count < parts:
        return
    order = with_split(replace(ORDER, count=count), str(parts))
    assert sum(order.split_counts) == count == sum(even_parts(count, parts))
    if left < count:
        fewer = with_leftover(order, left)
        assert not fewer.split_counts or sum(fewer.split_counts) == fewer.count
        assert not fewer.split_counts or len(fewer.split_counts) == parts


@pytest.mark.parametrize(
    ("text", "parts"), [("３", (10, 9, 9)), ("14-14", (14, 14)), ("10・10・8", (10, 10, 8)), ("", ()), ("0", ())]
)  # fmt: skip
def test_a_split_is_read(text, parts):
    assert with_split(ORDER, text).split_counts == parts


@pytest.mark.parametrize("text", ["1", "4", "28", "10-10", "14-14-0", "7-7-7-7", "半分", "10-10-8-0"])
def test_a_split_that_is_none_is_refused(text):
    with pytest.raises(UnreadableText, match="分割"):
        with_split(ORDER, text)


def test_a_change_of_days_splits_anew():
    assert with_count(with_split(ORDER, "2"), 30).split_counts == (15, 15)
    assert with_count(with_split(ORDER, "3"), 2).split_counts == ()


def test_an_order_with_instructions_that_cannot_stand_together_is_unfinished():
    from dataclasses import replace

    from tasuki_server.orders.basket import Basket, Line
    from tasuki_server.orders.unfinished import unfinished_orders

    book = book_with_twin().at(DAY)

    def fields(**changed):
        found = unfinished_orders(Basket((Line(replace(ORDER, **changed)),)), book)
        return [each.field for each in found]

    assert fields() == [] == fields(split_counts=(14, 14))
    assert fields(leftover_count=7) == ["leftover_reason"]
    assert fields(split_counts=(14, 13)) == ["split"]
    assert fields(split_counts=(14, 14), is_refill=True, refill_count=3) == ["split"]
    assert fields(split_counts=(14, 14), dispensing=Dispensing.IN_HOUSE) == ["split"]
    assert fields(split_counts=(14, 14), kind=OrderKind.EXTERNAL) == ["split"]


def test_a_wished_brand_is_its_twin_here_and_its_own_name_on_a_prescription():
    from dataclasses import replace

    book = book_with_twin().at(DAY)

    def code(item, where):
        (made,) = with_brands_settled(replace(ORDER, items=(item,), dispensing=where), book).items
        return made.code, made.brand

    wished = Item(BRAND, Decimal(2), brand=BrandReason.WISH)
    assert code(wished, Dispensing.IN_HOUSE) == (TWIN, BrandReason.WISH)
    assert code(wished, Dispensing.OUTSIDE) == (BRAND, BrandReason.WISH)
    assert code(Item(TWIN), Dispensing.OUTSIDE) == (BRAND, BrandReason.WISH)
    assert code(Item(TWIN, brand=BrandReason.NEED), Dispensing.IN_HOUSE) == (BRAND, BrandReason.NEED)
    assert code(Item(TWIN, brand=BrandReason.NEED), Dispensing.OUTSIDE) == (BRAND, BrandReason.NEED)
    assert code(Item(TWIN, is_generic_name=True), Dispensing.OUTSIDE) == (BRAND, None)
    assert code(Item(BRAND), Dispensing.IN_HOUSE) == (BRAND, None)


def test_the_charge_of_a_brand_is_told_while_prescribing():
    from dataclasses import replace

    from tasuki_server.orders.basket import Basket, Line
    from tasuki_server.orders.table import order_blocks

    book = book_with_twin().at(DAY)

    def told(where, code=BRAND, brand=None, count=14, is_on_welfare=False):
        order = replace(ORDER, items=(Item(code, Decimal(2), brand=brand),), dispensing=where, count=count)
        (block,) = order_blocks(Basket((Line(order),)), book, is_on_welfare=lambda: is_on_welfare)
        return block.items[0].brand_told

    # 30円/錠 × 2錠 = 60円 → 6点 × 14日 = 84点 = 840円、税84円: as the bill says (test_payers).
    assert "会計で特別の料金 924円（税込、うち消費税84円）" in told(
        Dispensing.IN_HOUSE, TWIN, BrandReason.WISH
    )
    assert "薬局で特別の料金 924円" in told(Dispensing.OUTSIDE)
    assert "462円" in told(Dispensing.OUTSIDE, count=7)
    assert "ありません" in told(Dispensing.IN_HOUSE, brand=BrandReason.NEED)
    assert "希望できません" in told(Dispensing.IN_HOUSE, is_on_welfare=True)
    assert told(Dispensing.OUTSIDE, AMLODIPINE) == ""


@pytest.mark.server
def test_the_records_of_a_part_are_read_back_and_its_days_follow_each_other(server):
    from dataclasses import replace

    from prescriptions.made_contents import CONTENTS
    from tasuki.prescriptions.orders import rp_orders
    from tasuki.prescriptions.reader import read_prescription
    from tasuki.prescriptions.record_making import outside_records, service_data
    from tasuki.prescriptions.service.courses import prescribed_courses
    from tasuki_server.pharmacy.reading import prescription_view

    first = replace(CONTENTS.rps[0], quantity=30, split_quantity=10)
    documents = []
    for nth in (1, 2, 3):
        part = replace(CONTENTS, rps=(first,), refill_count=0, split_count=3, split_nth=nth)
        assert "63,3," in "".join(
            ",".join(each.values) + "\n" for each in outside_records(part).document.records
        )
        read = read_prescription(service_data(part))
        assert (read.value("63", "split_count"), read.value("63", "split_nth")) == ("3", str(nth))
        (rp,) = rp_orders(read)
        assert (rp.quantity, rp.split_quantity) == (30, 10)
        documents.append(read)
        (shown,) = prescription_view(service_data(part))["rps"]
        assert (shown["quantity"], shown["whole"]) == (10, 30)
    courses = [
        prescribed_courses(each, lambda _: "", [other for other in documents if other is not each])[0]
        for each in documents
    ]
    assert [(each.until - each.since).days for each in courses] == [9, 9, 9]
    assert [(b.since - a.until).days for a, b in pairwise(courses)] == [1, 1]


@pytest.fixture(scope="module")
def clinic(server):
    from eprescribing import begin_registering
    from tasuki_server.platform.house import close_house

    begin_registering(server.first)
    yield server.first
    close_house()


@pytest.mark.server
def test_each_part_is_registered_printed_and_dispensed_as_one_of_its_own(clinic):
    from eprescribing import drug_order, keep_round, received, registrations, sign
    from tasuki_server.documents.issue import issue_prescription

    visit = received(clinic, "301")
    order = drug_order(
        count=21, leftover_count=7, leftover_reason="飲み忘れ", split_counts=(11, 10),
        residual_action=ResidualAction.INFORM,
    )  # fmt: skip
    sign(clinic, visit, order, drug_order(count=5))
    assert [keep_round(clinic).settled for _ in range(4)] == [1, 1, 1, 0]
    rows = registrations(clinic, visit)
    assert [row.key[1:] for row in rows] == [(0, 0), (2, 1), (2, 2)]
    assert [row.stage for row in rows] == ["registered"] * 3, [row.faults for row in rows]
    assert len({row.access_code for row in rows}) == 3
    with clinic.work("clerk"):
        made = issue_prescription(visit)
    whole, first, second = made.sheets
    assert (whole["split"], [rp["quantity"] for rp in whole["rps"]]) == (None, ["5日分"])
    assert [rp["quantity"] for rp in first["rps"]] == ["11日分（全21日分）"]
    assert [rp["quantity"] for rp in second["rps"]] == ["10日分（全21日分）"]
    assert "Rp1 残薬7日分のため28日分→21日分（飲み忘れ）" in second["remarks"]
    assert {sheet["exchange_number"] for sheet in made.sheets} == {row.access_code for row in rows}
    printed = _text(made)
    assert "2分割の1回目" in printed and "（別紙）" in printed and "調剤する薬剤を減量した上で" in printed
    symbol = _records(first)
    assert symbol.value("62", "residual_action") == "2"
    assert symbol.value("102", "split_quantity") == "11"
    assert "残薬7日分" in symbol.value("81", "text")


@pytest.mark.server
def test_no_more_parts_and_the_rest_is_cancelled_at_the_service(clinic):
    from eprescribing import drug_order, keep_round, received, registrations, sign

    visit = received(clinic, "302")
    order = drug_order(count=20, split_counts=(10, 10))
    sign(clinic, visit, order)
    for _ in range(2):
        keep_round(clinic)
    sign(clinic, visit, drug_order(id=order.id, count=20), reason="分割をやめた")
    for _ in range(4):
        keep_round(clinic)
    stages = {row.key[1:]: row.stage for row in registrations(clinic, visit)}
    assert stages == {(2, 1): "cancelled", (2, 2): "cancelled", (0, 0): "registered"}


@pytest.mark.server
def test_the_table_takes_the_instructions_and_the_record_tells_them(server):
    from server.test_order_safety import _order, _post, _visit
    from tasuki_server.chart.draft import basket_of, find_draft

    browser = server.first.browser("doctor")
    visit = _visit(server)
    _order(browser, server, visit, AMLODIPINE, count="28")

    def order():
        with server.first.work("doctor"):
            (found,) = basket_of(find_draft(visit.patient, server.first.staff["doctor"])).orders
            return found

    part = f"{order().id}/"
    assert "減らした理由を入れてください" in _post(browser, visit, part, leftover="7")
    assert "減らした理由" not in _post(browser, visit, part, leftover_reason="飲み忘れ")
    assert "足りているなら" in _post(browser, visit, part, leftover="28")
    table = _post(browser, visit, part, split="３", opened=order().id)
    assert 'value="7-7-7"' in table and "<details" in table
    assert "合いません" in _post(browser, visit, part, split="7-7-6")
    assert "同時に指示できません" in _post(browser, visit, part, refill="3")
    assert "入れ直した" not in _post(browser, visit, part, count="21")
    assert "28日分に入れ直したため、残薬7日分の調整を外しました" in _post(browser, visit, part, count="28")
    _post(browser, visit, "undo/")
    _post(browser, visit, part, refill="0", residual="inquire")
    _post(browser, visit, f"{order().id}/0/", brand="need")
    kept = order()
    assert (kept.count, kept.leftover_count, kept.split_counts) == (21, 7, (7, 7, 7))
    assert kept.residual_action is ResidualAction.INQUIRE and kept.items[0].brand is BrandReason.NEED
    assert prescribing_lines(kept) == [
        "残薬調整: 残薬7日分のため28日分→21日分（飲み忘れ）",
        "分割指示: 3回（7日分、7日分、7日分）",
        "残薬確認時: 疑義照会した上で調剤",
    ]


def _text(document):
    import io

    from pypdf import PdfReader

    from tasuki_server.documents.issue import print_document

    pages = PdfReader(io.BytesIO(print_document(document))).pages
    return "".join(page.extract_text() for page in pages).replace(" ", "")


def _records(sheet):
    import base64

    from tasuki.prescriptions.reader import read_prescription

    return read_prescription(base64.b64decode(sheet["qr_payloads"][0]))
