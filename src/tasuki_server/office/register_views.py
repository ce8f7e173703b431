# SPDX-License-Identifier: Apache-2.0
"""台帳の画面 — filtered and sorted, one row with the organisation's answers, and the drafts that are printed from it."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_POST

from tasuki.forms import render as print_form
from tasuki.forms.control_sheet import ControlSheet
from tasuki.security.controls import Answer, Control, Document, Judgement, Level, Proved, judge, register
from tasuki.security.permissions import Permission
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.audit.trail import record
from tasuki_server.institutions.middleware import institution_of
from tasuki_server.office.answers import history_of, keep_answer, own_answers
from tasuki_server.office.drafts import DRAFTS, csv_of, is_answered, judged, sheet_of, shown_proof
from tasuki_server.office.evidence import known_here
from tasuki_server.office.forms import AnswerForm
from tasuki_server.reception.clock import today

SORTS = {"document": "文書の順", "answer": "判定の順", "day": "証跡の古い順"}
_WEIGHT = [
    Proved.BROKEN,
    Proved.NOT_MET,
    Proved.PARTLY,
    Proved.ORGANISATION,
    Proved.MET,
    Proved.NOT_APPLICABLE,
]
TONES = {
    Proved.BROKEN: "bad",
    Proved.NOT_MET: "warn",
    Proved.PARTLY: "warn",
    Proved.ORGANISATION: "plain",
    Proved.MET: "good",
    Proved.NOT_APPLICABLE: "plain",
}


@requires(Permission.OFFICE_VIEW)
@require_GET
def register_page(request: HttpRequest) -> HttpResponse:
    """管理策の台帳."""
    known, own = known_here(), own_answers()
    every = judged(DRAFTS["register"], known)
    chosen = {
        name: request.GET.get(name, "") for name in ("document", "answer", "level", "waits", "words", "sort")
    }
    rows = [each for each in every if _is_chosen(each, chosen, is_answered(each, own))]
    if chosen["sort"] == "answer":
        rows.sort(key=lambda each: _WEIGHT.index(each.proved))
    elif chosen["sort"] == "day":
        rows.sort(key=lambda each: each.shown_on)
    record("office.read", detail={"part": "register", "count": len(rows)})
    counts = Counter(each.proved for each in every)
    context = {
        "rows": [_shown(each, own) for each in rows],
        "total": len(every),
        "counts": [(each.value, counts[each], TONES[each]) for each in _WEIGHT],
        "waiting": sum(not is_answered(each, own) for each in every),
        "is_unjudged": known is None,
        "chosen": chosen,
        "documents": [(each.value, each.label) for each in Document],
        "answers": [each.value for each in Proved],
        "levels": [each.value for each in Level],
        "sorts": SORTS.items(),
    }
    return render(request, "office/register.html", context)


def _is_chosen(row: Judgement, chosen: dict[str, str], is_done: bool) -> bool:
    control, words = row.control, chosen["words"].strip()
    return (
        chosen["document"] in ("", control.document.value)
        and chosen["answer"] in ("", row.proved.value)
        and chosen["level"] in ("", control.level.value)
        and not (chosen["waits"] == "1" and is_done)
        and (not words or words.lower() in f"{control.code} {control.asked} {control.words}".lower())
    )


def _shown(row: Judgement, own: dict[str, Any]) -> dict[str, Any]:
    control = row.control
    return {
        "row": row,
        "control": control,
        "tone": TONES[row.proved],
        "proofs": [shown_proof(each) for each in control.proofs],
        "own": own.get(control.key),
        "waits": not is_answered(row, own),
        "gone": [shown_proof(each) for each in (*row.missing, *row.failed)],
    }


def _control_of(key: str) -> Control:
    found = next((each for each in register() if each.key == key), None)
    if found is None:
        raise Http404("control")
    return found


@requires(Permission.OFFICE_VIEW)
@require_GET
def control(request: HttpRequest) -> HttpResponse:
    """台帳の1行 — what is asked, what shows it, and what the organisation answered."""
    chosen = _control_of(request.GET.get("key", ""))
    record("office.read", detail={"part": "control", "key": chosen.key})
    return _one(request, chosen, AnswerForm(initial={"answered_on": today()}))


@requires(Permission.OFFICE_MANAGE)
@require_POST
def answer(request: HttpRequest) -> HttpResponse:
    """組織の回答 — a new one; earlier ones stay."""
    chosen = _control_of(request.POST.get("key", ""))
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _one(request, chosen, form, status=422)
    keep_answer(chosen, form.cleaned_data["words"], form.cleaned_data["answered_on"])
    return redirect(f"{reverse('office:control')}?{urlencode({'key': chosen.key})}")


def _one(request: HttpRequest, chosen: Control, form: AnswerForm, status: int = 200) -> HttpResponse:
    known = known_here()
    rows = judged(DRAFTS["register"], known) if known is None else (judge(chosen, known),)
    row = next(each for each in rows if each.control.key == chosen.key)
    context = _shown(row, own_answers()) | {
        "form": form,
        "history": history_of(chosen),
        "is_unjudged": known is None,
        "is_for_organisation": chosen.answer in (Answer.ORGANISATION, Answer.PARTLY, Answer.NOT_MET),
    }
    return render(request, "office/control.html", context, status=status)


@requires(Permission.OFFICE_VIEW)
@require_GET
def papers(request: HttpRequest) -> HttpResponse:
    """書類の案 — which there are."""
    record("office.read", detail={"part": "papers"})
    known, own = known_here(), own_answers()
    found = []
    for draft in DRAFTS.values():
        rows = judged(draft, known)
        waits = sum(not is_answered(each, own) for each in rows)
        found.append(
            {"draft": draft, "rows": len(rows), "waits": waits, "red": sum(each.is_red for each in rows)}
        )
    return render(request, "office/papers.html", {"papers": found, "is_unjudged": known is None})


@requires(Permission.OFFICE_VIEW)
@require_GET
def pdf(request: HttpRequest, kind: str) -> HttpResponse:
    """書類の案のPDF."""
    sheet = _sheet(request, kind, "pdf")
    answer = HttpResponse(print_form("control_sheet", sheet), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{kind}.pdf"'
    return answer


@requires(Permission.OFFICE_VIEW)
@require_GET
def csv(request: HttpRequest, kind: str) -> HttpResponse:
    """書類の案のCSV."""
    sheet = _sheet(request, kind, "csv")
    answer = HttpResponse(csv_of(sheet), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{kind}.csv"'
    return answer


def _sheet(request: HttpRequest, name: str, form: str) -> ControlSheet:
    draft = DRAFTS.get(name)
    if draft is None:
        raise Http404("draft")
    record("office.forms", detail={"draft": name, "form": form})
    rows = judged(draft, known_here())
    return sheet_of(draft, rows, own_answers(), institution_of(request).name, today())
