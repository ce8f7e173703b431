# SPDX-License-Identifier: Apache-2.0
"""非常時アカウントの関所 — outside of an opening its role is none; inside, every event says under which opening it was done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponseBase

from tasuki.security.permissions import Role
from tasuki.security.purpose import Purpose
from tasuki_server.institutions.models import Staff
from tasuki_server.institutions.work import current_work


class EmergencyAccountGate:
    """非常時アカウントの関所 — see the module; everybody else passes untouched."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """要求の処理 — asked anew at each request, so that the end takes effect at the next one."""
        request.emergency_opening = None  # type: ignore[attr-defined]
        staff: Staff | None = getattr(request, "staff", None)
        if staff is not None and Role.EMERGENCY in staff.roles:
            from tasuki_server.continuity import emergency_accounts

            opening = emergency_accounts.open_now(staff.id, current_work().at)
            if opening is not None:
                staff.is_opened = True
                current_work().marks["emergency_account"] = str(opening.id)
                request.emergency_opening = opening  # type: ignore[attr-defined]
                request.emergency_minutes = opening.minutes_left(current_work().at)  # type: ignore[attr-defined]
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: object, args: Any, kwargs: Any) -> None:
        """画面の前 — whatever is opened is opened because of the emergency."""
        if request.emergency_opening is not None:  # type: ignore[attr-defined]
            current_work().purpose = Purpose.EMERGENCY
