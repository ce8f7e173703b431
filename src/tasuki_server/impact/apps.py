# SPDX-License-Identifier: Apache-2.0
"""改定影響アプリ — Django's view of this room."""

from __future__ import annotations

from django.apps import AppConfig


class ImpactConfig(AppConfig):
    """改定影響アプリの登録 — label ``impact``."""

    name = "tasuki_server.impact"
    label = "impact"

    def ready(self) -> None:
        """行為名の登録 — for the trail."""
        from tasuki_server.audit.action_names import name_actions

        name_actions({"impact.start": "改定影響の計算の開始"})
