# SPDX-License-Identifier: Apache-2.0
"""画面の取引 — each page of a signed-in member of staff is one transaction of their institution."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import DataError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from tasuki.kernel.finding import BadInput
from tasuki.security.purpose import purpose_of
from tasuki_server.accounts.permission_gate import permissions_needed
from tasuki_server.audit.sights import reads_of, settle_sights
from tasuki_server.audit.trail import record
from tasuki_server.institutions.models import Institution, Staff
from tasuki_server.institutions.rows import StaleVersion
from tasuki_server.institutions.work import (
    Actor,
    PendingEvent,
    Work,
    as_institution,
    current_work,
    has_work,
    with_origin,
)

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
# SQLSTATE of a text that is too long, a number out of range, a character no text may hold; None: psycopg saw it first.
UNSTORABLE = frozenset({None, "22001", "22003", "22021", "22P05"})

# Refusals that show what was asked for: a form again with its faults, both texts of a clash, a page whose neighbour is away.
SHOWING_REFUSALS = frozenset({400, 409, 422, 502})


class InstitutionTransaction:
    """医療機関の取引 — opens it, sets ``request.staff`` and ``request.institution``, commits or rolls back.

    Any exception of a view rolls everything back, and so does an answer of 400 or above: nothing half-written. What
    was refused is noted in the trail in a transaction of its own.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """要求の処理 — see the class."""
        request.staff = None  # type: ignore[attr-defined]
        request.institution = None  # type: ignore[attr-defined]
        if not getattr(request, "has_second_factor", False):
            return self.get_response(request)
        user = request.user
        shown: list[PendingEvent] = []
        with as_institution(user.institution_id, Actor(label=user.username)) as work:
            staff = Staff.objects.select_related("institution").filter(user_id=user.pk).first()
            if staff is not None:
                request.staff = staff  # type: ignore[attr-defined]
                request.institution = staff.institution  # type: ignore[attr-defined]
                work.actor = with_origin(Actor(label=staff.name, staff_id=staff.id))
            work.seen = set()
            response = self.get_response(request)
            page = request.resolver_match.view_name if request.resolver_match else ""
            if response.status_code >= 400:
                transaction.set_rollback(True, using="default")
                shown = reads_of(work, page) if response.status_code in SHOWING_REFUSALS else []
            else:
                if request.method not in SAFE_METHODS and not work.events:
                    record("page.write", detail={"path": request.path}, patients=work.seen)
                settle_sights(work, page, is_shown=_has_content(response))
        if shown:
            self._note_reads(work, shown)
        if response.status_code in (403, 404) and staff is not None:
            self._note_refusal(work, request, response.status_code)
        return response

    def process_view(self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any) -> None:
        """画面の利用目的 — from the workplace of the first permission that the page asks for."""
        if not has_work() or request.resolver_match is None:
            return
        needed = permissions_needed(request.resolver_match.view_name, view)
        if needed:
            current_work().purpose = purpose_of(needed[0])

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """版の衝突と入力誤りの画面 — 409 with both texts, 400 with every finding; the rest is Django's to answer."""
        if isinstance(exception, DataError) and _is_unstorable(exception) and has_work():
            from tasuki_server.shell.errors import bad_request

            # Too long, out of range, or a character that cannot be stored: the sender's mistake, not ours.
            transaction.set_rollback(True, using="default")
            return bad_request(request)
        if isinstance(exception, StaleVersion | BadInput) and has_work():
            from tasuki_server.shell.errors import bad_request, stale_version

            # Drawn before the rollback: the page names who saved first, and that is a question to the database.
            if isinstance(exception, StaleVersion):
                answer = stale_version(request, exception)
            else:
                answer = bad_request(request, exception)
            transaction.set_rollback(True, using="default")
            return answer
        return None

    def _note_reads(self, refused: Work, shown: list[PendingEvent]) -> None:
        """A refused act may have shown a chart all the same (the form again, both texts): that was a read."""
        with as_institution(refused.institution_id, refused.actor, refused.purpose) as work:
            work.marks = refused.marks
            work.events += shown

    def _note_refusal(self, refused: Work, request: HttpRequest, status: int) -> None:
        with as_institution(refused.institution_id, refused.actor, refused.purpose) as work:
            work.marks = refused.marks
            refusal = getattr(request, "refusal", None)
            whose, why = refusal.for_trail() if refusal is not None else (None, {})
            record(
                "access.refused",
                patient_id=whose,
                detail={"path": request.path, "status": status, **why},
            )


def _has_content(response: HttpResponseBase) -> bool:
    """Whether anything is shown: a way to another page and "unchanged" are nothing."""
    return response.status_code < 300 and (response.streaming or bool(getattr(response, "content", b"")))


def _is_unstorable(error: DataError) -> bool:
    return getattr(error.__cause__, "sqlstate", None) in UNSTORABLE


def institution_of(request: HttpRequest) -> Institution:
    """この画面の医療機関 — for views; refuses when nobody of an institution is signed in."""
    institution: Institution | None = getattr(request, "institution", None)
    if institution is None:
        raise PermissionDenied
    return institution


def staff_of(request: HttpRequest) -> Staff:
    """この画面の職員 — for views; refuses when nobody is signed in."""
    staff: Staff | None = getattr(request, "staff", None)
    if staff is None:
        raise PermissionDenied
    return staff
