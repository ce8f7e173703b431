# SPDX-License-Identifier: Apache-2.0
"""監査アプリ — Django's view of this room."""

from __future__ import annotations

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """監査アプリの登録 — label ``audit``."""

    name = "tasuki_server.audit"
    label = "audit"
