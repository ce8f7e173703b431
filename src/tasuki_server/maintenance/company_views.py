# SPDX-License-Identifier: Apache-2.0
"""保守業者の画面 — companies, and their people with an account each."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from tasuki.security.permissions import Permission
from tasuki_server.accounts.app_permits import end_access
from tasuki_server.accounts.models import Why
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.audit.trail import record
from tasuki_server.institutions.middleware import institution_of
from tasuki_server.maintenance.access import access_company, access_person
from tasuki_server.maintenance.forms import CompanyForm, PersonForm
from tasuki_server.maintenance.models import MaintenanceCompany
from tasuki_server.maintenance.people import NameTaken, add_account


@requires(Permission.MAINTENANCE_MANAGE)
@require_http_methods(["GET", "POST"])
def companies(request: HttpRequest) -> HttpResponse:
    """保守業者の一覧 — with the form for a new one."""
    form = CompanyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        company = form.save()
        record("maintenance.company", company, detail={"is_active": True})
        messages.success(request, "保守業者を登録しました。作業する人を加えてください。")
        return redirect("maintenance:companies")
    found = MaintenanceCompany.objects.prefetch_related("people__staff").order_by("-is_active", "name")
    context = {"companies": found, "form": form, "person_form": PersonForm()}
    return render(
        request, "maintenance/companies.html", context, status=422 if request.method == "POST" else 200
    )


@requires(Permission.MAINTENANCE_MANAGE)
@require_http_methods(["GET", "POST"])
def add_person(request: HttpRequest, maintenancecompany_id: UUID) -> HttpResponse:
    """保守業者の人の登録 — the paper with the first password and enrolment code is shown once."""
    company = access_company(maintenancecompany_id)
    form = PersonForm(request.POST or None)
    context = {"company": company, "form": form}
    if request.method == "POST" and form.is_valid():
        try:
            joined = add_account(
                company, institution_of(request).id, form.cleaned_data["user"], form.cleaned_data["name"]
            )
        except NameTaken:
            form.add_error("user", "この利用者名は使われています。")
        else:
            return render(request, "maintenance/paper.html", {"joined": joined, "company": company})
    return render(
        request, "maintenance/person.html", context, status=422 if request.method == "POST" else 200
    )


@requires(Permission.MAINTENANCE_MANAGE)
@require_POST
def stop_company(request: HttpRequest, maintenancecompany_id: UUID) -> HttpResponse:
    """委託の終了・再開 — stopped, none of its orders is open from the next request on."""
    company = access_company(maintenancecompany_id)
    company.is_active = request.POST.get("act") == "resume"
    company.save(update_fields=["is_active"])
    record("maintenance.company", company, detail={"is_active": company.is_active})
    messages.success(request, "委託を再開しました。" if company.is_active else "委託を終えました。")
    return redirect("maintenance:companies")


@requires(Permission.MAINTENANCE_MANAGE)
@require_POST
def stop_person(request: HttpRequest, maintenanceperson_id: UUID) -> HttpResponse:
    """保守業者の人の停止 — the account opens nothing from the next request on."""
    person = access_person(maintenanceperson_id)
    person.staff.is_active = False
    person.staff.save(update_fields=["is_active"])
    record("maintenance.person_stop", person.staff, detail=end_access(person.staff, Why.DISABLED))
    messages.success(request, f"{person.staff.name}さんの利用を止めました。")
    return redirect("maintenance:companies")
