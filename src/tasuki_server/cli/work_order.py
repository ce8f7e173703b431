# SPDX-License-Identifier: Apache-2.0
"""作業指示のもとのコマンド — a command run under TASUKI_WORK_ORDER is noted with the order and the user of the operating system.

Without the variable nothing is asked. What is not a command of ours (a shell, ``psql``, files copied) is not seen here.
"""

from __future__ import annotations

import os
import pwd
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from tasuki_server.cli.words import Stop

if TYPE_CHECKING:
    from uuid import UUID

VARIABLE = "TASUKI_WORK_ORDER"


def under_work_order(noun: str, words: Sequence[str], run: Callable[[], int]) -> int:
    """作業指示のもとでの実行 — noted before it begins, so that what fails or is killed is seen too, and with its exit code."""
    # Settings ask this package for words: they are read when all of it is there.
    from tasuki_server.settings_table import text

    given = text(VARIABLE)
    if not given:
        return run()
    # The verb only: what follows may name a patient or hold a secret.
    verb = next((each for each in words if not each.startswith("-")), "")
    institution, order = _note(given, {"command": f"{noun} {verb}".strip(), "step": "begin"})
    code = run()
    _write(institution, order, {"command": f"{noun} {verb}".strip(), "step": "end", "exit": code})
    return code


def os_user() -> str:
    """OSの利用者 — who called, also through sudo."""
    try:
        own = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        own = str(os.getuid())
    before = os.environ.get("SUDO_USER", "")
    return f"{before} ({own})" if before and before != own else own


def _note(given: str, detail: dict[str, object]) -> tuple[UUID, UUID]:
    from tasuki_server.database.session import connected

    place, _, number = given.partition("/")
    with connected(with_owner=True):
        from django.utils import timezone

        from tasuki.security.maintenance import Standing
        from tasuki_server.institutions.models import Institution
        from tasuki_server.institutions.opening import system_actor
        from tasuki_server.institutions.work import as_institution
        from tasuki_server.maintenance.plans import orders
        from tasuki_server.maintenance.reading import plan_as_approved

        prefecture, _, code = place.partition("-")
        found = Institution.objects.using("owner").filter(prefecture=prefecture, code=code).first()
        if found is None or not number.isdecimal() or len(number) > 8:
            raise Stop(
                f"{VARIABLE} の「{given}」が読めません（例: 13-9990010/12）。",
                f"{VARIABLE} “{given}” cannot be read (like 13-9990010/12).",
            )
        with as_institution(found.id, system_actor(found.id)):
            order = orders().filter(number=int(number), company__is_active=True).first()
            plan, is_same = (None, False) if order is None else plan_as_approved(order)
        if order is None or plan is None or not is_same or plan.standing(timezone.now()) is not Standing.OPEN:
            raise Stop(
                f"作業指示 {given} は、今は開いていません。",
                f"The work order {given} is not open now.",
            )
    _write(found.id, order.id, detail)
    return found.id, order.id


def _write(institution: UUID, order: UUID, detail: dict[str, object]) -> None:
    from tasuki_server.database.session import connected

    with connected(with_owner=True):
        from tasuki_server.audit.trail import record
        from tasuki_server.institutions.opening import system_actor
        from tasuki_server.institutions.work import as_institution

        with as_institution(institution, system_actor(institution)):
            record("maintenance.command", detail={**detail, "work_order": str(order), "os_user": os_user()})
