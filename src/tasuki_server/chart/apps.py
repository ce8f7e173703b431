# SPDX-License-Identifier: Apache-2.0
"""診療録アプリ — Django's view of this room."""

from __future__ import annotations

from django.apps import AppConfig


class ChartConfig(AppConfig):
    """診療録アプリの登録 — label ``chart``."""

    name = "tasuki_server.chart"
    label = "chart"

    def ready(self) -> None:
        """準備 — what waits for the first page."""
        from tasuki.security.permissions import Permission
        from tasuki_server.chart.draft import waiting_drafts
        from tasuki_server.shell.waiting import tell_on_first_page

        tell_on_first_page(Permission.CHART_SIGN, waiting_drafts)
