# SPDX-License-Identifier: Apache-2.0
"""非常時アカウントの画面 — envelopes are made, opened by two people before sign-in, ended and reviewed."""

from __future__ import annotations

from uuid import UUID

from allauth.mfa.adapter import get_adapter
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tasuki.security.permissions import Permission
from tasuki_server.accounts.models import User
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.accounts.step_up import with_step_up
from tasuki_server.audit.action_names import action_name
from tasuki_server.audit.trail import record
from tasuki_server.continuity import emergency_accounts as accounts_of
from tasuki_server.continuity.models import EmergencyAccount, EmergencyOpening
from tasuki_server.institutions.middleware import institution_of, staff_of

SHOWN = 200


@requires(Permission.EMERGENCY_REVIEW)
@require_GET
def accounts(request: HttpRequest) -> HttpResponse:
    """非常時アカウント — which are sealed and who keeps the envelopes, and every opening with its review."""
    record("emergency_account.read")
    openings = EmergencyOpening.objects.select_related("account", "end", "review__made_by").order_by(
        "-opened_at"
    )
    context = {
        "accounts": list(EmergencyAccount.objects.select_related("sealed_by").order_by("number")),
        "openings": list(openings[:SHOWN]),
        "now": timezone.now(),
        "most": accounts_of.MOST,
    }
    return render(request, "continuity/accounts.html", context)


@with_step_up
@requires(Permission.CONTINUITY_MANAGE)
@require_POST
def seal(request: HttpRequest) -> HttpResponse:
    """封をする — both sheets are on this page once and never again."""
    number = request.POST.get("number", "")
    account = EmergencyAccount.objects.filter(number=int(number)).first() if number.isdecimal() else None
    try:
        envelopes = accounts_of.seal_account(
            account, request.POST.get("kept_a", ""), request.POST.get("kept_b", ""), staff_of(request)
        )
    except accounts_of.NotNow as refused:
        messages.error(request, str(refused))
        return redirect("continuity:accounts")
    user = User.objects.get(username=envelopes.username)
    adapter = get_adapter()
    context = {
        "envelopes": envelopes,
        "account": EmergencyAccount.objects.get(staff__user_id=user.pk),
        "picture": adapter.build_totp_svg(adapter.build_totp_url(user, envelopes.secret)),
        "institution": institution_of(request),
        "hours": int(accounts_of.LONGEST.total_seconds() // 3600),
    }
    return render(request, "continuity/envelopes.html", context)


@require_http_methods(["GET", "POST"])
def open_with_envelopes(request: HttpRequest) -> HttpResponse:
    """開封 — for two people who cannot sign in; it shows nothing of anybody, and opens the way to sign-in."""
    typed = accounts_of.Given(*(request.POST.get(name, "") for name in accounts_of.Given._fields))
    fault = ""
    if request.method == "POST":
        try:
            opened = accounts_of.open_account(request, typed)
        except accounts_of.NotNow as refused:
            fault = str(refused)
        else:
            messages.success(
                request,
                f"開封しました（{timezone.localtime(opened.until):%H:%M} まで）。責任者に知らせました。"
                "封筒Aのパスワードと、封筒Bの認証アプリのコードでサインインしてください。",
            )
            return redirect("account_login")
    return render(
        request,
        "continuity/open_account.html",
        {"fault": fault, "typed": typed},
        status=422 if fault else 200,
    )


@with_step_up
@requires(Permission.EMERGENCY_REVIEW)
@require_http_methods(["GET", "POST"])
def opening(request: HttpRequest, emergencyopening_id: UUID) -> HttpResponse:
    """開封の確認 — who opened it and why, everything that was done in it, and what a reviewer says."""
    found, fault = _opening(emergencyopening_id), ""
    if request.method == "POST":
        verdict = {"yes": True, "no": False}.get(request.POST.get("justified", ""))
        try:
            accounts_of.review_opening(
                found, staff_of(request), is_justified=verdict, words=request.POST.get("words", "")
            )
        except accounts_of.NotNow as refused:
            fault = str(refused)
        else:
            messages.success(request, "確認を記録しました。新しい封筒を作ってください。")
            return redirect("continuity:accounts")
    record("emergency_account.read", found)
    acts = [(each.at, action_name(each.action)) for each in accounts_of.acts_in(found)[:SHOWN]]
    is_open = found.until > timezone.now() and not hasattr(found, "end")
    context = {
        "opening": found, "acts": acts, "count": accounts_of.acts_in(found).count(), "is_open": is_open,
        "review": getattr(found, "review", None), "fault": fault, "words": request.POST.get("words", ""),
        "justified": request.POST.get("justified", ""),
    }  # fmt: skip
    return render(request, "continuity/opening.html", context, status=422 if fault else 200)


@requires(Permission.EMERGENCY_REVIEW)
@require_POST
def end(request: HttpRequest, emergencyopening_id: UUID) -> HttpResponse:
    """終了 — at once: stopping needs no second proof."""
    accounts_of.end_opening(_opening(emergencyopening_id), staff_of(request))
    messages.success(request, "非常時アカウントを終えました。パスワードと認証アプリの鍵は、もう使えません。")
    return redirect("continuity:accounts")


def _opening(opening_id: UUID) -> EmergencyOpening:
    rows = EmergencyOpening.objects.select_related("account__staff", "end", "review__made_by")
    found = rows.filter(id=opening_id).first()
    if found is None:
        raise Http404("opening")
    return found
