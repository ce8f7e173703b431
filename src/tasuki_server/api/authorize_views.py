# SPDX-License-Identifier: Apache-2.0
"""連携アプリの許可の画面 — an app asks, a clinician who is signed in chooses the patient and allows or refuses.

An app that is not known, or would be answered elsewhere than where it is registered, is told nothing and sent nowhere.

Cite: SMART App Launch 2.2 (standalone launch), RFC 6749 4.1.1 and 4.1.2.1, RFC 7636 4.3, RFC 9207 (iss)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from tasuki.security.permissions import Permission
from tasuki_server.accounts.app_permits import end_permits
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.accounts.sessions import public_id_of, session_of
from tasuki_server.accounts.step_up import asked_first
from tasuki_server.api import app_access
from tasuki_server.api.practitioner import NotKept, keep_practitioner
from tasuki_server.audit.trail import record
from tasuki_server.exchange.app_registering import CHALLENGE, Allowing, Request, allow
from tasuki_server.exchange.app_scopes import OFFLINE, USER, is_within, read_wanted
from tasuki_server.exchange.models import LaunchApp
from tasuki_server.exchange.scopes import BadScope
from tasuki_server.institutions.middleware import staff_of
from tasuki_server.patients.access import access_patient, banner_of
from tasuki_server.patients.models import Patient
from tasuki_server.privacy.asking import ask_for
from tasuki_server.settings_table import flag

NAMES = (
    "response_type", "client_id", "redirect_uri", "scope", "state", "aud", "code_challenge",
    "code_challenge_method", "nonce",
)  # fmt: skip
LONGEST = 4000


class NotAllowed(Exception):
    """応じられない求め — told to whoever looks, or to the app where its address is proved (``uri``)."""

    def __init__(self, text: str, error: str = "", uri: str = "", state: str = "") -> None:
        self.text, self.error, self.uri, self.state = text, error, uri, state
        super().__init__(text)


@requires(Permission.CHART_VIEW)
@require_http_methods(["GET", "POST"])
def authorize(request: HttpRequest) -> HttpResponse:
    """連携アプリの許可 — the patient is looked at before anything is allowed; nothing is remembered for the next time."""
    if not app_access.is_exchange_here():
        return render(request, "api/apps_elsewhere.html", status=409)
    given = request.POST if request.method == "POST" else request.GET
    typed = {name: given.get(name, "")[:LONGEST] for name in NAMES}
    base = f"{'https' if flag('TASUKI_HTTPS') else 'http'}://{request.get_host()}/platform/v1/fhir"
    try:
        asked = _read(typed, base)
    except NotAllowed as refusal:
        return _refused(request, refusal, base)
    context: dict[str, Any] = {
        "asked": asked, "typed": typed, "told": app_access.told(asked.wanted), "number": given.get("number", "").strip(),
        "where": asked.redirect_uri.partition("?")[0],
    }  # fmt: skip
    if request.method == "POST" and "refuse" in request.POST:
        record("app.refuse", detail={"app": str(asked.app.pk)})
        return _back(request, asked, {"error": "access_denied"}, base)
    if not context["number"]:
        return render(request, "api/authorize.html", context)
    patient = _patient(request, context["number"])
    if patient is None:
        return render(
            request, "api/authorize.html", context | {"fault": "この番号の患者はいません。"}, status=404
        )
    found = app_access.in_exchange(patient.number)
    context |= {**banner_of(patient), "patient": patient, "found": found}
    if not found:
        fault = "この患者は、まだ医療情報の交換に登録されていません。診療情報を一度送ると登録されます。"
        return render(request, "api/authorize.html", context | {"fault": fault}, status=409)
    record("app.ask", detail={"app": str(asked.app.pk)}, patient_id=patient.id)
    chosen = next((each for each in found if each.logical_id == request.POST.get("place")), None)
    if request.method == "GET" or chosen is None:
        return render(request, "api/authorize.html", context)
    # What goes on for weeks while nobody is signed in is not begun by a screen left open.
    if OFFLINE in asked.wanted.words and (question := asked_first(request)) is not None:
        return question
    staff = staff_of(request)
    if USER in asked.wanted.words:
        try:
            keep_practitioner(staff)
        except NotKept:
            fault = "許可する人を医療情報の交換に登録できませんでした。少し待って、もう一度お試しください。"
            return render(request, "api/authorize.html", context | {"fault": fault}, status=502)
    by = Allowing(staff.id, staff.name, public_id_of(request))
    code = allow(asked, chosen.logical_id, by, timezone.now())
    if session_of(request) is None:
        # Ended while this page was made: what ended it may have looked for permits before this one was there.
        end_permits(staff.id)
        raise PermissionDenied
    detail = {"app": str(asked.app.pk), "scopes": list(asked.wanted.texts), "place": chosen.logical_id}
    record("app.allow", detail=detail, patient_id=patient.id)
    return _back(request, asked, {"code": code}, base)


def _read(typed: Mapping[str, str], base: str) -> Request:
    """The app and its address first: only to a proved address anything is told."""
    try:
        app = LaunchApp.objects.filter(
            pk=UUID(typed["client_id"]), connected=app_access.connected_here(), revoked_at=None
        ).first()
    except ValueError:
        app = None
    if app is None:
        raise NotAllowed("このアプリは、この医療機関に登録されていないか、停止されています。")
    uri, state = typed["redirect_uri"], typed["state"]
    if uri not in app.redirect_uris:
        raise NotAllowed("アプリの戻り先（redirect_uri）が、登録されたものと一字一句同じではありません。")

    def refuse(error: str, text: str) -> NotAllowed:
        return NotAllowed(text, error, uri, state)

    if typed["response_type"] != "code":
        raise refuse("unsupported_response_type", "response_type は code だけです。")
    if typed["code_challenge_method"] != "S256" or not CHALLENGE.fullmatch(typed["code_challenge"]):
        raise refuse("invalid_request", "PKCE（S256 の code_challenge）が要ります。")
    if not state:
        raise refuse("invalid_request", "state が要ります。")
    if typed["aud"].rstrip("/") != base:
        raise refuse("invalid_request", "aud が、この医療情報の交換のアドレスではありません。")
    try:
        wanted = read_wanted(typed["scope"].split())
    except BadScope as bad:
        raise refuse("invalid_scope", str(bad)) from None
    if not wanted.data or not is_within(wanted, read_wanted(app.scopes)):
        raise refuse("invalid_scope", "求められた利用範囲は、このアプリに登録されていません。")
    return Request(app, uri, wanted, typed["code_challenge"], state, typed["nonce"][:255])


def _patient(request: HttpRequest, number: str) -> Patient | None:
    """The patient of the number, whom this person may read; else as the gate refuses it."""
    if not number.isascii() or not number.isdecimal() or len(number) > 9:
        return None
    found = Patient.objects.filter(number=int(number)).first()
    if found is None:
        return None
    ask_for(request, found.id, Permission.CHART_VIEW)
    return access_patient(found.number)


def _back(request: HttpRequest, asked: Request, answer: Mapping[str, str], base: str) -> HttpResponse:
    address = _address(asked.redirect_uri, {**answer, "state": asked.state, "iss": base})
    context = {"address": address, "app": asked.app, "is_allowed": "code" in answer}
    return _unkept(render(request, "api/authorize_back.html", context))


def _refused(request: HttpRequest, refusal: NotAllowed, base: str) -> HttpResponse:
    record("app.wrong", detail={"error": refusal.error or "unknown"})
    address = ""
    if refusal.uri:
        said = {
            "error": refusal.error,
            "error_description": refusal.text,
            "state": refusal.state,
            "iss": base,
        }
        address = _address(refusal.uri, said)
    context = {"text": refusal.text, "address": address}
    return _unkept(render(request, "api/authorize_refused.html", context, status=400))


def _address(uri: str, answer: Mapping[str, str]) -> str:
    return f"{uri}{'&' if '?' in uri else '?'}{urlencode(answer)}"


def _unkept(response: HttpResponse) -> HttpResponse:
    """A code stands in the page: it is kept nowhere, and the app is not told where it came from."""
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"
    return response
