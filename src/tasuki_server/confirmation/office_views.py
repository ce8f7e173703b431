# SPDX-License-Identifier: Apache-2.0
"""利用率・回線・手順・カードリーダーの代わりの画面 — what is set, counted and rehearsed around the confirmations."""

from __future__ import annotations

import json

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from tasuki.security.permissions import Permission
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.audit.trail import record
from tasuki_server.confirmation import rates
from tasuki_server.confirmation.line import asker_of, own_line, set_line
from tasuki_server.confirmation.models import LineKind, Method
from tasuki_server.confirmation.reader import CONSENT_CHOICES, known_cards, show_card
from tasuki_server.confirmation.without_line import BY_METHOD, WAYS, access_unconfirmed, note_way
from tasuki_server.institutions.middleware import institution_of
from tasuki_server.platform.wire import NotReached
from tasuki_server.reception.access import access_visit
from tasuki_server.reception.clock import today
from tasuki_server.settings_table import text

MONTHS = 13


@requires(Permission.ELIGIBILITY_VIEW)
@require_GET
def usage(request: HttpRequest) -> HttpResponse:
    """マイナ保険証利用率 — by month, with the months that may be used for this month's fee."""
    found = rates.month_rates(today(), MONTHS)
    record("eligibility.rates", detail={"months": MONTHS})
    usable = rates.usable_months(today())
    return render(
        request,
        "confirmation/usage.html",
        {"rates": found, "usable": usable, "wanted": rates.WANTED_PERCENT, "today": today()},
    )


@requires(Permission.ELIGIBILITY_VIEW)
@require_GET
def usage_table(request: HttpRequest) -> HttpResponse:
    """マイナ保険証利用率のCSV — numbers only."""
    record("eligibility.rates", detail={"months": MONTHS, "form": "csv"})
    return HttpResponse(
        rates.rates_csv(rates.month_rates(today(), MONTHS)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="mynacard-usage-{today():%Y-%m}.csv"'},
    )


@requires(Permission.INSTITUTION_MANAGE)
@require_http_methods(["GET", "POST"])
def line(request: HttpRequest) -> HttpResponse:
    """回線の設定 — by WebAPI, by folders, or not at all."""
    if request.method == "POST":
        kind = request.POST.get("kind", "")
        if kind not in LineKind.values:
            messages.error(request, "連携方式を選んでください。")
        elif kind == LineKind.FOLDER and not text("TASUKI_OQS_FOLDER"):
            messages.error(
                request, "フォルダ連携には、サーバの設定 TASUKI_OQS_FOLDER に連携フォルダの場所が要ります。"
            )
        else:
            set_line(LineKind(kind), may_look_in_emergency=request.POST.get("emergency") == "yes")
            messages.success(request, "連携方式を設定しました。数秒でつながります。")
        return redirect("confirmation:line")
    context = {
        "line": own_line(),
        "kinds": LineKind.choices,
        "number": asker_of(institution_of(request)).number,
        "folder": text("TASUKI_OQS_FOLDER"),
        "address": text("TASUKI_PLATFORM_URL"),
    }
    return render(request, "confirmation/line.html", context)


@requires(Permission.ELIGIBILITY_ASK)
@require_http_methods(["GET", "POST"])
def outage(request: HttpRequest) -> HttpResponse:
    """つながらないときの手順 — what may be relied upon instead, and noting it for each person who waits."""
    if request.method == "POST":
        method = request.POST.get("method", "")
        if method not in BY_METHOD:
            messages.error(request, "確認のしかたを選んでください。")
            return redirect("confirmation:outage")
        number = request.POST.get("serial", "")
        waiting = [each["visit"] for each in access_unconfirmed()]
        found = next((each for each in waiting if str(each.serial) == number), None)
        if found is None:
            messages.error(request, "この受付は、もう確認が済んでいるか、取り消されています。")
            return redirect("confirmation:outage")
        note_way(access_visit(found.id), Method(method))
        messages.success(request, f"{found.serial}番の確認を記録しました。つながり次第、番号で照会します。")
        return redirect("confirmation:outage")
    context = {"line": own_line(), "today": today(), "ways": WAYS, "unconfirmed": access_unconfirmed()}
    return render(request, "confirmation/outage.html", context)


@requires(Permission.ELIGIBILITY_ASK)
@require_http_methods(["GET", "POST"])
def reader(request: HttpRequest) -> HttpResponse:
    """カードリーダーの代わり（試行環境） — a made-up person shows the card; the result arrives on the board."""
    if request.method == "POST":
        card = request.POST.get("card", "").strip()
        given = {name: request.POST.get(name) == "yes" for name, _ in CONSENT_CHOICES}
        issue = request.POST.get("prescription", "")
        try:
            told = show_card(institution_of(request), card, given, issue if issue in ("1", "2") else "")
        except NotReached:
            told = "オンライン資格確認等システムにつながりません。しばらくしてからもう一度お試しください。"
        if told:
            messages.error(request, told)
            return redirect("confirmation:reader")
        record("eligibility.card", detail={"consents": json.dumps(given)})
        messages.success(request, "カードを読み取りました。数秒で受付一覧に出ます。")
        return redirect("reception:board")
    context = {"cards": known_cards(institution_of(request)), "consents": CONSENT_CHOICES, "line": own_line()}
    return render(request, "confirmation/reader.html", context)
