# SPDX-License-Identifier: Apache-2.0
"""レセプトの摘要の画面 — 特記事項 and 症状詳記 of a patient's month: add, change, put in order, remove, take back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from tasuki.kernel.finding import BadInput
from tasuki.security.permissions import Permission
from tasuki_server.accounts.permission_gate import requires
from tasuki_server.claims import noting
from tasuki_server.claims.access import read_month
from tasuki_server.claims.models import NoteSort, ReceiptNote
from tasuki_server.claims.note_access import access_note, access_notes, entered
from tasuki_server.patients.access import access_patient

_MOVES = {"up": -1, "down": 1}


@requires(Permission.CLAIMS_VIEW)
@require_GET
def notes(request: HttpRequest, number: int) -> HttpResponse:
    """レセプトの摘要 — of a patient's month."""
    month = read_month(request.GET.get("month", ""))
    return render(request, "claims/notes.html", access_notes(number, month))


@requires(Permission.CLAIMS_BUILD)
@require_POST
def add_mark(request: HttpRequest, number: int) -> HttpResponse:
    """特記事項・患者の状態の追加 — one that only a person knows."""
    sort = NoteSort.CONDITION if request.POST.get("sort") == NoteSort.CONDITION else NoteSort.MARK
    code = request.POST.get("code", "")
    if len(code) > 3:
        return HttpResponseBadRequest()
    patient, month = access_patient(number), _month(request)
    return _answer(
        request,
        number,
        sort.value,
        lambda: noting.add_mark(patient, month, sort, code),
        f"{sort.label}{code}を入れました。",
    )


@requires(Permission.CLAIMS_BUILD)
@require_POST
def remove_mark(request: HttpRequest, number: int, record_id: UUID) -> HttpResponse:
    """特記事項・患者の状態の削除 — it can be taken back."""
    row = access_note(access_patient(number), _month(request), record_id, noting.MARKS)
    version = _version(request)
    if version is None:
        return HttpResponseBadRequest()
    return _answer(
        request,
        number,
        row.sort,
        lambda: noting.remove_note(row, read_version=version),
        f"{row.get_sort_display()}{row.code}を外しました。",
    )


@requires(Permission.CLAIMS_NARRATE)
@require_POST
def add_narrative(request: HttpRequest, number: int) -> HttpResponse:
    """症状詳記の追加 — one 区分 with its text, after the others."""
    patient, month = access_patient(number), _month(request)
    code, text = request.POST.get("code", ""), request.POST.get("text", "")
    return _answer(
        request,
        number,
        "new",
        lambda: noting.add_narrative(patient, month, code, text),
        "症状詳記を追加しました。",
    )


@requires(Permission.CLAIMS_NARRATE)
@require_POST
def change_narrative(request: HttpRequest, number: int, record_id: UUID) -> HttpResponse:
    """症状詳記の変更 — its text, its place, or its removal."""
    row = access_note(access_patient(number), _month(request), record_id, noting.NARRATIVES)
    version, act = _version(request), request.POST.get("act", "")
    code, text = request.POST.get("code", ""), request.POST.get("text", "")
    if version is None or act not in ("save", "remove", *_MOVES):
        return HttpResponseBadRequest()

    def save() -> ReceiptNote:
        return noting.change_narrative(row, code, text, read_version=version)

    def move() -> None:
        # What was typed in the paragraph before it was moved is kept.
        is_typed = "text" in request.POST and (code, text.splitlines()) != (row.code, row.text.splitlines())
        moved = save() if is_typed else row
        noting.move_narrative(moved, _MOVES[act], read_version=moved.version if is_typed else version)

    acts: dict[str, tuple[Callable[[], object], str]] = {
        "save": (save, "症状詳記を保存しました。"),
        "remove": (lambda: noting.remove_note(row, read_version=version), "症状詳記を削除しました。"),
    }
    work, told = acts.get(act, (move, "症状詳記を並べ替えました。"))
    return _answer(request, number, str(row.record_id), work, told)


@requires(Permission.CLAIMS_NARRATE)
@require_POST
def copy_narratives(request: HttpRequest, number: int) -> HttpResponse:
    """前の月の症状詳記の複写 — as a start; what is here already is not copied again."""
    patient, month = access_patient(number), _month(request)
    return _answer(
        request,
        number,
        "copy",
        lambda: noting.copy_narratives(patient, month),
        "前の月の症状詳記を写しました。この月の経過に直してください。",
    )


@requires(Permission.CLAIMS_BUILD)
@require_POST
def undo_marks(request: HttpRequest, number: int) -> HttpResponse:
    """特記事項を元に戻す — the last act on marks and conditions."""
    return _undo(request, number, noting.MARKS)


@requires(Permission.CLAIMS_NARRATE)
@require_POST
def undo_narratives(request: HttpRequest, number: int) -> HttpResponse:
    """症状詳記を元に戻す — the last act on narratives."""
    return _undo(request, number, noting.NARRATIVES)


def _undo(request: HttpRequest, number: int, sorts: tuple[NoteSort, ...]) -> HttpResponse:
    patient, month = access_patient(number), _month(request)
    try:
        act = UUID(request.POST.get("act", ""))
    except ValueError:
        return HttpResponseBadRequest()
    return _answer(
        request,
        number,
        "undo",
        lambda: noting.undo_act(patient, month, sorts, act),
        "直前の操作を元に戻しました。",
    )


def _answer(
    request: HttpRequest, number: int, form: str, work: Callable[[], object], told: str
) -> HttpResponse:
    month = _month(request)
    try:
        work()
    except BadInput as refused:
        context = access_notes(number, month, entered(form, refused, request.POST.dict()))
        return render(request, "claims/notes.html", context, status=422)
    messages.success(request, told)
    return redirect(f"{reverse('claims:notes', args=[number])}?month={month:%Y-%m}")


def _month(request: HttpRequest) -> date:
    return read_month(request.POST.get("month", ""))


def _version(request: HttpRequest) -> int | None:
    text = request.POST.get("version", "")
    return int(text) if text.isdecimal() and len(text) < 10 else None
