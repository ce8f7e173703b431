# SPDX-License-Identifier: Apache-2.0
"""保守作業の待合 — the one page a vendor's person always has: their orders, what is open, and a new request."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tasuki.security.permissions import Permission
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.institutions.middleware import staff_of
from tasuki_server.institutions.work import current_work
from tasuki_server.maintenance.access import person_of
from tasuki_server.maintenance.asking import NotPossible, ask, end
from tasuki_server.maintenance.forms import OrderForm
from tasuki_server.maintenance.models import MaintenancePerson
from tasuki_server.maintenance.order_views import declared
from tasuki_server.maintenance.plans import open_order, orders_of, plan_of
from tasuki_server.maintenance.reading import DECLARATIONS, scope_labels, steps_of


@requires(Permission.MAINTENANCE_WAIT)
@require_GET
def waiting(request: HttpRequest) -> HttpResponse:
    """保守作業の待合 — no word of the clinic's work, only of one's own orders."""
    staff, at = staff_of(request), current_work().at
    rows = []
    for order in orders_of(staff.id)[:20]:
        plan, steps = plan_of(order), steps_of(order)
        may_declare = plan.decision is not None and "declaration" not in steps and at >= plan.closes_at
        rows.append(
            {
                "order": order,
                "standing": plan.standing(at),
                "scope": scope_labels(order),
                "may_declare": may_declare and plan.decision == "approved",
            }
        )
    context = {
        "rows": rows,
        "declarations": DECLARATIONS,
        "person": person_of(staff.id),
        "open": open_order(staff, at),
    }
    return render(request, "maintenance/waiting.html", context)


@requires(Permission.MAINTENANCE_WAIT)
@require_http_methods(["GET", "POST"])
def ask_order(request: HttpRequest) -> HttpResponse:
    """作業指示の依頼 — by the vendor, for people of the same company; it opens nothing until the clinic approves."""
    own = person_of(staff_of(request).id)
    if own is None or not own.company.is_active:
        messages.error(request, "委託中の会社に登録されていないため、依頼はできません。")
        return redirect("maintenance:waiting")
    people = MaintenancePerson.objects.select_related("company", "staff").filter(
        company=own.company, staff__is_active=True
    )
    form = OrderForm(request.POST or None, people=list(people), with_patients=False)
    if request.method == "POST" and form.is_valid():
        try:
            order = ask(form.asked(), staff_of(request))
        except NotPossible as reason:
            form.add_error(None, str(reason))
        else:
            messages.success(request, f"作業指示 {order.number} を依頼しました。承認を待ってください。")
            return redirect("maintenance:waiting")
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "has_people": True, "back": reverse("maintenance:waiting")}
    return render(request, "maintenance/new.html", context, status=status)


@requires(Permission.MAINTENANCE_WAIT)
@require_POST
def end_own(request: HttpRequest) -> HttpResponse:
    """作業の終了 — of the order one is working under."""
    found = open_order(staff_of(request), current_work().at)
    if found is None:
        messages.error(request, "作業中の指示はありません。")
        return redirect("maintenance:waiting")
    end(found[0], staff_of(request), is_cut=False, note=request.POST.get("note", ""))
    messages.success(request, "作業を終えました。作業データの消去を申告してください。")
    return redirect("maintenance:waiting")


@requires(Permission.MAINTENANCE_WAIT)
@require_POST
def declare_own(request: HttpRequest) -> HttpResponse:
    """作業データ消去の申告 — for an order of one's own, by its number."""
    number = request.POST.get("number", "")
    wanted = orders_of(staff_of(request).id)
    order = wanted.filter(number=int(number)).first() if number.isdecimal() and len(number) < 9 else None
    if order is None:
        raise Http404
    try:
        declared(request, order)
    except NotPossible as reason:
        messages.error(request, str(reason))
    else:
        messages.success(request, "申告を記録しました。")
    return redirect("maintenance:waiting")
