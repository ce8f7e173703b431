# SPDX-License-Identifier: Apache-2.0
"""開封カードの画面 — one's own card, and for an administrator everybody's with the state of the copy."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tasuki.security.downtime_seal import CannotOpen
from tasuki.security.permissions import Permission
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.audit.trail import record
from tasuki_server.continuity.cards import issue_card, newest_card, newest_cards, stop_card
from tasuki_server.continuity.models import ViewerCard
from tasuki_server.downtime.copying import folder_of
from tasuki_server.downtime.files import Cover, NoCopy, read_cover
from tasuki_server.downtime.keys import own_signer
from tasuki_server.downtime.places import copies_folder
from tasuki_server.downtime.viewing import FRESH
from tasuki_server.institutions.middleware import institution_of
from tasuki_server.institutions.models import Institution, Staff
from tasuki_server.institutions.work import current_work


@requires(Permission.DOWNTIME_CARD)
@require_http_methods(["GET", "POST"])
def own_card(request: HttpRequest) -> HttpResponse:
    """自分の開封カード — issued on paper; the code is on this page once and never again."""
    staff: Staff = request.staff  # type: ignore[attr-defined]
    code = issue_card(staff) if request.method == "POST" else ""
    context = {"card": newest_card(staff), "code": code, "institution": institution_of(request)}
    return render(request, "continuity/card.html", context)


@requires(Permission.CONTINUITY_MANAGE)
@require_GET
def cards(request: HttpRequest) -> HttpResponse:
    """写しと開封カード — who can open the copy, and of which moment it is."""
    found = newest_cards()
    record("downtime.card_list", detail={"cards": len(found)})
    rows = [(each, each.staff.may(Permission.CHART_VIEW)) for each in found]
    return render(request, "continuity/cards.html", {"cards": rows, **_state(institution_of(request))})


@requires(Permission.CONTINUITY_MANAGE)
@require_POST
def stop(request: HttpRequest, viewercard_id: UUID) -> HttpResponse:
    """開封カードの停止 — of a card that was lost; copies made from now on do not open with it."""
    card = ViewerCard.objects.select_related("staff").filter(id=viewercard_id).first()
    if card is None:
        raise Http404("card")
    if stop_card(card.staff):
        messages.success(
            request, f"{card.staff.name}さんの開封カードを停止しました。次の写しから開けません。"
        )
    return redirect("continuity:cards")


def _state(institution: Institution) -> dict[str, Any]:
    """The copy as its cover tells it."""
    folder = folder_of(copies_folder(), institution)
    cover: Cover | None
    try:
        cover = read_cover(folder, own_signer())
    except (NoCopy, CannotOpen):
        cover = None
    is_old = cover is not None and current_work().at - cover.made_at > FRESH
    return {"cover": cover, "is_old": is_old, "folder": folder}
