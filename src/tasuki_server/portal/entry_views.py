# SPDX-License-Identifier: Apache-2.0
"""サインインと登録の画面 — passkey, a code from the desk, the demo's code, another proof, language and leaving."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import get_token
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tasuki_server.accounts.back_off import take_try
from tasuki_server.patients.birth_text import read_day
from tasuki_server.portal.acts import Act, asks
from tasuki_server.portal.codes import budget_at
from tasuki_server.portal.models import Account, Language, Passkey
from tasuki_server.portal.new_device import take_place
from tasuki_server.portal.pages import here, keep_event, lead_to, next_page, page
from tasuki_server.portal.passkeys import (
    AGAIN,
    ENTER,
    NotProved,
    asked_to_enter,
    asked_to_make,
    made_passkey,
    proved_passkey,
)
from tasuki_server.portal.registering import (
    Opened,
    demo_account,
    finish,
    is_known,
    is_rehearsal,
    open_by_card,
    open_by_code,
    opened_by,
    ticket_of,
)
from tasuki_server.portal.sessions import begin_session, end_session, prove_again
from tasuki_server.portal.standing import LANGUAGE_COOKIE, Standing
from tasuki_server.settings_table import number

_KEPT_SECONDS = 400 * 24 * 3600


@asks(Act.ENTER)
@require_http_methods(["GET", "POST"])
def enter(request: HttpRequest) -> HttpResponse:
    """サインイン — by passkey; whoever is signed in already goes on."""
    if request.method == "POST":
        try:
            passkey = proved_passkey(request, request.POST.get("answer", ""), ENTER)
        except NotProved:
            if not take_try(budget_at(request, "passkey")):
                return _enter_page(request, 429, "wait")
            return _enter_page(request, 400, "passkey")
        take_place(passkey)
        return _begun(request, passkey.account, passkey)
    if here(request).session is not None:
        return HttpResponseRedirect(next_page(request))
    return _enter_page(request)


@asks(Act.ENTER)
@require_POST
def enter_by_code(request: HttpRequest) -> HttpResponse:
    """お試しのサインイン — by the demo's code; where others reach this server the page is not there."""
    if not is_rehearsal():
        raise Http404("rehearsal")
    account = demo_account(request, request.POST.get("code", ""))
    if account is None:
        return _enter_page(request, 400, "code")
    return _begun(request, account, None)


@asks(Act.LEAVE)
@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """サインアウト — on this device."""
    standing = here(request)
    if standing.session is not None and standing.account is not None:
        end_session(standing.session.pk, standing.account)
        request.portal_left = True  # type: ignore[attr-defined]
    return lead_to("enter", "left")


@asks(Act.LANGUAGE)
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """表示の言語 — of this browser, and of the account when one is signed in."""
    wanted = request.POST.get("language", "")
    answer = HttpResponseRedirect(next_page(request))
    if wanted in Language.values:
        answer.set_cookie(
            LANGUAGE_COOKIE, wanted, max_age=_KEPT_SECONDS, path="/", httponly=True, samesite="Lax"
        )
        account = here(request).account
        if account is not None:
            Account.objects.filter(pk=account.pk).update(language=wanted)
    return answer


@asks(Act.STANDING)
@require_GET
def standing(request: HttpRequest) -> HttpResponse:
    """サインインの確認 — who is signed in, for whose record, and the token of the forms; or the way to the sign-in."""
    who = here(request).who
    if not who:
        return HttpResponse(status=204, headers={"HX-Redirect": reverse("portal:enter")})
    return HttpResponse(status=204, headers={"Tasuki-Who": who, "Tasuki-Form-Token": get_token(request)})


@asks(Act.REGISTER)
@require_http_methods(["GET", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """利用登録 — a code (or the made-up card) and the birthday, then a passkey."""
    get_token(request)
    given = {name: request.POST.get(name, "").strip() for name in ("code", "card", "born")}
    fault = ""
    if request.method == "POST":
        born = read_day(given["born"])
        opened = None
        if born is None:
            fault = "born"
        elif given["card"] and is_rehearsal():
            opened = open_by_card(request, given["card"], born)
        else:
            opened = open_by_code(request, given["code"], born)
        if opened is not None:
            return _passkey_page(request, opened)
        fault = fault or ("card" if given["card"] else "register")
    return page(
        request, "register", 400 if fault else 200, fault=fault, given=given, is_rehearsal=is_rehearsal()
    )


@asks(Act.REGISTER)
@require_POST
def register_passkey(request: HttpRequest) -> HttpResponse:
    """パスキーの登録 — the last step; then the person is signed in, or told from when they can be."""
    opened = opened_by(request, request.POST.get("ticket", ""))
    if opened is None:
        return page(request, "register", 400, fault="late", given={}, is_rehearsal=is_rehearsal())
    try:
        made = made_passkey(request, request.POST.get("answer", ""))
    except NotProved:
        return _passkey_page(request, opened, 400, "passkey")
    done = finish(opened, made, request.POST.get("label", "") or said_device(request))
    if done is None:
        return page(request, "register", 400, fault="late", given={}, is_rehearsal=is_rehearsal())
    account, passkey = done
    if passkey.waits_until is None:
        return _begun(request, account, passkey, act=Act.REGISTER)
    until = passkey.waits_until
    standing = Standing(here(request).language, None, account, account.person)
    keep_event(standing, Act.REGISTER, way="waits", passkey=str(passkey.pk), until=until.isoformat())
    return page(request, "register_waits", until=until)


@asks(Act.PROVE)
@require_http_methods(["GET", "POST"])
def prove(request: HttpRequest) -> HttpResponse:
    """本人の再確認 — the passkey once more, then back to what was asked for."""
    standing = here(request)
    assert standing.session is not None and standing.account is not None
    fault = ""
    if request.method == "POST":
        try:
            passkey = proved_passkey(request, request.POST.get("answer", ""), AGAIN)
        except NotProved:
            passkey = None
        if passkey is not None and passkey.account_id == standing.account.pk:
            prove_again(standing.session)
            keep_event(standing, Act.PROVE)
            return HttpResponseRedirect(next_page(request))
        fault = "passkey"
    options = asked_to_enter(request, AGAIN, standing.account)
    return page(
        request, "prove", 400 if fault else 200, options=options, next=next_page(request), fault=fault,
        has_passkey=standing.session.passkey_id is not None,
    )  # fmt: skip


def said_device(request: HttpRequest) -> str:
    """端末の名前 — the kind of browser, where the person gave none."""
    from tasuki_server.accounts.networks import browser_of

    return browser_of(request.headers.get("User-Agent", "")) or "?"


def _enter_page(request: HttpRequest, status: int = 200, fault: str = "") -> HttpResponse:
    return page(
        request, "enter", status, options=asked_to_enter(request), fault=fault, next=next_page(request),
        is_rehearsal=is_rehearsal(),
    )  # fmt: skip


def _passkey_page(request: HttpRequest, opened: Opened, status: int = 200, fault: str = "") -> HttpResponse:
    return page(
        request, "register_passkey", status, fault=fault, ticket=ticket_of(request, opened),
        options=asked_to_make(request, opened.handle, opened.person.name, []), is_again=is_known(opened),
        name=opened.person.name, hours=number("TASUKI_PORTAL_LOST_HOURS"),
    )  # fmt: skip


def _begun(
    request: HttpRequest, account: Account, passkey: Passkey | None, act: Act = Act.ENTER
) -> HttpResponse:
    session = begin_session(request, account, passkey)
    standing = Standing(here(request).language, session, account, account.person)
    keep_event(standing, act, way="passkey" if passkey is not None else "demo")
    return HttpResponseRedirect(next_page(request))
