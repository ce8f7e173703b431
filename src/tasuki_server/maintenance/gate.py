# SPDX-License-Identifier: Apache-2.0
"""保守作業の関所 — stands between a vendor's person and every page; what it does not open stays closed.

Outside an open order only the waiting page and one's own sign-in settings answer. Inside it a page opens when each
permission it declares is in the order's scope; it sees patients masked (:mod:`.masking`), a reading page leaves no row
behind, and nothing but a page of text is given out. So export, print and download are closed by what an answer *is*,
not by a list of pages.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase

from tasuki.security.maintenance import Plan
from tasuki.security.permissions import Permission, Role
from tasuki.security.purpose import Purpose
from tasuki_server.accounts.pages import OWN_ACCOUNT_PAGES, PUBLIC_PAGES
from tasuki_server.accounts.permission_gate import permissions_needed
from tasuki_server.accounts.step_up import has_moved
from tasuki_server.audit.trail import record
from tasuki_server.institutions.middleware import SAFE_METHODS
from tasuki_server.institutions.models import Staff
from tasuki_server.institutions.work import current_work
from tasuki_server.maintenance.masking import masked
from tasuki_server.maintenance.models import WorkOrder
from tasuki_server.maintenance.plans import open_order

log = logging.getLogger(__name__)
# 利用目的 (FHIR PurposeOfUse): whatever a vendor's person opens is opened to administer the system.
# Given for one's own sign-in settings alone, which need it; the first page and whatever else asks for it stay closed.
FOR_OWN_ACCOUNT = frozenset({Permission.USE_SYSTEM})


class MaintenanceGate:
    """保守作業の関所 — see the module; members of the institution pass untouched."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """要求の処理 — looks for the open order, lends its scope, and marks every event with it."""
        staff: Staff | None = getattr(request, "staff", None)
        if staff is None or Role.MAINTENANCE not in staff.roles:
            return self.get_response(request)
        found = open_order(staff, current_work().at)
        staff.lent = found[1].lends() if found else frozenset()
        request.work_order = found[0] if found else None  # type: ignore[attr-defined]
        request.work_plan = found[1] if found else None  # type: ignore[attr-defined]
        answer = self._inside(request, found[1]) if found else self.get_response(request)
        # What is masked is nobody's: the trail names those whom the order names.
        current_work().seen = set(current_work().seen or ()) & (found[1].patients if found else frozenset())
        note_acts(request, found[0] if found else None, is_done=answer.status_code < 400)
        return answer

    def _inside(self, request: HttpRequest, plan: Plan) -> HttpResponseBase:
        with masked(plan):
            answer = self.get_response(request)
            reason = why_withheld(answer, plan)
            if reason or answer.status_code >= 400 or request.method in SAFE_METHODS:
                # A page that is only looked at leaves nothing behind, whatever it does by the way.
                transaction.set_rollback(True, using="default")
                current_work().messages.clear()
        if reason:
            answer.close()
            return _refused(request, reason)
        return answer

    def process_view(self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any) -> None:
        """画面の前 — refuses what neither belongs to one's own account nor is lent by the order."""
        staff: Staff | None = getattr(request, "staff", None)
        if staff is None or Role.MAINTENANCE not in staff.roles or has_moved(request):
            return
        name = request.resolver_match.view_name if request.resolver_match else ""
        if name in PUBLIC_PAGES:
            return
        if name in OWN_ACCOUNT_PAGES:
            staff.lent |= FOR_OWN_ACCOUNT
            return
        needed = permissions_needed(name, view)
        plan: Plan | None = request.work_plan  # type: ignore[attr-defined]
        if not is_lent(needed, plan, is_change=request.method not in SAFE_METHODS):
            raise PermissionDenied
        request.work_permissions = needed  # type: ignore[attr-defined]

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """伏せた情報で開けない画面 — closed with its reason; the log keeps the kind of the error, never its text."""
        if getattr(request, "work_plan", None) is None:
            return None
        if isinstance(exception, PermissionDenied | Http404):
            return None
        log.warning("a masked page failed: %s at %s", type(exception).__name__, request.path)
        transaction.set_rollback(True, using="default")
        return _refused(
            request,
            "患者の情報を伏せているため、この画面は開けません。必要な患者を作業指示で指定してください。",
        )


def is_lent(needed: tuple[Permission, ...] | None, plan: Plan | None, *, is_change: bool) -> bool:
    """貸与の範囲か — the waiting page always; else every permission the page declares, and for changing if it changes."""
    if needed == (Permission.MAINTENANCE_WAIT,):
        return True
    if not needed or plan is None or not frozenset(needed) <= plan.lends():
        return False
    return not is_change or plan.may_change(needed)


def why_withheld(answer: HttpResponseBase, plan: Plan) -> str:
    """渡さない理由 — a file, data, or a page about a patient the order does not name; "" for a page of text."""
    if answer.status_code >= 400 or 300 <= answer.status_code < 400 or answer.status_code == 204:
        return ""
    kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if answer.streaming or kind != "text/html" or answer.headers.get("Content-Disposition"):
        return "保守作業では、ファイルの出力・印刷・ダウンロードはできません。"
    if any(
        each.patient_id is not None and each.patient_id not in plan.patients for each in current_work().events
    ):
        return "この患者は作業指示に含まれていません。"
    return ""


def note_acts(request: HttpRequest, order: WorkOrder | None, *, is_done: bool) -> None:
    """保守の行為の記録 — each event carries its order and the permissions used; what was done leaves at least one."""
    work = current_work()
    work.purpose = Purpose.MAINTENANCE
    needs = sorted(str(each) for each in getattr(request, "work_permissions", ()))
    if is_done and not work.events:
        record("maintenance.act", detail={"method": request.method}, patients=work.seen)
    work.marks = {"path": request.path, "needs": needs} | (
        {"work_order": str(order.id)} if order is not None else {}
    )


def _refused(request: HttpRequest, reason: str) -> HttpResponse:
    from tasuki_server.shell.errors import refused_because

    return refused_because(request, reason)
