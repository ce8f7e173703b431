# SPDX-License-Identifier: Apache-2.0
"""資料の画面 — the rules of the calculation: to search, and one with its source, days and cases."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from tasuki.calculation.rule_catalogue import chapters_present, find_rules, rule_catalogue
from tasuki.calculation.sentences.patterns import rule_patterns
from tasuki.kernel.because import Verdict
from tasuki.security.permissions import Permission
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.reference.coverage import Status, coverage
from tasuki_server.reference.coverage_page import PARTS
from tasuki_server.reference.rule_cases import cases_of

VERDICT_LABELS = {Verdict.GRANTED: "算定する", Verdict.DENIED: "算定しない", Verdict.ADVISED: "確かめる"}


@requires(Permission.MASTERS_VIEW)
@require_GET
def rules(request: HttpRequest) -> HttpResponse:
    """算定ルールの一覧 — by word and chapter."""
    text = request.GET.get("q", "")[:100]
    chapter = request.GET.get("chapter", "")
    found = [(entry, len(cases_of(entry.id))) for entry in find_rules(text, chapter)]
    context = {
        "text": text,
        "chapter": chapter,
        "chapters": chapters_present(),
        "found": found,
        "total": len(rule_catalogue()),
    }
    return render(request, "reference/rules.html", context)


@requires(Permission.MASTERS_VIEW)
@require_GET
def rule(request: HttpRequest, rule_id: str) -> HttpResponse:
    """算定ルール — its source, days and the cases that hold it."""
    entry = rule_catalogue().get(rule_id)
    if entry is None:
        raise Http404
    cases = cases_of(rule_id)
    near = [each for each in find_rules(chapter=entry.chapter) if each.id != entry.id]
    context = {
        "entry": entry,
        "says": [(VERDICT_LABELS[each], text) for each, text in rule_patterns(entry.id, entry.title)],
        "fires": [each for each in cases if each["fires"]],
        "rests": [each for each in cases if not each["fires"]],
        "near": near[:60],
    }
    return render(request, "reference/rule.html", context)


@requires(Permission.MASTERS_VIEW)
@require_GET
def fee_table(request: HttpRequest) -> HttpResponse:
    """算定範囲 — every 区分番号 of the fee table with how far it can be billed; counts first, one chapter at a time."""
    chapter = request.GET.get("chapter", "")
    status = request.GET.get("status", "")
    found = coverage()
    counts = []
    for letter, title in PARTS.items():
        sections = [each for each in found if each.section.chapter == letter]
        if sections:
            row = [sum(each.status is one for each in sections) for one in Status]
            counts.append((letter, title, len(sections), row))
    known = rule_catalogue()
    shown = [
        (each, [known[rule_id] for rule_id in each.rules if rule_id in known])
        for each in found
        if each.section.chapter == chapter and status in ("", each.status.value)
    ]
    context = {
        "chapter": chapter,
        "chapter_title": PARTS.get(chapter, ""),
        "status": status,
        "statuses": [each.value for each in Status],
        "counts": counts,
        "shown": shown,
    }
    return render(request, "reference/coverage.html", context)
