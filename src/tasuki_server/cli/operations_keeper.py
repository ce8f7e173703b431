# SPDX-License-Identifier: Apache-2.0
"""運用の番 — while everything runs, asks the page server as a user would, and measures what only the owner may see."""

from __future__ import annotations

import shutil
import time
import urllib.error
import urllib.request
from typing import Any

from tasuki_server.cli.words import Alarm

SECONDS = 15.0
PROBE_SECONDS = 5.0


class OperationsKeeper:
    """運用の番 — a page that does not answer, or a database that cannot be asked, is told once."""

    def __init__(self, host: str, port: int) -> None:
        # An address that means every address is asked at home.
        home = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
        self._address = f"http://{home}:{port}/healthz"
        self._next = 0.0
        self._has_failed = True
        self._alarm = Alarm()

    def keep(self, now: float) -> None:
        """見回り — every fifteen seconds."""
        if now < self._next:
            return
        self._next = now + SECONDS
        fault = "" if self._is_answered() else "画面が応答しません"
        try:
            self._note(is_served=not fault)
        except Exception as error:  # noqa: BLE001 - the round goes on; the fault is told
            fault = fault or type(error).__name__
        self._has_failed = bool(fault)
        self._alarm.tell(fault, f"運用の点検: {fault}", f"The round of operations: {fault}")

    def _is_answered(self) -> bool:
        from tasuki_server.settings_table import listed

        headers = {"Host": listed("TASUKI_HOSTS")[0], "X-Forwarded-Proto": "https"}
        request = urllib.request.Request(self._address, headers=headers)  # noqa: S310 - our own address
        try:
            with urllib.request.urlopen(request, timeout=PROBE_SECONDS) as answer:  # noqa: S310 - our own address
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def _note(self, *, is_served: bool) -> None:
        from django.utils import timezone

        from tasuki_server.database.session import leave
        from tasuki_server.operations.kept_state import write_state
        from tasuki_server.operations.service_record import month_start, note_served, served_over

        try:
            if is_served:
                note_served(timezone.now(), after_failure=self._has_failed)
            found = served_over(None, timezone.now(), "owner")
            state = measured()
            if found is not None and found.planned:
                state["availability"] = found.served / found.planned
            month = served_over(month_start(timezone.now()), timezone.now(), "owner")
            if month is not None and month.planned:
                state["availability_month"] = month.served / month.planned
            write_state(state)
        finally:
            leave()


def measured() -> dict[str, Any]:
    """計測 — over all institutions, as the owner lists them; numbers only."""
    from tasuki_server.audit.bringing import all_institutions
    from tasuki_server.database.places import data_folder
    from tasuki_server.operations.clock import kernel_clock

    every = [_of_institution(each.id) for each in all_institutions()]
    return {
        "at": time.time(),
        "checkpoint_seconds": max((each[0] for each in every), default=0.0),
        "work_seconds": max((each[1] for each in every), default=0.0),
        "watch_waiting": sum(each[2] for each in every),
        "disk_free_bytes": shutil.disk_usage(data_folder()).free,
        "clock_error_seconds": kernel_clock().largest_error,
    }


def _of_institution(institution_id: Any) -> tuple[float, float, int]:
    """Seconds since the oldest event that no checkpoint covers, since the last beat of a work that is not done, events unread."""
    from django.utils import timezone

    from tasuki_server.audit.models import AuditCheckpoint, AuditEvent
    from tasuki_server.claims.long_work import LIVING
    from tasuki_server.claims.models import LongWork
    from tasuki_server.institutions.opening import system_actor
    from tasuki_server.institutions.work import as_institution
    from tasuki_server.watch.alerts import state_of_watch

    now = timezone.now()
    with as_institution(institution_id, system_actor(institution_id)):
        covered = AuditCheckpoint.objects.order_by("-size").values_list("size", flat=True).first() or 0
        event = (
            AuditEvent.objects.filter(number__gt=covered)
            .order_by("number")
            .values_list("at", flat=True)
            .first()
        )
        beat = (
            LongWork.objects.filter(state__in=LIVING)
            .order_by("beat_at")
            .values_list("beat_at", flat=True)
            .first()
        )
        unread = int(state_of_watch()["waiting"])
    return _seconds(now, event), _seconds(now, beat), unread


def _seconds(now: Any, then: Any) -> float:
    return max(0.0, (now - then).total_seconds()) if then is not None else 0.0
