# SPDX-License-Identifier: Apache-2.0
"""作業指示の画面 — asked, approved with a factor proved again, watched, cut, compared with the trail, signed."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tasuki.security.maintenance import Decision
from tasuki.security.permissions import Permission
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.accounts.step_up import without_step_up
from tasuki_server.institutions.middleware import staff_of
from tasuki_server.maintenance.access import access_order
from tasuki_server.maintenance.asking import NotPossible, ask, decide, declare, end
from tasuki_server.maintenance.forms import OrderForm
from tasuki_server.maintenance.models import MaintenancePerson
from tasuki_server.maintenance.reading import acts_shown, order_facts, orders_shown
from tasuki_server.maintenance.review import review


@requires(Permission.MAINTENANCE_REVIEW)
@require_GET
def order_list(request: HttpRequest) -> HttpResponse:
    """保守作業の一覧 — what is open, what waits for approval or review, and what is past."""
    return render(request, "maintenance/list.html", {"orders": orders_shown()})


@requires(Permission.MAINTENANCE_MANAGE)
@require_http_methods(["GET", "POST"])
def new_order(request: HttpRequest) -> HttpResponse:
    """作業指示の作成 — by the clinic; it is approved on its own page."""
    people = MaintenancePerson.objects.select_related("company", "staff").filter(
        company__is_active=True, staff__is_active=True
    )
    form = OrderForm(request.POST or None, people=list(people), with_patients=True)
    if request.method == "POST" and form.is_valid():
        try:
            order = ask(form.asked(), staff_of(request))
        except NotPossible as reason:
            form.add_error(None, str(reason))
        else:
            messages.success(
                request, f"作業指示 {order.number} を作りました。内容を確かめて承認してください。"
            )
            return redirect("maintenance:order", order.id)
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "has_people": people.exists(), "back": reverse("maintenance:list")}
    return render(request, "maintenance/new.html", context, status=status)


@requires(Permission.MAINTENANCE_REVIEW)
@require_GET
def order_page(request: HttpRequest, workorder_id: UUID) -> HttpResponse:
    """作業指示 — its content, what may be done with it now, and its acts as they happen."""
    order = access_order(workorder_id)
    return render(request, "maintenance/order.html", order_facts(order, staff_of(request)))


@requires(Permission.MAINTENANCE_REVIEW)
@require_GET
def acts(request: HttpRequest, workorder_id: UUID) -> HttpResponse:
    """保守の行為の一覧 — polled by the page; "unchanged" is answered with nothing."""
    order = access_order(workorder_id)
    shown = acts_shown(order)
    if request.GET.get("mark") == shown["mark"]:
        return HttpResponse(status=204)
    return render(request, "maintenance/_acts.html", {"order": order, **shown})


@requires(Permission.MAINTENANCE_REVIEW)
@require_GET
def report(request: HttpRequest, workorder_id: UUID) -> HttpResponse:
    """保守作業報告 — acts against plan, patients and counts, declaration and signature; to print."""
    order = access_order(workorder_id)
    return render(request, "maintenance/report.html", order_facts(order, staff_of(request)))


@requires(Permission.MAINTENANCE_MANAGE)
@require_POST
def decide_order(request: HttpRequest, workorder_id: UUID) -> HttpResponse:
    """作業指示の承認・却下 — the permission asks for the factor again, so an open screen is not enough."""
    order = access_order(workorder_id)
    wanted = request.POST.get("decision", "")
    if wanted not in set(Decision):
        raise BadRequest("no decision")
    here = reverse("maintenance:order", args=[order.id])
    return _tried(
        request,
        here,
        lambda: decide(order, Decision(wanted), staff_of(request), request.POST.get("note", "")),
        "記録しました。",
    )


@requires(Permission.MAINTENANCE_MANAGE)
@without_step_up
@require_POST
def cut_order(request: HttpRequest, workorder_id: UUID) -> HttpResponse:
    """保守作業の遮断 — at once, without asking for anything more."""
    order = access_order(workorder_id)
    here = reverse("maintenance:order", args=[order.id])
    note = request.POST.get("note", "")
    return _tried(
        request, here, lambda: end(order, staff_of(request), is_cut=True, note=note), "遮断しました。"
    )


@requires(Permission.MAINTENANCE_MANAGE)
@require_POST
def declare_order(request: HttpRequest, workorder_id: UUID) -> HttpResponse:
    """作業データ消去の申告 — entered for a vendor that told it by telephone or paper."""
    order = access_order(workorder_id)
    here = reverse("maintenance:order", args=[order.id])
    return _tried(request, here, lambda: declared(request, order), "申告を記録しました。")


def declared(request: HttpRequest, order: object) -> None:
    """申告の読取りと記入 — one of the known outcomes."""
    from tasuki_server.maintenance.reading import DECLARATIONS

    outcome = request.POST.get("outcome", "")
    if outcome not in DECLARATIONS:
        raise BadRequest("no outcome")
    declare(order, outcome, staff_of(request), request.POST.get("note", ""))  # type: ignore[arg-type]


@requires(Permission.MAINTENANCE_REVIEW)
@require_POST
def review_order(request: HttpRequest, workorder_id: UUID) -> HttpResponse:
    """照合の確認 — signed by someone who neither belongs to a vendor nor acted under the order."""
    order = access_order(workorder_id)
    here = reverse("maintenance:order", args=[order.id])
    outcome, note = request.POST.get("outcome", ""), request.POST.get("note", "")
    return _tried(
        request, here, lambda: review(order, staff_of(request), outcome, note), "確認を記録しました。"
    )


def _tried(request: HttpRequest, here: str, act: object, done: str) -> HttpResponse:
    try:
        act()  # type: ignore[operator]
    except NotPossible as reason:
        messages.error(request, str(reason))
    else:
        messages.success(request, done)
    return redirect(here)
