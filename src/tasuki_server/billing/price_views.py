# SPDX-License-Identifier: Apache-2.0
"""料金表と契約の画面 — the institution's own prices, and what other payers pay for a point."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from tasuki.calculation.payers import read_price_list
from tasuki.kernel.finding import BadInput
from tasuki.kernel.messages import sentence
from tasuki.security.permissions import Permission
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.audit.trail import record
from tasuki_server.billing.local_rules import LONGEST, keep_local_file, own_programmes
from tasuki_server.billing.payer_models import BASES, CONTRACT_KINDS, TAXES, PayerContract, PriceListItem
from tasuki_server.billing.payers import replace_price_list
from tasuki_server.institutions.rows import StaleVersion
from tasuki_server.reception.clock import today

LARGEST_FILE = 1_000_000


# Seen by whoever may see the day's money, 管理者 among them: who keeps the prices need not be at the desk.
@requires(Permission.DAYBOOK_VIEW)
@require_GET
def prices(request: HttpRequest) -> HttpResponse:
    """料金表と契約 — both lists."""
    return _page(request, [])


@requires(Permission.INSTITUTION_MANAGE)
@require_POST
def import_prices(request: HttpRequest) -> HttpResponse:
    """料金表の取込み — a tab-separated file, or the same text pasted; all of it or nothing."""
    data, name = _given(request)
    if len(data) > LARGEST_FILE:
        return _page(request, ["ファイルが大きすぎます（1MBまで）。"], 422)
    try:
        items = read_price_list(data, name)
    except BadInput as refused:
        return _page(request, [sentence(each) for each in refused.findings[:50]], 422)
    count = replace_price_list(items)
    record("prices.import", "料金表", None, {"count": count})
    messages.success(request, f"料金表を{count}件に差し替えました。")
    return redirect("billing:prices")


@requires(Permission.INSTITUTION_MANAGE)
@require_POST
def import_programmes(request: HttpRequest) -> HttpResponse:
    """制度ファイルの取込み — the municipality's programmes; all of the file or nothing."""
    data, name = _given(request)
    if len(data) > LONGEST:
        return _page(request, ["ファイルが大きすぎます（500KBまで）。"], 422)
    try:
        count = keep_local_file(data, name)
    except BadInput as refused:
        return _page(request, [sentence(each) for each in refused.findings[:50]], 422)
    messages.success(request, f"地方公費の制度{count}件を取り込みました。")
    return redirect("billing:prices")


@requires(Permission.INSTITUTION_MANAGE)
@require_POST
def add_contract(request: HttpRequest) -> HttpResponse:
    """契約の追加 — the price of a point of one payer, from a day on."""
    members, faults = _read_contract(request)
    if faults:
        return _page(request, faults, 422)
    row = PayerContract(**members)
    row.save()
    record("payer_contract.add", row, None, {"kind": row.kind})
    messages.success(request, "契約を登録しました。")
    return redirect("billing:prices")


@requires(Permission.INSTITUTION_MANAGE)
@require_POST
def end_contract(request: HttpRequest, record_id: UUID) -> HttpResponse:
    """契約の終了 — its last day, with the reason; the versions of before stay."""
    row = PayerContract.objects.current().filter(record_id=record_id).first()
    if row is None:
        raise Http404
    until, reason = _day(request.POST.get("until", "")), request.POST.get("reason", "").strip()
    if until is None or until < row.since or not reason:
        return _page(request, ["終了日（開始日以後）と理由を入れてください。"], 422)
    try:
        ended = row.revise(read_version=row.version, reason=reason[:200], until=until)
    except StaleVersion:
        return _page(request, ["ほかの人が契約を変えました。開き直してください。"], 409)
    record("payer_contract.end", ended, None, {"until": until.isoformat()})
    return redirect("billing:prices")


def _given(request: HttpRequest) -> tuple[bytes, str]:
    """The uploaded file, read no further than needed to refuse it, or the pasted text."""
    uploaded = request.FILES.get("file")
    if uploaded is None:
        return request.POST.get("text", "").encode(), ""
    return uploaded.read(LARGEST_FILE + 1), uploaded.name or ""


def _read_contract(request: HttpRequest) -> tuple[dict[str, Any], list[str]]:
    given = request.POST
    faults: list[str] = []
    try:
        price = Decimal(given.get("unit_price_yen", "").strip())
        percent = int(given.get("technique_percent") or 100)
    except (InvalidOperation, ValueError):
        price, percent = Decimal(0), 100
    if not Decimal(0) < price <= 1000 or price != price.quantize(Decimal("0.01")):
        faults.append("1点の金額は0円より大きく1,000円までの数字で入れてください（銭まで）。")
    if not 100 <= percent <= 300:
        faults.append("技術料の割合は100から300までの数字で入れてください。")
    since, until = _day(given.get("since", "")), _day(given.get("until", ""))
    if since is None or (until is not None and until < since):
        faults.append("開始日と、開始日以後の終了日を入れてください。")
    choices = (("kind", CONTRACT_KINDS), ("basis", BASES), ("tax", TAXES))
    if any(given.get(name) not in {each.value for each in known} for name, known in choices):
        faults.append("種別・点数表・消費税を選んでください。")
    members = {
        "kind": given.get("kind"),
        "contract": given.get("contract", "").strip()[:60],
        "basis": given.get("basis"),
        "unit_price_yen": price,
        "technique_percent": percent,
        "tax": given.get("tax"),
        "is_patient_charged": given.get("is_patient_charged") == "yes",
        "since": since,
        "until": until,
    }
    return members, faults


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        return None
    return day if 1900 <= day.year <= 2199 else None


def _page(request: HttpRequest, faults: list[str], status: int = 200) -> HttpResponse:
    context = {
        "faults": faults,
        "contracts": PayerContract.objects.current().order_by("kind", "contract", "-since"),
        "programmes": own_programmes(),
        "prices": PriceListItem.objects.filter(is_current=True).order_by("kind", "code"),
        "kinds": [(kind.value, label) for kind, label in CONTRACT_KINDS.items()],
        "bases": [(basis.value, label) for basis, label in BASES.items()],
        "taxes": [(tax.value, label) for tax, label in TAXES.items()],
        "day": today(),
    }
    return render(request, "billing/prices.html", context, status=status)
