# SPDX-License-Identifier: Apache-2.0
"""保険者の画面 — the 健診結果報告書 that came, one of them over the years, and as a file."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from tasuki.kernel.finding import BadInput
from tasuki.kernel.messages import sentence
from tasuki.security.permissions import Permission
from tasuki.sharing.checkups import write_archive
from tasuki.sharing.checkups.values import CheckupKind
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.records import insurer_access as access
from tasuki_server.records.insurer_shown import courses, of_same_person, read_row, shown_report


@requires(Permission.INSURER_VIEW)
@require_GET
def checkups(request: HttpRequest) -> HttpResponse:
    """届いた健診結果 — looked for, narrowed and put in order."""
    clerk = access.clerk_of(request)
    question = access.Question.read(request.GET)
    context = {
        "insurer": clerk.connected,
        "number": access.own_number(clerk),
        "question": question,
        "kinds": list(CheckupKind),
        "orders": [(key, label) for key, (label, _) in access.ORDERS.items()],
        "periods": list(access.PERIODS.items()),
        **access.access_list(clerk, question),
    }
    return render(request, "insurer/checkups.html", context)


@requires(Permission.INSURER_VIEW)
@require_GET
def checkup(request: HttpRequest, checkup_id: UUID) -> HttpResponse:
    """健診結果 — one, with the course of its items."""
    clerk = access.clerk_of(request)
    row, beside = access.access_report(clerk, checkup_id)
    read = {each.id: read_row(each) for each in (*beside, row)}
    shown, own = read[row.id], of_same_person(row, beside, read)
    days, items = courses([found for each in own if (found := read[each.id]) is not None])
    context = {
        "insurer": clerk.connected,
        "row": row,
        "is_read": shown is not None,
        **shown_report(row, shown),
        "days": days,
        "courses": items,
        "beside": [each for each in own if each.id != row.id],
        "back": access.Question.read(request.GET).as_query,
    }
    return render(request, "insurer/checkup.html", context)


@requires(Permission.INSURER_TAKE)
@require_GET
def take_fhir(request: HttpRequest, checkup_id: UUID) -> HttpResponse:
    """健診結果報告書の受取り — as it was registered."""
    row = access.take_report(access.clerk_of(request), checkup_id, "fhir")
    assert row.body is not None
    return _file(bytes(row.body), "application/fhir+json", f"checkup_{row.checked_on}_{row.id}.json")


@requires(Permission.INSURER_TAKE)
@require_GET
def take_v08(request: HttpRequest, checkup_id: UUID) -> HttpResponse:
    """特定健診XMLの受取り — in its ZIP; 422 for what cannot be written so."""
    clerk = access.clerk_of(request)
    row = access.take_report(clerk, checkup_id, "v08")
    found = read_row(row)
    words = ["保存された報告書を、この版では読み取れません。"]
    if found is not None:
        try:
            made = write_archive([found], access.own_number(clerk), timezone.localdate())
        except BadInput as wrong:
            words = [sentence(each) for each in wrong.findings]
        else:
            return _file(made.data, "application/zip", made.name)
    return render(request, "insurer/unwritten.html", {"row": row, "words": words}, status=422)


def _file(data: bytes, media_type: str, name: str) -> HttpResponse:
    return HttpResponse(
        data, content_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
