# SPDX-License-Identifier: Apache-2.0
"""画面の取引 — each page of a signed-in member of staff is one transaction of their institution."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import DataError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from tasuki.kernel.finding import BadInput
from tasuki_server.audit.trail import record
from tasuki_server.institutions.models import Institution, Staff
from tasuki_server.institutions.rows import StaleVersion
from tasuki_server.institutions.work import Actor, PendingEvent, as_institution, has_work

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
# SQLSTATE of a text that is too long, a number out of range, a character no text may hold; None: psycopg saw it first.
UNSTORABLE = frozenset({None, "22001", "22003", "22021", "22P05"})


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
        actor = Actor(label=user.username)
        shown: list[PendingEvent] = []
        with as_institution(user.institution_id, actor) as work:
            staff = Staff.objects.select_related("institution").filter(user_id=user.pk).first()
            if staff is not None:
                request.staff = staff  # type: ignore[attr-defined]
                request.institution = staff.institution  # type: ignore[attr-defined]
                actor = work.actor = Actor(label=staff.name, staff_id=staff.id)
            response = self.get_response(request)
            if response.status_code >= 400:
                transaction.set_rollback(True, using="default")
                shown = [event for event in work.events if event.action.endswith(".read")]
            elif request.method not in SAFE_METHODS and not work.events:
                record("page.write", detail={"path": request.path})
        if shown and response.status_code not in (403, 404):
            self._note_reads(user.institution_id, actor, shown)
        if response.status_code in (403, 404) and staff is not None:
            self._note_refusal(user.institution_id, actor, request, response.status_code)
        return response

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

    def _note_reads(self, institution_id: UUID, actor: Actor, shown: list[PendingEvent]) -> None:
        """A refused act may have shown a chart all the same (the form again, both texts): that was a read."""
        with as_institution(institution_id, actor) as work:
            work.events += shown

    def _note_refusal(self, institution_id: UUID, actor: Actor, request: HttpRequest, status: int) -> None:
        with as_institution(institution_id, actor):
            refusal = getattr(request, "refusal", None)
            whose, why = refusal.for_trail() if refusal is not None else (None, {})
            record("access.refused", patient_id=whose, detail={"path": request.path, "status": status, **why})


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
