# SPDX-License-Identifier: Apache-2.0
"""検知の画面 — the list, one case with its evidence, closing it, and the numbers of the rules."""

from __future__ import annotations

import ipaddress
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tasuki.security.misuse.prefecture_places import OFFICES
from tasuki.security.misuse.rule_list import BY_ID, RULES
from tasuki.security.misuse.sentences import TEXTS
from tasuki.security.permissions import Permission
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.audit.trail import record
from tasuki_server.reception.clock import today
from tasuki_server.watch import alerts
from tasuki_server.watch.containing import is_read_only
from tasuki_server.watch.models import CloseCode
from tasuki_server.watch.networks import name_network, networks
from tasuki_server.watch.parsing import day_of, one_of, words_of

MOST = 1_000_000


@requires(Permission.MISUSE_WATCH)
@require_GET
def list_all(request: HttpRequest) -> HttpResponse:
    """検知の一覧 — open ones by weight."""
    is_closed, rule = request.GET.get("closed") == "1", request.GET.get("rule", "")
    found = alerts.list_alerts(is_closed=is_closed, rule=rule)
    record("watch.read", detail={"count": len(found)})
    context = {
        "alerts": found,
        "is_closed": is_closed,
        "rule": rule,
        "rules": [(each.id, TEXTS[each.id].title) for each in RULES],
        "watch": alerts.state_of_watch(),
    }
    return render(request, "watch/alerts.html", context)


@requires(Permission.MISUSE_WATCH)
@require_GET
def one(request: HttpRequest, alert_id: UUID) -> HttpResponse:
    """検知の内容 — rule, facts, what is normal, what to do, and the events that show it."""
    row = alerts.access_alert(alert_id)
    record("watch.read", row, row.patient_id, {"rule": row.rule})
    context = {
        "alert": alerts.shown(row),
        "evidence": alerts.evidence_of(row),
        "codes": CloseCode.choices,
        "containments": row.containments.select_related("begun_by").order_by("begun_at"),
        "is_read_only": is_read_only(),
    }
    return render(request, "watch/alert.html", context)


@requires(Permission.MISUSE_WATCH)
@require_POST
def close(request: HttpRequest, alert_id: UUID) -> HttpResponse:
    """検知を閉じる — with words of what was found out."""
    row = alerts.access_alert(alert_id)
    if row.closed_at is not None:
        messages.info(request, "この検知は、すでに閉じられています。")
        return redirect("watch:alert", alert_id)
    code, words = one_of(request, "code", CloseCode.values), words_of(request, "words", 400)
    if not words:
        messages.error(request, "確かめたことを、ひとこと書いてください。")
        return redirect("watch:alert", alert_id)
    alerts.close_alert(row, code, words)
    if row.incident_id:
        return redirect("watch:incident", row.incident_id)
    messages.success(request, "検知を閉じました。")
    return redirect("watch:alerts")


@requires(Permission.MISUSE_WATCH)
@require_http_methods(["GET", "POST"])
def settings(request: HttpRequest) -> HttpResponse:
    """しきい値の設定 — a number counts from a day on, with the reason."""
    if request.method == "POST":
        rule, _, knob = request.POST.get("knob", "").partition(":")
        value, reason = request.POST.get("value", ""), words_of(request, "reason", 200)
        if rule not in BY_ID or knob not in BY_ID[rule].knobs or not value.isdecimal() or len(value) > 7:
            raise BadRequest("knob")
        if int(value) > MOST:
            raise BadRequest("value")
        if not reason:
            messages.error(request, "変える理由を書いてください。")
        else:
            alerts.set_threshold(rule, knob, int(value), day_of(request, "since"), reason)
            messages.success(request, f"{TEXTS[rule].title} のしきい値を変えました。")
        return redirect("watch:settings")
    context = {
        "rules": alerts.rule_rows(today()),
        "history": alerts.threshold_history(),
        "networks": networks(),
        "prefectures": list(OFFICES),
        "today": today(),
    }
    return render(request, "watch/settings.html", context)


@requires(Permission.MISUSE_WATCH)
@require_POST
def network(request: HttpRequest) -> HttpResponse:
    """ネットワークの場所の登録 — which prefecture a range of addresses is in."""
    place, site = one_of(request, "prefecture", OFFICES), words_of(request, "site", 30)
    text = words_of(request, "network", 43)
    try:
        found = ipaddress.ip_network(text, strict=False)
    except ValueError:
        messages.error(
            request, f"「{text}」をネットワークとして読めません。192.0.2.0/24 のように入れてください。"
        )
        return redirect("watch:settings")
    name_network(str(found), f"{place}/{site}" if site else place)
    messages.success(request, f"{found} の場所を登録しました。")
    return redirect("watch:settings")
