# SPDX-License-Identifier: Apache-2.0
"""端末と代理の画面 — passkeys and sessions of one's own, whom one lets stand in, for whom one stands in."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tasuki_server.patients.birth_text import read_day
from tasuki_server.portal import new_device
from tasuki_server.portal.acts import Act, asks
from tasuki_server.portal.codes import find_code, issue_code, spend_code
from tasuki_server.portal.entry_views import said_device
from tasuki_server.portal.models import Account, CodeKind, OneTimeCode, ProxyKind, Session
from tasuki_server.portal.pages import here, keep_event, lead_to, page
from tasuki_server.portal.passkeys import (
    NotProved,
    asked_to_make,
    keep_passkey,
    made_passkey,
    remove_passkey,
)
from tasuki_server.portal.person_work import at_the_door, with_record_of
from tasuki_server.portal.proxies import (
    accept,
    find_proxy,
    is_live,
    last_day,
    proxies_given,
    proxies_held,
    revoke,
)
from tasuki_server.portal.sessions import PASSKEY, end_session, end_sessions, open_sessions
from tasuki_server.portal.standing import Standing, signed_in

# 代理の期間: no longer than this at once; it can be given again.
LONGEST_PROXY_DAYS = 1096


@asks(Act.DEVICES)
@require_GET
def devices(request: HttpRequest) -> HttpResponse:
    """サインインに使う端末 — passkeys, and where one is signed in now."""
    account, _, session = signed_in(request)
    keys = account.passkeys.filter(removed_at=None, waits_until=None).order_by("made_at")
    waiting = new_device.waiting_passkey(account)
    return page(
        request, "devices", keys=list(keys), sessions=open_sessions(account), this=session.pk, waiting=waiting
    )


@asks(Act.PASSKEY_ADMIT)
@require_POST
def admit_passkey(request: HttpRequest, passkey_id: UUID) -> HttpResponse:
    """新しい端末を認める — it serves at once, beside those in use."""
    account, _, _ = signed_in(request)
    if not new_device.admit(account, passkey_id):
        raise Http404("passkey")
    here(request).detail["passkey"] = str(passkey_id)
    return lead_to("devices", "passkey_added")


@asks(Act.PASSKEY_REFUSE)
@require_POST
def refuse_passkey(request: HttpRequest, passkey_id: UUID) -> HttpResponse:
    """新しい端末を断る — it never serves."""
    account, _, _ = signed_in(request)
    if not new_device.refuse(account, passkey_id):
        raise Http404("passkey")
    here(request).detail["passkey"] = str(passkey_id)
    return lead_to("devices", "passkey_refused")


@asks(Act.PASSKEY_ADD)
@require_http_methods(["GET", "POST"])
def add_passkey(request: HttpRequest) -> HttpResponse:
    """端末の追加 — another passkey, on this device or one that is held to it."""
    account, person, _ = signed_in(request)
    fault = ""
    if request.method == "POST":
        try:
            made = made_passkey(request, request.POST.get("answer", ""))
        except NotProved:
            fault = "passkey"
        else:
            row = keep_passkey(account, made, request.POST.get("label", "") or said_device(request))
            here(request).detail["passkey"] = str(row.pk)
            return lead_to("devices", "passkey_added")
    known = list(account.passkeys.filter(removed_at=None))
    options = asked_to_make(request, bytes(account.handle), person.name, known)
    return page(request, "passkey_new", 400 if fault else 200, options=options, fault=fault)


@asks(Act.PASSKEY_END)
@require_POST
def end_passkey(request: HttpRequest, passkey_id: UUID) -> HttpResponse:
    """端末の取消 — what it opened ends with it; the last one stays."""
    account, _, session = signed_in(request)
    row = remove_passkey(account, passkey_id)
    if row is None:
        return lead_to("devices", "last_passkey")
    end_sessions(account, PASSKEY, but=session.pk, passkey=row)
    here(request).detail["passkey"] = str(row.pk)
    return lead_to("devices", "passkey_removed")


@asks(Act.SESSION_END)
@require_POST
def end_one_session(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """サインインの終了 — of another device."""
    account, _, _ = signed_in(request)
    if not end_session(session_id, account):
        raise Http404("session")
    return lead_to("devices", "session_ended")


@asks(Act.PROXIES)
@require_GET
def proxies(request: HttpRequest) -> HttpResponse:
    """代理 — who stands in for the person, and for whom the person stands in."""
    return _proxies_page(request)


@asks(Act.PROXY_INVITE)
@require_POST
def invite(request: HttpRequest) -> HttpResponse:
    """代理人を招く — a code for one person, with the last day and what they may; shown this once."""
    _, person, _ = signed_in(request)
    today = timezone.localdate()
    last = read_day(request.POST.get("ends_on", ""))
    if last is None or not today <= last <= today + timedelta(days=LONGEST_PROXY_DAYS):
        return _proxies_page(request, 400, fault="proxy_day")
    code = issue_code(
        person, CodeKind.INVITE, ends_on=last, may_consent=request.POST.get("may_consent") == "yes"
    )  # fmt: skip
    here(request).detail["ends_on"] = last.isoformat()
    return page(request, "invited", code=code, ends_on=last)


@asks(Act.PROXY_ACCEPT)
@require_POST
def accept_code(request: HttpRequest) -> HttpResponse:
    """代理を始める — with the code of an invitation, or of a child from an institution's desk, and the birthday."""
    account, _, _ = signed_in(request)
    born = read_day(request.POST.get("born", ""))
    code = None
    if born is not None:
        with at_the_door():
            code = find_code(request, request.POST.get("code", ""), (CodeKind.CHILD, CodeKind.INVITE), born)
    if code is None or not _begun_by(here(request), account, code):
        return _proxies_page(request, 400, fault="proxy_code")
    return lead_to("proxies", "proxy_begun")


def _begun_by(standing: Standing, account: Account, code: OneTimeCode) -> bool:
    with with_record_of(standing, code.person_id):
        made = accept(account, code)
        if made is None or not spend_code(code):
            return False
        # The person in whose stead it is sees it begin.
        keep_event(
            Standing(standing.language, standing.session, account, made.person, made), Act.PROXY_ACCEPT
        )
    return True


@asks(Act.PROXY_END)
@require_POST
def end_proxy(request: HttpRequest, proxy_id: UUID) -> HttpResponse:
    """代理を終える — by the person or by who stands in; while standing in for somebody, only that very one."""
    account, person, _ = signed_in(request)
    found = find_proxy(proxy_id)
    if found is None:
        raise Http404("proxy")
    # What the law gives a parent ends with the age, or by the parent's own act.
    is_own = (
        found.person_id == account.person_id and found.kind == ProxyKind.CHOSEN and not here(request).is_proxy
    )
    if not is_own and found.account_id != account.pk:
        raise Http404("proxy")
    if not revoke(found, account):
        raise PermissionDenied
    here(request).detail["proxy"] = str(found.pk)
    if person.pk != found.person_id:
        standing = here(request)
        with with_record_of(standing, found.person_id):
            keep_event(
                Standing(standing.language, standing.session, account, found.person, found), Act.PROXY_END
            )
    return lead_to("proxies", "proxy_ended")


@asks(Act.SWITCH)
@require_POST
def switch(request: HttpRequest) -> HttpResponse:
    """だれの記録を見るか — one's own, or that of somebody one stands in for today."""
    account, _, session = signed_in(request)
    wanted = request.POST.get("proxy", "")
    found = next((each for each in proxies_held(account) if str(each.pk) == wanted), None) if wanted else None
    if wanted and found is None:
        raise Http404("proxy")
    Session.objects.filter(pk=session.pk).update(acting=found)
    if found is not None:
        standing = here(request)
        with with_record_of(standing, found.person_id):
            keep_event(Standing(standing.language, session, account, found.person, found), Act.SWITCH)
    return lead_to("home")


def _proxies_page(request: HttpRequest, status: int = 200, fault: str = "") -> HttpResponse:
    account, person, _ = signed_in(request)
    given = [
        {"row": each, "is_live": is_live(each), "last": last_day(each)} for each in proxies_given(person)
    ]
    held = [{"row": each, "last": last_day(each)} for each in proxies_held(account)]
    return page(request, "proxies", status, given=given, held=held, fault=fault)
