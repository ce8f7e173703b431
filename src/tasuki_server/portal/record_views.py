# SPDX-License-Identifier: Apache-2.0
"""記録の画面 — home, results, drugs, diseases, allergies, documents, checkups and costs of the person whose record is open."""

from __future__ import annotations

from itertools import groupby

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from tasuki.sharing.permission import RecordKind
from tasuki_server.portal.acts import Act, asks
from tasuki_server.portal.checkup_reading import checkups_kept, checkups_reported
from tasuki_server.portal.costs import costs_of
from tasuki_server.portal.data import (
    LABS,
    checkups_of,
    drugs_elsewhere,
    insured_numbers,
    own_data,
    records_since,
)
from tasuki_server.portal.document_text import document_row, sections_of
from tasuki_server.portal.pages import here, page
from tasuki_server.portal.proxies import proxies_held
from tasuki_server.portal.reading import DrugRow, allergy_rows, condition_rows, drug_rows, lab_rows
from tasuki_server.portal.standing import signed_in
from tasuki_server.portal.trends import as_facts, by_item, chosen


@asks(Act.HOME)
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """ホーム — where everything is, and for whom one stands in."""
    account, person, _ = signed_in(request)
    return page(request, "home", held=proxies_held(account), is_nameless=not insured_numbers(person))


@asks(Act.RESULTS)
@require_GET
def results(request: HttpRequest) -> HttpResponse:
    """検査結果 — each item with plain words, its course and the same as a table."""
    _, person, _ = signed_in(request)
    items = by_item(lab_rows(own_data(person).of(*LABS)), here(request).language)
    words, order = request.GET.get("words", "").strip()[:40], request.GET.get("order", "")
    return page(
        request, "results", items=as_facts(chosen(items, words, order)), count=len(items), words=words, order=order
    )  # fmt: skip


@asks(Act.DRUGS)
@require_GET
def drugs(request: HttpRequest) -> HttpResponse:
    """薬 — what institutions prescribed, and what was dispensed or paid for; by day."""
    _, person, _ = signed_in(request)
    rows = drug_rows(own_data(person).of(RecordKind.PRESCRIPTION))
    rows += [
        DrugRow(
            each.name, f"{each.quantity}{each.unit}", each.usage, each.day, each.institution_name, each.source
        )
        for each in drugs_elsewhere(person, records_since())
    ]
    words = request.GET.get("words", "").strip()[:40]
    found = [each for each in rows if words.casefold() in each.name.casefold()]
    found.sort(
        key=lambda row: (row.on.toordinal() if row.on else 0, row.institution, row.source), reverse=True
    )
    days = [
        {"on": on, "institution": where, "source": source, "rows": list(group)}
        for (on, where, source), group in groupby(
            found, key=lambda row: (row.on, row.institution, row.source)
        )
    ]
    return page(request, "drugs", days=days, count=len(rows), words=words)


@asks(Act.CONDITIONS)
@require_GET
def conditions(request: HttpRequest) -> HttpResponse:
    """病名 — those told; what was not told yet is not shown here."""
    _, person, _ = signed_in(request)
    return page(request, "conditions", rows=condition_rows(own_data(person).of(RecordKind.CONDITION)))


@asks(Act.ALLERGIES)
@require_GET
def allergies(request: HttpRequest) -> HttpResponse:
    """アレルギー."""
    _, person, _ = signed_in(request)
    return page(request, "allergies", rows=allergy_rows(own_data(person).of(RecordKind.ALLERGY)))


@asks(Act.DOCUMENTS)
@require_GET
def documents(request: HttpRequest) -> HttpResponse:
    """文書 — letters and reports about the person."""
    _, person, _ = signed_in(request)
    rows = [document_row(each) for each in own_data(person).documents]
    return page(request, "documents", rows=sorted(rows, key=lambda row: str(row.on or ""), reverse=True))


@asks(Act.DOCUMENTS)
@require_GET
def document(request: HttpRequest, document_id: str) -> HttpResponse:
    """文書の本文 — its sections as text."""
    _, person, _ = signed_in(request)
    found = next((each for each in own_data(person).documents if each.id == document_id), None)
    if found is None:
        raise Http404("document")
    here(request).detail["document"] = document_id
    return page(request, "document", row=document_row(found), sections=sections_of(found.bundle or {}))


@asks(Act.CHECKUPS)
@require_GET
def checkups(request: HttpRequest) -> HttpResponse:
    """健診 — each checkup with its items: reports that institutions registered, and what the insurers' service keeps."""
    _, person, _ = signed_in(request)
    shown = [*checkups_reported(own_data(person)), *checkups_kept(checkups_of(person))]
    return page(request, "checkups", days=sorted(shown, key=lambda each: each.on, reverse=True))


@asks(Act.COSTS)
@require_GET
def costs(request: HttpRequest) -> HttpResponse:
    """費用 — what the platform knows: months and institutions of receipts, shares and limits; not what was paid."""
    _, person, _ = signed_in(request)
    return page(request, "costs", **costs_of(person))
