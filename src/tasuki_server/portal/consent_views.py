# SPDX-License-Identifier: Apache-2.0
"""閲覧の記録と同意の画面 — who looked, who may look, permitting by institution and kind, and taking it back at once."""

from __future__ import annotations

from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tasuki.sharing.permission import RecordKind
from tasuki_server.patients.birth_text import read_day
from tasuki_server.platform.wire import NotReached
from tasuki_server.portal.acts import Act, asks
from tasuki_server.portal.consents import (
    consents_of_person,
    find_connected,
    find_ever_connected,
    give,
    give_for_document,
    institutions_named,
    open_for,
    take_back,
)
from tasuki_server.portal.looks import MOST, looks_of
from tasuki_server.portal.pages import here, lead_to, page
from tasuki_server.portal.standing import signed_in
from tasuki_server.records.person import NotDone

# 期間の初めの値: as the portal of the state renews a consent of repeated reading.
USUAL_DAYS = 90


@asks(Act.LOOKS)
@require_GET
def looks(request: HttpRequest) -> HttpResponse:
    """だれが見たか — institutions, ways and times; one's own looks and those of proxies too."""
    _, person, _ = signed_in(request)
    whose = request.GET.get("whose", "institutions")
    rows, is_whole = looks_of(person, whose)
    return page(request, "looks", rows=rows, is_whole=is_whole, whose=whose, most=MOST)


@asks(Act.CONSENTS)
@require_GET
def consents(request: HttpRequest) -> HttpResponse:
    """同意 — open ones with the way to take them back, and everything before."""
    _, person, _ = signed_in(request)
    return page(request, "consents", **consents_of_person(person)._asdict())


@asks(Act.CONSENT_GRANT)
@require_http_methods(["GET", "POST"])
def grant(request: HttpRequest) -> HttpResponse:
    """同意する — first the institution, then the kinds and the last day."""
    _, person, _ = signed_in(request)
    asked = request.POST if request.method == "POST" else request.GET
    words, number = asked.get("words", ""), asked.get("institution", "")
    chosen = find_connected(number)
    if chosen is None:
        return page(request, "grant_where", words=words, found=institutions_named(words))
    kinds = [each for each in RecordKind if each.value in request.POST.getlist("kinds")]
    last_text = request.POST.get("last_day", "").strip()
    last_day = read_day(last_text) if last_text else None
    if request.method == "GET":
        last_text = (timezone.localdate() + timedelta(days=USUAL_DAYS)).isoformat()
    fault, reasons = "", ()
    if request.method == "POST":
        fault = _fault(kinds, last_day)
        if last_day is not None and not fault:
            try:
                made = give(person, number, kinds, last_day, _proxy_name(request))
            except NotDone as refused:
                fault, reasons = "refused", refused.reasons
            except NotReached:
                fault = "away"
            else:
                here(request).detail.update(
                    institution=number, kinds=[each.value for each in kinds], event=made.id
                )
                return lead_to("consents", "granted")
    return page(
        request, "grant", 400 if fault else 200, chosen=chosen, all_kinds=list(RecordKind), kinds=kinds,
        last_day=last_text, fault=fault, reasons=reasons,
    )  # fmt: skip


@asks(Act.CONSENT_GRANT)
@require_POST
def grant_document(request: HttpRequest, document_id: str) -> HttpResponse:
    """文書一通の同意 — its receiver may read it; asked for by the page of the letter that waits."""
    _, person, _ = signed_in(request)
    number = request.POST.get("institution", "")
    try:
        made = give_for_document(person, number, document_id, _proxy_name(request))
    except (NotDone, NotReached):
        return lead_to("documents", "not_granted")
    here(request).detail.update(institution=number, document=document_id, event=made.id)
    return lead_to("documents", "granted")


@asks(Act.CONSENT_END)
@require_http_methods(["GET", "POST"])
def end(request: HttpRequest) -> HttpResponse:
    """同意を取り消す — asked once, as it counts at once; of all kinds or of some."""
    _, person, _ = signed_in(request)
    asked = request.POST if request.method == "POST" else request.GET
    number = asked.get("institution", "")
    chosen = find_ever_connected(number)
    if chosen is None:
        return lead_to("consents")
    fault, reasons = "", ()
    if request.method == "POST":
        kinds = [each for each in RecordKind if each.value in request.POST.getlist("kinds")]
        try:
            done = take_back(person, number, kinds)
        except NotDone as refused:
            fault, reasons = "refused", refused.reasons
        except NotReached:
            fault = "away"
        else:
            here(request).detail.update(institution=number, kinds=[each.value for each in kinds], **done)
            return lead_to("consents", "withdrawn")
    opened = open_for(person, number)
    kinds_open = sorted({kind for each in opened for kind in each.kinds})
    return page(
        request, "consent_end", 400 if fault else 200, chosen=chosen, kinds_open=kinds_open, fault=fault,
        reasons=reasons,
    )  # fmt: skip


def _fault(kinds: list[RecordKind], last_day: date | None) -> str:
    if not kinds:
        return "kinds"
    return "last_day" if last_day is None or last_day < timezone.localdate() else ""


def _proxy_name(request: HttpRequest) -> str:
    standing = here(request)
    return standing.account.person.name if standing.is_proxy and standing.account is not None else ""
