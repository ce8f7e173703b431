# SPDX-License-Identifier: Apache-2.0
"""コード対応の画面 — the work list, candidates for one name, choosing and taking back."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from tasuki.kernel.finding import BadInput
from tasuki.kernel.messages import sentence
from tasuki.security.permissions import Permission
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.audit.trail import record
from tasuki_server.sharing import local_codes
from tasuki_server.sharing.models import CodeKind
from tasuki_server.sharing.suggesting import chosen_value, suggest
from tasuki_server.sharing.worklist import FILTERS, SORTS, Entry, find_entry, narrowed, worklist

MOST_ROWS = 300


@requires(Permission.CODE_MAP)
@require_GET
def show_codes(request: HttpRequest) -> HttpResponse:
    """コード対応の作業リスト — with filter, sort and search."""
    return render(request, "sharing/codes.html", _context(request.GET))


@requires(Permission.CODE_MAP)
@require_GET
def candidates(request: HttpRequest) -> HttpResponse:
    """候補 — for one name, or for the words typed in its box."""
    entry = _entry(request.GET)
    context = _candidates(entry, request.GET.get("text", ""))
    kept = [(name, value) for name, value in request.GET.items() if name.startswith("list_")]
    return render(request, "sharing/_candidates.html", {**context, "kept": kept})


@requires(Permission.CODE_MAP)
@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """対応の決定 — the list again, with the next name open."""
    entry = _entry(request.POST)
    stamp = request.POST.get("version", "")
    if not stamp.isdecimal() or len(stamp) > 9:
        return HttpResponseBadRequest()
    try:
        wanted = request.POST.get("code", "") or request.POST.get("number", "").strip()
        local_codes.choose(entry.name, wanted, read_version=int(stamp))
    except BadInput as bad:
        return _refused(request, bad)
    return redirect(_back(request))


@requires(Permission.CODE_MAP)
@require_POST
def undo(request: HttpRequest) -> HttpResponse:
    """元に戻す — the last choice of one name."""
    try:
        local_codes.undo(_entry(request.POST).name)
    except BadInput as bad:
        return _refused(request, bad)
    return redirect(_back(request))


def _context(wanted: Any) -> dict[str, Any]:
    kind = wanted.get("kind", "") if wanted.get("kind", "") in CodeKind.values else ""
    state = wanted.get("show", "open")
    state = state if state in dict(FILTERS) else "open"
    sort = wanted.get("sort", "count")
    sort = sort if sort in dict(SORTS) else "count"
    q = wanted.get("q", "").strip()
    entries = worklist()
    of_kind = [each for each in entries if not kind or each.name.kind == kind]
    counts = {name: sum(name in ("all", each.state) for each in of_kind) for name, _ in FILTERS}
    rows = narrowed(entries, kind, state, q, sort)[:MOST_ROWS]
    record("sharing.codes", "list", detail={"rows": len(rows)})
    return {
        "rows": rows,
        "filters": [(name, label, counts[name]) for name, label in FILTERS],
        "kinds": CodeKind.choices,
        "sorts": SORTS,
        "kind": kind,
        "shown": state,
        "sort": sort,
        "q": q,
    }


def _candidates(entry: Entry, text: str) -> dict[str, Any]:
    found = [(chosen_value(entry.name.kind, each), each) for each in suggest(entry.name, text)]
    return {
        "entry": entry,
        "candidates": found,
        "text": text,
        "history": local_codes.history(entry.name),
        "none": local_codes.NONE,
    }


def _entry(given: Any) -> Entry:
    found = find_entry(given.get("kind", ""), given.get("key", ""))
    if found is None:
        raise Http404("local name")
    return found


def _back(request: HttpRequest) -> str:
    """The list as it was narrowed."""
    kept = {name: request.POST.get(f"list_{name}", "") for name in ("kind", "show", "sort", "q")}
    given = urlencode({name: value for name, value in kept.items() if value})
    return reverse("sharing:codes") + (f"?{given}" if given else "")


def _refused(request: HttpRequest, bad: BadInput) -> HttpResponse:
    kept = {name: request.POST.get(f"list_{name}", "") for name in ("kind", "show", "sort", "q")}
    context = {**_context(kept), "faults": [sentence(each) for each in bad.findings]}
    return render(request, "sharing/codes.html", context, status=422)
