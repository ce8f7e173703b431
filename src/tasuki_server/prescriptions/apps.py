# SPDX-License-Identifier: Apache-2.0
"""電子処方箋管理サービス（試行環境）アプリ — Django's view of this room."""

from __future__ import annotations

from django.apps import AppConfig


class PrescriptionsConfig(AppConfig):
    """電子処方箋管理サービス（試行環境）アプリの登録 — label ``prescriptions``."""

    name = "tasuki_server.prescriptions"
    label = "prescriptions"
