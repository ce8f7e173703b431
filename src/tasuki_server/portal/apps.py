# SPDX-License-Identifier: Apache-2.0
"""本人の画面アプリ — Django's view of this room."""

from __future__ import annotations

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """本人の画面アプリの登録 — label ``portal``."""

    name = "tasuki_server.portal"
    label = "portal"
