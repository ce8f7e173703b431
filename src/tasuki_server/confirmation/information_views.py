# SPDX-License-Identifier: Apache-2.0
"""薬剤・診療・健診情報の画面 — beside the chart and on paper, only within the consent."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from tasuki.security.permissions import Permission
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.confirmation.information import (
    TABLE_TERMS,
    NoConsent,
    Shown,
    access_information,
    ask_open,
    standing_of,
)
from tasuki_server.confirmation.line import own_line
from tasuki_server.confirmation.models import LineKind
from tasuki_server.patients.access import banner_of
from tasuki_server.reception.access import access_visit
from tasuki_server.reception.models import Visit


@requires(Permission.MEDICAL_INFORMATION_VIEW)
@require_GET
def panel(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    """診療情報の欄 — how it stands; shows no content, so that nothing is seen by opening the chart alone."""
    visit = access_visit(visit_id)
    return render(request, "confirmation/_information_panel.html", _standing(visit))


@requires(Permission.MEDICAL_INFORMATION_VIEW)
@require_POST
def ask(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    """取得の依頼 — of what the consent opens; it comes in a few seconds."""
    visit = access_visit(visit_id)
    fault = ""
    try:
        if own_line().kind == LineKind.OFF:
            raise NoConsent("オンライン資格確認の連携方式が設定されていません。")
        ask_open(visit.patient, visit)
    except NoConsent as refused:
        fault = str(refused)
    if not request.headers.get("HX-Request"):
        return redirect("confirmation:information", visit_id)
    return render(request, "confirmation/_information_panel.html", {**_standing(visit), "fault": fault})


@requires(Permission.MEDICAL_INFORMATION_VIEW)
@require_GET
def information(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    """診療情報 — the tables open now, sorted by the column asked for, with the end of viewing; prints as shown."""
    visit = access_visit(visit_id)
    context = access_information(visit.patient)
    context["tables"] = [_sorted(each, request) for each in context["tables"]]
    context |= {**banner_of(visit.patient), "visit": visit, "table_terms": TABLE_TERMS}
    return render(request, "confirmation/information.html", context)


def _standing(visit: Visit) -> dict[str, Any]:
    return {"visit": visit, **standing_of(visit.patient)}


def _sorted(table: Shown, request: HttpRequest) -> dict[str, Any]:
    """One column of one table sorts: ``sort=drugs.1``, a leading minus for the other way round."""
    name, _, column = request.GET.get("sort", "").lstrip("-").partition(".")
    is_reversed = request.GET.get("sort", "").startswith("-")
    rows = list(table.rows)
    place = int(column) if name == table.name and column.isdecimal() and len(column) == 1 else -1
    if 0 <= place < len(table.columns):
        rows.sort(key=lambda row: row[place], reverse=is_reversed)
    heads = [
        (text, f"{'-' if at == place and not is_reversed else ''}{table.name}.{at}", at == place)
        for at, text in enumerate(table.columns)
    ]
    return {"name": table.name, "term": table.term, "heads": heads, "rows": rows, "until_at": table.until_at}
