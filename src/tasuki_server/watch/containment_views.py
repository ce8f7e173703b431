# SPDX-License-Identifier: Apache-2.0
"""封じ込めの画面 — one click to stop, and the list of what is stopped with the way back; decoys are made here too."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from tasuki.security.permissions import Permission
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.accounts.step_up import with_step_up
from tasuki_server.audit.trail import record
from tasuki_server.institutions.middleware import staff_of
from tasuki_server.institutions.models import Staff
from tasuki_server.watch import canaries
from tasuki_server.watch.alerts import access_alert
from tasuki_server.watch.containing import contain, is_read_only, open_containment, take_back
from tasuki_server.watch.models import Canary, Containment, ContainmentKind
from tasuki_server.watch.parsing import one_of, words_of

DEFAULT_REASON = "検知を受けて"


@requires(Permission.MISUSE_CONTAIN)
@require_GET
def containments(request: HttpRequest) -> HttpResponse:
    """封じ込めの一覧 — what is stopped now, and the history."""
    rows = Containment.objects.select_related("staff", "begun_by", "ended_by", "alert").order_by("-begun_at")[
        :100
    ]
    people = Staff.objects.filter(is_system=False, user_id__isnull=False).order_by("name")
    record("watch.read", detail={"part": "containments"})
    context = {
        "rows": rows,
        "people": people,
        "is_read_only": is_read_only(),
        "kinds": ContainmentKind.choices,
    }
    return render(request, "watch/containments.html", context)


@requires(Permission.MISUSE_CONTAIN)
@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """封じ込め — at once, without another question: stopping needs no second proof, ending it does."""
    kind = ContainmentKind(one_of(request, "kind", ContainmentKind.values))
    alert_id = request.POST.get("alert", "")
    alert = access_alert(_uuid(alert_id)) if alert_id else None
    staff = None
    if kind is not ContainmentKind.READ_ONLY:
        staff = (
            alert.staff
            if alert is not None
            else Staff.objects.filter(pk=_uuid(request.POST.get("staff", ""))).first()
        )
        if staff is None or staff.user_id is None:
            raise Http404("staff")
        if staff == staff_of(request) and kind is ContainmentKind.ACCOUNT:
            messages.error(request, "自分の利用は止められません。ほかの管理者に依頼してください。")
            return redirect("watch:containments")
    if kind is ContainmentKind.READ_ONLY and is_read_only():
        messages.info(request, "すでに閲覧専用モードです。")
        return redirect("watch:containments")
    row = contain(kind, words_of(request, "reason", 200) or DEFAULT_REASON, staff=staff, alert=alert)
    done = {
        ContainmentKind.SESSIONS: f"{staff} のセッションを {row.count} 件終了しました。",
        ContainmentKind.ACCOUNT: f"{staff} の利用を止めました。",
        ContainmentKind.READ_ONLY: "閲覧専用モードにしました。書き込みはすべて断ります。",
    }
    messages.success(request, done[kind])
    return redirect("watch:alert", alert.pk) if alert is not None else redirect("watch:containments")


@requires(Permission.MISUSE_CONTAIN)
@with_step_up
@require_POST
def end(request: HttpRequest, containment_id: UUID) -> HttpResponse:
    """封じ込めの解除 — by a person who has just proved again who they are, with the reason."""
    row = open_containment(containment_id)
    reason = words_of(request, "reason", 200)
    if not reason:
        messages.error(request, "解除の理由を書いてください。")
        return redirect("watch:containments")
    take_back(row, reason)
    messages.success(request, f"{row.get_kind_display()}を解除しました。")
    return redirect("watch:containments")


@requires(Permission.MISUSE_CONTAIN)
@require_GET
def decoys(request: HttpRequest) -> HttpResponse:
    """おとりの一覧 — who looks here is noted; staff are told that decoys exist, not which."""
    rows = Canary.objects.select_related("patient", "made_by").order_by("-made_at")
    record("watch.read", detail={"part": "canaries"})
    return render(request, "watch/canaries.html", {"rows": rows, "most": canaries.MOST})


@requires(Permission.MISUSE_CONTAIN)
@require_POST
def make_decoy(request: HttpRequest) -> HttpResponse:
    """おとりの作成 — a chart, or a user name to leave lying about."""
    if one_of(request, "kind", ("chart", "user")) == "user":
        canary = canaries.make_username()
        messages.success(request, f"おとりの利用者名 {canary.username} を作りました。")
    elif (made := canaries.make_chart()) is not None and made.patient is not None:
        messages.success(request, f"おとりカルテ（患者番号 {made.patient.number}）を作りました。")
    else:
        messages.error(request, f"おとりカルテは {canaries.MOST} 件までです。")
    return redirect("watch:canaries")


@requires(Permission.MISUSE_CONTAIN)
@require_POST
def retire_decoy(request: HttpRequest, canary_id: UUID) -> HttpResponse:
    """おとりの終了 — it no longer raises alerts."""
    canaries.retire(canary_id)
    messages.success(request, "おとりを終了しました。")
    return redirect("watch:canaries")


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise Http404("id") from error
