# SPDX-License-Identifier: Apache-2.0
"""オーダの画面 — the keyboard table: each act changes the draft's basket and answers with the table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from tasuki.chart.orders import BrandReason, Dispensing, Item, Order, ResidualAction
from tasuki.masters.book import EndedCode, UnknownCode
from tasuki.security.permissions import Permission
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.audit.trail import record
from tasuki_server.chart import draft as drafts
from tasuki_server.chart.models import Draft
from tasuki_server.chart.page import copyable_orders
from tasuki_server.orders import access, basket, comments
from tasuki_server.orders.adding import add_code, order_field, usual_dispensing
from tasuki_server.orders.answers import held, status_answer, table_answer
from tasuki_server.orders.basket import comment_field
from tasuki_server.orders.catalogue import day_book, find_orderables
from tasuki_server.orders.prescribing import (
    leftover_given_up,
    with_leftover,
    with_split,
    with_typed_count,
    without_wish,
)
from tasuki_server.orders.settling import settled, with_residual
from tasuki_server.orders.starts import read_start
from tasuki_server.orders.unreadable import UnreadableText
from tasuki_server.orders.usages import kind_for, usage_of
from tasuki_server.reception.access import access_visit
from tasuki_server.reception.models import Visit

MAX_COUNT = 999


@requires(Permission.ORDER_ENTER)
@require_GET
def search(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    """オーダの候補 — under the box while typing."""
    visit = access_visit(visit_id)
    text = request.GET.get("text", "")
    found = find_orderables(text, day_book(visit.day), access.access_sets(visit.day))
    return render(request, "orders/_candidates.html", {"candidates": found, "text": text})


@requires(Permission.ORDER_ENTER)
@require_POST
def add(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    """オーダの追加 — a chosen candidate, or the text itself when it means one thing only."""
    visit = access_visit(visit_id)
    code, text = request.POST.get("code", ""), request.POST.get("text", "").strip()
    if not code:
        found = find_orderables(text, day_book(visit.day), access.access_sets(visit.day))
        if len(found) != 1:
            notice = "候補から選んでください。" if found else f"「{text}」に当てはまるものがありません。"
            return table_answer(
                request, visit, held(request, visit), notice=notice, typed=text, candidates=found
            )
        code = found[0].code
    draft = held(request, visit)
    return _add(request, visit, draft, code)


@requires(Permission.ORDER_ENTER)
@require_POST
def change_item(request: HttpRequest, visit_id: UUID, order_id: UUID, index: int) -> HttpResponse:
    """項目の変更 — amount, 一般名, purchase price or comment of one row."""
    visit = access_visit(visit_id)
    given, book = request.POST, day_book(visit.day)

    def changed(item: Item) -> Item:
        _refuse_another(request, item)
        if "amount" in given:
            item = replace(item, amount=basket.read_amount(given["amount"]))
        if "unit_price" in given:
            item = replace(item, unit_price_yen=basket.read_amount(given["unit_price"]))
        if "generic_shown" in given:
            is_generic = given.get("generic") == "yes"
            item = replace(without_wish(item, book) if is_generic else item, is_generic_name=is_generic)
        if "brand" in given:
            reason = given["brand"]
            item = replace(item, brand=BrandReason(reason)) if reason else without_wish(item, book)
        if "comment" in given:
            item = replace(item, comment=given["comment"].strip()[:200])
        return item

    def changed_all(found: basket.Basket) -> basket.Basket:
        made = basket.change_item(found, str(order_id), index, changed)
        return settled(made, book) if "brand" in given or "generic_shown" in given else made

    return _field(request, visit, changed_all)


@requires(Permission.ORDER_ENTER)
@require_POST
def change_order(request: HttpRequest, visit_id: UUID, order_id: UUID) -> HttpResponse:
    """オーダの変更 — days, 用法, 院内・院外, 臨時, リフィル, 分割, 残薬."""
    visit = access_visit(visit_id)
    given = request.POST

    def changed(order: Order) -> Order:
        if "count" in given:
            order = with_typed_count(order, _count(given["count"]))
        if "usage" in given:
            usage = given["usage"].strip()[:100]
            order = replace(order, usage=usage, kind=kind_for(usage, order.kind))
        if "dispensing" in given:
            order = replace(order, dispensing=Dispensing(given["dispensing"]))
        if "site" in given:
            order = replace(order, site=given["site"].strip()[:50])
        if "began_on" in given:
            order = replace(order, began_on=read_start(given["began_on"], visit.day))
        if "temporary" in given:
            order = replace(order, is_temporary=given["temporary"] == "yes")
        if "refill" in given:
            times = int(given["refill"]) if given["refill"] in ("0", "2", "3") else 0
            order = replace(order, is_refill=times > 0, refill_count=times)
        if "split" in given:
            order = with_split(order, given["split"])
        if "leftover" in given:
            order = with_leftover(order, _count(given["leftover"]) if given["leftover"].strip() else 0)
        if "leftover_reason" in given:
            order = replace(order, leftover_reason=given["leftover_reason"].strip()[:100])
        return order

    def changed_all(found: basket.Basket) -> basket.Basket:
        made = found.with_order(str(order_id), changed)
        if "dispensing" in given:
            made = settled(made, day_book(visit.day))
        if "residual" in given:
            made = with_residual(made, ResidualAction(given["residual"]) if given["residual"] else None)
        return made

    def told(before: basket.Basket, after: basket.Basket) -> str:
        if "count" not in given:
            return ""
        return leftover_given_up(before.find(str(order_id)), after.find(str(order_id)))

    return _field(request, visit, changed_all, told)


@requires(Permission.ORDER_ENTER)
@require_POST
def add_comment(request: HttpRequest, visit_id: UUID, order_id: UUID) -> HttpResponse:
    """コメントの追加 — one of those that 別表Ⅰ names for the order."""
    visit = access_visit(visit_id)
    draft = held(request, visit)
    return _comment(request, visit, draft, request.POST.get("code", ""), str(order_id))


@requires(Permission.ORDER_ENTER)
@require_POST
def change_comment(request: HttpRequest, visit_id: UUID, order_id: UUID, index: int) -> HttpResponse:
    """コメントの変更 — the words, digits or day after it; ``remove`` takes it off."""
    visit = access_visit(visit_id)
    given = request.POST
    if "remove" in given:
        return _change(request, visit, lambda found: comments.remove_comment(found, str(order_id), index))
    book = day_book(visit.day)
    return _field(
        request,
        visit,
        lambda found: comments.change_comment(found, str(order_id), index, given.get("text", ""), book),
    )


@requires(Permission.ORDER_ENTER)
@require_POST
def remove(request: HttpRequest, visit_id: UUID, order_id: UUID) -> HttpResponse:
    """削除 — an item, or the whole order; 元に戻す brings it back."""
    visit = access_visit(visit_id)
    index = request.POST.get("index", "")
    if index.isdecimal() and len(index) <= 3:
        position = int(index)

        def removed(found: basket.Basket) -> basket.Basket:
            _refuse_another(request, found.find(str(order_id)).items[position])
            return basket.remove_item(found, str(order_id), position)

        return _change(request, visit, removed)
    return _change(request, visit, lambda found: found.without(str(order_id)))


@requires(Permission.ORDER_ENTER)
@require_POST
def join(request: HttpRequest, visit_id: UUID, order_id: UUID) -> HttpResponse:
    """剤にまとめる — with the order above."""
    visit = access_visit(visit_id)
    refusal = "上のオーダとは種類が違うため、まとめられません。"
    return _change(
        request, visit, lambda found: basket.join_with_above(found, str(order_id)), refusal=refusal
    )


@requires(Permission.ORDER_ENTER)
@require_POST
def split(request: HttpRequest, visit_id: UUID, order_id: UUID, index: int) -> HttpResponse:
    """剤から分ける — one item becomes an order of its own."""
    visit = access_visit(visit_id)
    new_id = str(uuid4())
    return _change(
        request, visit, lambda found: basket.split_item(found, str(order_id), index, new_id=new_id)
    )


@requires(Permission.ORDER_ENTER)
@require_POST
def undo(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    """元に戻す — the last act on the table."""
    visit = access_visit(visit_id)
    return table_answer(request, visit, drafts.undo_basket(held(request, visit)))


@requires(Permission.ORDER_ENTER)
@require_GET
def show_do(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    """Doの候補 — earlier orders; those of the last visit are ticked, so Enter copies them."""
    visit = access_visit(visit_id)
    record("chart.read", visit, visit.patient_id, {"part": "do"})
    return render(request, "orders/_do.html", {"visit": visit, "past": copyable_orders(visit.patient, visit)})


@requires(Permission.ORDER_ENTER)
@require_POST
def do(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    """Do — the ticked orders are copied with their origin."""
    visit = access_visit(visit_id)
    originals = access.access_originals(visit.patient, request.POST.getlist("record"))
    draft = held(request, visit)
    if not originals:
        return table_answer(request, visit, draft, notice="コピーするオーダが選ばれていません。")
    copied = basket.copy_orders(drafts.basket_of(draft), originals, lambda: str(uuid4()))
    record("orders.copy", draft, visit.patient_id, {"count": len(originals)})
    return table_answer(request, visit, drafts.save_basket(draft, settled(copied, day_book(visit.day))))


@requires(Permission.ORDER_ENTER)
@require_POST
def override(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    """警告の解除 — goes on with a reason, which is kept."""
    visit = access_visit(visit_id)
    reason = request.POST.get("reason", "").strip()
    draft = held(request, visit)
    if not reason:
        return status_answer(request, visit, draft, refusal="続ける理由を入れてください。", oob=False)
    kept = drafts.override_warning(draft, request.POST.get("key", ""), reason[:200])
    return status_answer(request, visit, kept, oob=False)


def _refuse_another(request: HttpRequest, item: Item) -> None:
    """The row a window shows may be another drug by now: a second window took one away above it."""
    if request.POST.get("item_code", item.code) != item.code:
        raise KeyError(item.code)


def _add(request: HttpRequest, visit: Visit, draft: Draft, code: str) -> HttpResponse:
    found = drafts.basket_of(draft)
    usage = usage_of(code)
    if usage is not None:
        changed, order_id = basket.set_usage(found, usage.text)
        if order_id is None:
            return table_answer(
                request, visit, draft, notice="用法を入れる薬がありません。先に薬を入れてください。"
            )
        changed = changed.with_order(
            order_id, lambda order: replace(order, kind=kind_for(usage.text, order.kind))
        )
        return table_answer(
            request, visit, drafts.save_basket(draft, changed), focus=order_field(order_id, "count")
        )
    if code.startswith("set:"):
        row = access.access_set(code[4:])
        copied = basket.copy_orders(found, access.set_orders(row), lambda: str(uuid4()), keeps_origin=False)
        return table_answer(request, visit, drafts.save_basket(draft, settled(copied, day_book(visit.day))))
    if comments.is_comment(code):
        return _comment(request, visit, draft, code)
    try:
        added = add_code(
            found, code, day_book(visit.day), usual_dispensing(found, access.last_dispensing(visit))
        )
    except (UnknownCode, EndedCode):
        return table_answer(
            request, visit, draft, notice="この日に使えないコードです。候補から選んでください。"
        )
    made = settled(added.basket, day_book(visit.day))
    return table_answer(request, visit, drafts.save_basket(draft, made), focus=added.focus)


def _comment(
    request: HttpRequest, visit: Visit, draft: Draft, code: str, order_id: str | None = None
) -> HttpResponse:
    """A comment of the order named, of the last one when none is; then the field for what follows it."""
    found = drafts.basket_of(draft)
    try:
        book = day_book(visit.day)
        row = book.comment(code)
        order_id = order_id or comments.order_for(found, code, book)
        place = len(found.find(order_id).comments)
        changed = comments.with_comment(found, order_id, code)
    except (UnknownCode, EndedCode):
        return table_answer(
            request, visit, draft, notice="この日に使えないコメントです。候補から選んでください。"
        )
    except IndexError:
        return table_answer(
            request,
            visit,
            draft,
            notice="コメントをつけるオーダがありません。先にオーダを入れてください。",
        )
    except KeyError:
        return table_answer(request, visit, draft, notice="そのオーダはもうありません。")
    focus = comment_field(order_id, place) if comments.asks_text(row) else ""
    return table_answer(request, visit, drafts.save_basket(draft, changed), focus=focus)


def _change(
    request: HttpRequest,
    visit: Visit,
    act: Callable[[basket.Basket], basket.Basket],
    refusal: str = "数字を確かめてください。",
) -> HttpResponse:
    draft = held(request, visit)
    try:
        changed = act(drafts.basket_of(draft))
    except (KeyError, IndexError):
        return table_answer(request, visit, draft, notice="そのオーダはもうありません。")
    except ValueError:
        return table_answer(request, visit, draft, notice=refusal)
    return table_answer(request, visit, drafts.save_basket(draft, changed))


def _field(
    request: HttpRequest,
    visit: Visit,
    act: Callable[[basket.Basket], basket.Basket],
    told: Callable[[basket.Basket, basket.Basket], str] = lambda _before, _after: "",
) -> HttpResponse:
    """A field of the table: the answer leaves the fields alone, so that typing in the next one goes on."""
    draft = held(request, visit)
    found = drafts.basket_of(draft)
    try:
        changed = act(found)
    except (KeyError, IndexError):
        return table_answer(request, visit, draft, notice="そのオーダはもうありません。")
    except UnreadableText as error:
        return status_answer(request, visit, draft, refusal=str(error))
    except ValueError:
        return status_answer(request, visit, draft, refusal="数字を確かめてください。")
    is_reshaped = [_shape(order) for order in found.orders] != [_shape(order) for order in changed.orders]
    draft = drafts.save_basket(draft, changed)
    if is_reshaped or "redraw" in request.POST:
        answer = table_answer(request, visit, draft, given_up=told(found, changed))
        answer["HX-Retarget"], answer["HX-Reswap"] = "#order-table", "outerHTML"
        return answer
    return status_answer(request, visit, draft)


def _shape(order: Order) -> tuple[object, ...]:
    """What other cells of the table follow from."""
    codes = tuple((item.code, item.brand, item.is_generic_name) for item in order.items)
    return order.kind, order.dispensing, order.split_counts, order.leftover_count, codes


def _count(text: str) -> int:
    amount = basket.read_amount(text)
    if amount is None or amount != int(amount) or amount > MAX_COUNT:
        raise ValueError(text)
    return int(amount)
