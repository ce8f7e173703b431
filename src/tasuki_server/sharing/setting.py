# SPDX-License-Identifier: Apache-2.0
"""電子カルテ情報共有の利用の設定 — whether the institution sends."""

from __future__ import annotations

from tasuki_server.audit.trail import record
from tasuki_server.institutions import service_use
from tasuki_server.sharing.models import SharingUse


def is_used() -> bool:
    """情報共有を使うか — of the institution."""
    return service_use.is_on(SharingUse)


def set_used(*, is_on: bool) -> None:
    """利用の変更 — from the next signature on; what was sent before stays there."""
    row = service_use.switch(SharingUse, to=is_on)
    if row is not None:
        record("sharing.setup", row, detail={"is_on": is_on})
