# SPDX-License-Identifier: Apache-2.0
"""セットの画面 — the institution's own order sets: made from a chart, dated, renamed, withdrawn."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from tasuki.kernel.kana import search_key
from tasuki.security.permissions import Permission
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.chart.draft import basket_of, find_draft
from tasuki_server.chart.values import placed_orders
from tasuki_server.institutions.middleware import staff_of
from tasuki_server.orders import access
from tasuki_server.orders.keep_sets import make_set, revise_set, withdraw_set
from tasuki_server.orders.models import OrderSet
from tasuki_server.patients.forms import DayField, JapaneseForm
from tasuki_server.reception.access import access_visit
from tasuki_server.reception.clock import today


class SetForm(JapaneseForm):
    """セットの入力 — a name, a short code, and the days it may be used."""

    name = forms.CharField(label="セット名", max_length=60)
    quick_code = forms.CharField(
        label="短縮コード", max_length=12, help_text="オーダ欄に打つ短い文字。例: kaze"
    )
    since = DayField(label="使用開始日")
    until = DayField(label="使用終了日", required=False)
    read_version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """セットの確認 — the end is not before the start."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("since") and cleaned.get("until") and cleaned["until"] < cleaned["since"]:
            self.add_error("until", "使用終了日が開始日より前です。")
        return cleaned

    def members(self) -> dict[str, Any]:
        """セットの列 — after :meth:`is_valid`."""
        given = {name: self.cleaned_data[name] for name in ("name", "quick_code", "since", "until")}
        return {**given, "name_key": search_key(given["name"])}


@requires(Permission.ORDER_ENTER)
@require_GET
def sets(request: HttpRequest) -> HttpResponse:
    """セット一覧."""
    rows = [(row, _lines(row)) for row in access.access_all_sets()]
    return render(request, "orders/sets.html", {"sets": rows, "today": today()})


@requires(Permission.ORDER_SET_EDIT)
@require_http_methods(["GET", "POST"])
def new_from_visit(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    """セットの登録 — from the orders of a chart, signed or being written."""
    visit = access_visit(visit_id)
    draft = find_draft(visit.patient, staff_of(request))
    is_mine = draft is not None and draft.visit_id == visit.id
    orders = basket_of(draft).orders if draft is not None and is_mine else placed_orders(visit)
    form = SetForm(request.POST or None, initial={"since": today()})
    if request.method == "POST" and form.is_valid() and orders:
        make_set(orders, **form.members())
        messages.success(request, "セットを登録しました。")
        return redirect("orders:sets")
    context = {
        "form": form,
        "visit": visit,
        "lines": access.readable(orders, visit.day),
        "title": "セットの登録",
    }
    return render(request, "orders/set_form.html", context, status=422 if request.method == "POST" else 200)


@requires(Permission.ORDER_SET_EDIT)
@require_http_methods(["GET", "POST"])
def revise(request: HttpRequest, record_id: UUID) -> HttpResponse:
    """セットの変更 — name, code and days; withdrawn when told so."""
    row = access.access_set(record_id)
    names = ("name", "quick_code", "since", "until")
    initial = {**{name: getattr(row, name) for name in names}, "read_version": row.version}
    form = SetForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        read_version = form.cleaned_data["read_version"] or 0
        if request.POST.get("act") == "withdraw":
            withdraw_set(row, read_version=read_version)
        else:
            revise_set(row, read_version=read_version, **form.members())
        messages.success(request, "セットを変更しました。")
        return redirect("orders:sets")
    context = {"form": form, "set": row, "lines": _lines(row), "title": "セットの変更"}
    return render(request, "orders/set_form.html", context, status=422 if request.method == "POST" else 200)


def _lines(row: OrderSet) -> list[str]:
    return access.readable([order for order, _ in access.set_orders(row)], row.since)
