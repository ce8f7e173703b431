# SPDX-License-Identifier: Apache-2.0
"""会計アプリ — Django's view of this room."""

from __future__ import annotations

from django.apps import AppConfig


class BillingConfig(AppConfig):
    """会計アプリの登録 — label ``billing``."""

    name = "tasuki_server.billing"
    label = "billing"
