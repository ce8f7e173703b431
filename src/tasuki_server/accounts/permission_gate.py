# SPDX-License-Identifier: Apache-2.0
"""画面の権限 — every view names the permission it needs; a view that names none is closed.

The roles are asked first, then, where the address leads to a patient, what holds between the person and the patient;
both before the view runs, so that a view cannot forget it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from tasuki.security.permissions import Permission
from tasuki_server.accounts.pages import ENROLMENT_PAGES, OWN_ACCOUNT_PAGES, PUBLIC_PAGES
from tasuki_server.accounts.step_up import asked_again, has_moved
from tasuki_server.accounts.whose import finders_of
from tasuki_server.institutions.models import Staff
from tasuki_server.institutions.work import current_work
from tasuki_server.privacy.asking import Asked, Refusal, ask_patients, ask_roles, mark_events

View = TypeVar("View", bound=Callable[..., Any])
# 緊急時の利用目的 (FHIR PurposeOfUse): why a record was opened by break-glass.
BREAK_GLASS = "ETREAT"


def requires(*permissions: Permission) -> Callable[[View], View]:
    """必要な権限 — marks a view; the member of staff must hold all of them.

    Works on functions and on ``SomeView.as_view()``. The gate enforces it before the view is called.
    """
    if not permissions:
        raise ValueError("name at least one permission")

    def mark(view: View) -> View:
        view.permissions = permissions  # type: ignore[attr-defined]
        return view

    return mark


class PermissionGate:
    """権限の関所 — stands right before the view, and marks what the view left for the trail right after it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """要求の処理 — the questions are in :meth:`process_view`."""
        request.asked = asked = Asked()  # type: ignore[attr-defined]
        response = self.get_response(request)
        if asked.marks and response.status_code < 400:
            mark_events(asked)
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        """画面の前 — refuses with 403, or asks the second factor again."""
        match = request.resolver_match
        name = match.view_name if match else ""
        if name in PUBLIC_PAGES:
            return None
        if name in ENROLMENT_PAGES | OWN_ACCOUNT_PAGES and (
            request.user.is_authenticated and not getattr(request, "has_second_factor", False)
        ):
            return None
        needed = permissions_needed(name, view)
        if has_moved(request):
            # Before any refusal, which would show whose session it is.
            question = asked_again(request, name, needed or (), view)
            if question is not None:
                return question
        staff: Staff | None = getattr(request, "staff", None)
        if needed is None or staff is None:
            raise PermissionDenied
        try:
            ask_roles(staff, needed)
            finders = finders_of(match.namespace if match else "", kwargs) if kwargs else {}
            found = [(each.sql, kwargs[name]) for name, each in finders.items() if each.finds]
            ask_patients(staff, needed, found, request.asked)  # type: ignore[attr-defined]
        except Refusal as refusal:
            request.refusal = refusal  # type: ignore[attr-defined]
            raise
        work = current_work()
        if request.asked.emergencies:  # type: ignore[attr-defined]
            work.purpose = BREAK_GLASS
        return asked_again(request, name, needed, view)


def permissions_needed(name: str, view: Callable[..., Any]) -> tuple[Permission, ...] | None:
    """画面に要る権限 — ``None`` when the view declares none, and so stays closed."""
    if name in OWN_ACCOUNT_PAGES:
        return (Permission.USE_SYSTEM,)
    declared: tuple[Permission, ...] | None = getattr(view, "permissions", None)
    return declared
