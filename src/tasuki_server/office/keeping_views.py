# SPDX-License-Identifier: Apache-2.0
"""契約・資産・お知らせの画面 — lists, entries, and who answers for what."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tasuki.security.permissions import Permission
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.audit.trail import record
from tasuki_server.institutions.rows import StaleVersion
from tasuki_server.office import keeping, reading
from tasuki_server.office.duties import DUTIES
from tasuki_server.office.forms import AssetForm, ChangeForm, ContractForm, NoticeForm
from tasuki_server.office.models import Asset, Contract, Party
from tasuki_server.patients.forms import JapaneseForm
from tasuki_server.reception.clock import today


@requires(Permission.OFFICE_VIEW)
@require_GET
def contracts(request: HttpRequest) -> HttpResponse:
    """契約と責任分界."""
    record("office.read", detail={"part": "contracts"})
    return render(request, "office/contracts.html", {"contracts": reading.contracts(today())})


@requires(Permission.OFFICE_MANAGE)
@require_http_methods(["GET", "POST"])
def new_contract(request: HttpRequest) -> HttpResponse:
    """契約の登録."""
    form = ContractForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        row = keeping.add_contract(_values(form))
        messages.success(request, "契約を登録しました。責任分界を書いてください。")
        return redirect("office:contract", row.pk)
    status = 422 if request.method == "POST" else 200
    return render(request, "office/contract.html", {"form": form}, status=status)


@requires(Permission.OFFICE_MANAGE)
@require_http_methods(["GET", "POST"])
def contract(request: HttpRequest, contract_id: UUID) -> HttpResponse:
    """契約の変更 — with its responsibility matrix below."""
    row = keeping.access_contract(contract_id)
    held = keeping.responsibilities_of(row)
    more = {
        "matrix": [(duty, label, held.get(duty)) for duty, label in DUTIES.items()],
        "parties": Party.choices,
    }
    return _change(request, row, ContractForm, "contract", more)


@requires(Permission.OFFICE_MANAGE)
@require_POST
def responsibilities(request: HttpRequest, contract_id: UUID) -> HttpResponse:
    """責任分界の保存."""
    row = keeping.access_contract(contract_id)
    given = {}
    for duty in DUTIES:
        party, words = request.POST.get(f"party-{duty}", ""), request.POST.get(f"words-{duty}", "").strip()
        if party and party not in Party.values:
            raise BadRequest("party")
        if len(words) > 200 or "\0" in words:
            raise BadRequest("words")
        given[duty] = (party, words)
    kept = keeping.keep_responsibilities(row, given)
    messages.success(request, f"責任分界を {kept} 行、記録しました。")
    return redirect("office:contracts")


@requires(Permission.OFFICE_VIEW)
@require_GET
def assets(request: HttpRequest) -> HttpResponse:
    """資産と版 — devices that people wrote down, and the parts that are installed here."""
    record("office.read", detail={"part": "assets"})
    return render(request, "office/assets.html", {"assets": reading.assets(today()), "bill": reading.parts()})


@requires(Permission.OFFICE_MANAGE)
@require_http_methods(["GET", "POST"])
def new_asset(request: HttpRequest) -> HttpResponse:
    """資産の登録."""
    form = AssetForm(request.POST or None, initial={"checked_on": today()})
    if request.method == "POST" and form.is_valid():
        keeping.add_asset(_values(form))
        messages.success(request, "資産を登録しました。")
        return redirect("office:assets")
    status = 422 if request.method == "POST" else 200
    return render(request, "office/asset.html", {"form": form}, status=status)


@requires(Permission.OFFICE_MANAGE)
@require_http_methods(["GET", "POST"])
def asset(request: HttpRequest, asset_id: UUID) -> HttpResponse:
    """資産の変更."""
    return _change(request, keeping.access_asset(asset_id), AssetForm, "asset", {})


@requires(Permission.OFFICE_VIEW)
@require_GET
def notices(request: HttpRequest) -> HttpResponse:
    """お知らせ — open ones first."""
    record("office.read", detail={"part": "notices"})
    context = {"notices": reading.notices(), "form": NoticeForm(), "today": today()}
    return render(request, "office/notices.html", context)


@requires(Permission.OFFICE_MANAGE)
@require_POST
def new_notice(request: HttpRequest) -> HttpResponse:
    """お知らせの登録."""
    form = NoticeForm(request.POST)
    if not form.is_valid():
        context = {"notices": reading.notices(), "form": form, "today": today()}
        return render(request, "office/notices.html", context, status=422)
    keeping.add_notice(_values(form))
    messages.success(request, "お知らせを登録しました。")
    return redirect("office:notices")


@requires(Permission.OFFICE_MANAGE)
@require_POST
def finish(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    """お知らせへの対応 — in words, once."""
    row = keeping.access_notice(notice_id)
    words = request.POST.get("words", "").strip()
    if "\0" in words or len(words) > 400:
        raise BadRequest("words")
    if row.done_at is not None:
        messages.info(request, "このお知らせには、すでに対応が書かれています。")
    elif not words:
        messages.error(request, "したことを、ひとこと書いてください。")
    else:
        keeping.finish_notice(row, words)
        messages.success(request, "対応を記録しました。")
    return redirect("office:notices")


def _change(
    request: HttpRequest, row: Contract | Asset, kind: type[JapaneseForm], page: str, more: dict[str, Any]
) -> HttpResponse:
    known = {name: getattr(row, name) for name in kind.base_fields if name != "confirmed"}
    form = kind(request.POST or None, initial=known)
    change = ChangeForm(request.POST or None, initial={"read_version": row.version})
    context = {"form": form, "change": change, "row": row, **more}
    if request.method != "POST":
        return render(request, f"office/{page}.html", context)
    is_fine, is_said = form.is_valid(), change.is_valid()
    if not is_said or (not is_fine and request.POST.get("do") != "withdraw"):
        return render(request, f"office/{page}.html", context, status=422)
    version, reason = change.cleaned_data["read_version"], change.cleaned_data["reason"]
    try:
        if request.POST.get("do") == "withdraw":
            keeping.withdraw(row, read_version=version, reason=reason)
        else:
            keeping.revise(row, _values(form), read_version=version, reason=reason)
    except StaleVersion as clash:
        return render(request, f"office/{page}.html", context | {"theirs": clash.theirs}, status=409)
    messages.success(request, "変更を記録しました。")
    return redirect(f"office:{page}s")


def _values(form: JapaneseForm) -> dict[str, Any]:
    return {name: form.cleaned_data[name] for name in form.fields if name != "confirmed"}
