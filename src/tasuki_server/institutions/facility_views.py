# SPDX-License-Identifier: Apache-2.0
"""施設の画面 — what the institution is, its hours, and the standards its bills depend on."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tasuki.facility.standards import STANDARDS, standard_name
from tasuki.kernel.kana import search_key
from tasuki.security.permissions import Permission
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.institutions.change_facility import (
    NoSuchNotice,
    OverlappingNotice,
    StaleFacility,
    change_facility,
    end_standard,
    notify_standard,
    stamp_of,
)
from tasuki_server.institutions.facility_forms import FacilityForm, StandardForm
from tasuki_server.institutions.models import Institution
from tasuki_server.masters_source import current_book
from tasuki_server.patients.birth_text import read_day
from tasuki_server.reception.clock import today

LIMIT = 12
_STALE = "ほかの端末で先に変わりました。今の内容を確かめて、もう一度保存してください。"


@requires(Permission.INSTITUTION_MANAGE)
@require_http_methods(["GET", "POST"])
def facility(request: HttpRequest) -> HttpResponse:
    """施設の設定 — shown and changed on one page."""
    institution = Institution.objects.get()
    form = FacilityForm(request.POST or None, initial=FacilityForm.initial_of(institution))
    if request.method == "POST" and form.is_valid():
        try:
            changed = change_facility(form.values(), read_stamp=form.cleaned_data["read_stamp"])
        except StaleFacility:
            form.add_error(None, _STALE)
            return _page(request, institution, form, status=409)
        messages.success(request, "施設の設定を変更しました。" if changed else "変わったところはありません。")
        return redirect("institutions:facility")
    return _page(request, institution, form, status=422 if request.method == "POST" else 200)


@requires(Permission.INSTITUTION_MANAGE)
@require_POST
def standards(request: HttpRequest) -> HttpResponse:
    """施設基準の届出 — added, ended, or taken back."""
    stamp = request.POST.get("read_stamp", "")
    if request.POST.get("act") in ("end", "withdraw"):
        return _end(request, stamp)
    form = StandardForm(request.POST)
    if not form.is_valid():
        return _page(request, Institution.objects.get(), standard_form=form, status=422)
    given = form.cleaned_data
    if _name(given["code"], given["since"]) is None:
        form.add_error(None, "施設基準を候補から選んでください。")
        return _page(request, Institution.objects.get(), standard_form=form, status=422)
    try:
        notify_standard(given["code"], given["since"], given["until"], read_stamp=stamp)
    except OverlappingNotice:
        form.add_error(None, "この施設基準は、期間の重なる届出がすでにあります。")
        return _page(request, Institution.objects.get(), standard_form=form, status=422)
    except StaleFacility:
        form.add_error(None, _STALE)
        return _page(request, Institution.objects.get(), standard_form=form, status=409)
    messages.success(request, "届出を加えました。")
    return redirect("institutions:facility")


@requires(Permission.INSTITUTION_MANAGE)
@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """施設基準の候補 — by number and by words of its name."""
    key = search_key(request.GET.get("text", ""))
    names = _all_names(today())
    found = [(code, name) for code, name in names.items() if key and (key in search_key(name) or code == key)]
    found.sort(key=lambda each: (len(each[1]), each[0]))
    return render(
        request,
        "institutions/_standards_found.html",
        {"found": found[:LIMIT], "text": request.GET.get("text", "")},
    )


def _end(request: HttpRequest, stamp: str) -> HttpResponse:
    code, since = request.POST.get("code", ""), request.POST.get("since", "")
    is_withdrawal = request.POST["act"] == "withdraw"
    until = None if is_withdrawal else read_day(request.POST.get("until", ""))
    if not is_withdrawal and until is None:
        messages.error(request, "最後の日を 2026-05-31 のように入れてください。")
        return redirect("institutions:facility")
    try:
        end_standard(code, since, until, read_stamp=stamp)
    except ValueError:
        messages.error(request, "最後の日が開始日より前です。")
    except NoSuchNotice:
        messages.error(request, "その届出はもうありません。")
    except StaleFacility:
        messages.error(request, _STALE)
    else:
        messages.success(
            request, "届出を取り消しました。" if is_withdrawal else "届出の終わりを記録しました。"
        )
    return redirect("institutions:facility")


def _page(
    request: HttpRequest,
    institution: Institution,
    form: FacilityForm | None = None,
    standard_form: StandardForm | None = None,
    status: int = 200,
) -> HttpResponse:
    day = today()
    context = {
        "facility": institution,
        "form": form or FacilityForm(initial=FacilityForm.initial_of(institution)),
        "standard_form": standard_form or StandardForm(),
        "notices": [_notice(each, day) for each in institution.standards],
        "stamp": stamp_of(institution),
        "today": day,
    }
    return render(request, "institutions/facility.html", context, status=status)


def _notice(row: dict[str, str], day: date) -> dict[str, Any]:
    since = date.fromisoformat(row["since"])
    until = date.fromisoformat(row["until"]) if row.get("until") else None
    return {
        "code": row["code"],
        "name": _name(row["code"], max(since, min(day, until or day))) or row["code"],
        "since": since,
        "until": until,
        "is_over": until is not None and until < day,
        "is_ours": row["code"].startswith("tasuki-"),
    }


def _name(code: str, day: date) -> str | None:
    """The name on a day: our own table tells the days of a name, the official list only the name."""
    listed = current_book().standards.get(code)
    return standard_name(code, day) or (listed.name if listed is not None else None)


def _all_names(day: date) -> dict[str, str]:
    names = {code: standard.name for code, standard in current_book().standards.items()}
    return names | {each.code: each.name for each in STANDARDS if day in each.validity}
