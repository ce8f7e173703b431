# SPDX-License-Identifier: Apache-2.0
"""復旧計画の画面 — the plan in the order of return, to read, print and change."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tasuki.security.permissions import Permission
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.continuity.forms import ChangeForm, SystemForm
from tasuki_server.continuity.plan import (
    access_plan,
    access_system,
    add_system,
    adopt_starter,
    revise_system,
    rows_of_plan,
    withdraw_system,
)
from tasuki_server.institutions.middleware import institution_of
from tasuki_server.institutions.rows import StaleVersion

_VALUES = ("code", "name", "priority", "needs", "back_by_minutes", "to_point", "responsible", "paper", "act")


@requires(Permission.CONTINUITY_VIEW)
@require_GET
def plan(request: HttpRequest) -> HttpResponse:
    """復旧計画 — of the institution, or the proposal."""
    return render(request, "continuity/plan.html", {**access_plan(), "institution": institution_of(request)})


@requires(Permission.CONTINUITY_MANAGE)
@require_POST
def adopt(request: HttpRequest) -> HttpResponse:
    """案の採用."""
    if adopt_starter():
        messages.success(request, "案を計画にしました。担当と紙の手順の置き場所を書き込んでください。")
    return redirect("continuity:plan")


@requires(Permission.CONTINUITY_MANAGE)
@require_http_methods(["GET", "POST"])
def new_system(request: HttpRequest) -> HttpResponse:
    """システムの追加."""
    form = SystemForm(request.POST or None, others=rows_of_plan())
    if request.method == "POST" and form.is_valid():
        add_system(_values(form))
        messages.success(request, "復旧計画に加えました。")
        return redirect("continuity:plan")
    status = 422 if request.method == "POST" else 200
    return render(request, "continuity/system.html", {"form": form}, status=status)


@requires(Permission.CONTINUITY_MANAGE)
@require_http_methods(["GET", "POST"])
def system(request: HttpRequest, recoverysystem_id: UUID) -> HttpResponse:
    """システムの変更 — a clash with another's change is told, with what was typed kept."""
    row = access_system(recoverysystem_id)
    others = [each for each in rows_of_plan() if each.record_id != row.record_id]
    known = {name: getattr(row, name) for name in _VALUES} | {"read_version": row.version}
    form = ChangeForm(request.POST or None, initial=known, others=others)
    context: dict[str, Any] = {"form": form, "row": row}
    if request.method != "POST":
        return render(request, "continuity/system.html", context)
    if not form.is_valid():
        return render(request, "continuity/system.html", context, status=422)
    reason, version = form.cleaned_data["reason"], form.cleaned_data["read_version"]
    try:
        if request.POST.get("do") == "withdraw":
            withdraw_system(row, read_version=version, reason=reason)
        else:
            revise_system(row, _values(form), read_version=version, reason=reason)
    except StaleVersion as clash:
        return render(request, "continuity/system.html", context | {"theirs": clash.theirs}, status=409)
    messages.success(request, "復旧計画を変えました。")
    return redirect("continuity:plan")


def _values(form: SystemForm) -> dict[str, Any]:
    return {name: form.cleaned_data[name] for name in _VALUES}
