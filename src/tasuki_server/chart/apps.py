# SPDX-License-Identifier: Apache-2.0
"""診療録アプリ — Django's view of this room."""

from __future__ import annotations

from django.apps import AppConfig


class ChartConfig(AppConfig):
    """診療録アプリの登録 — label ``chart``."""

    name = "tasuki_server.chart"
    label = "chart"
