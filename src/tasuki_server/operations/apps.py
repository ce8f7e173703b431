# SPDX-License-Identifier: Apache-2.0
"""運用アプリ — Django's view of this room."""

from __future__ import annotations

from django.apps import AppConfig


class OperationsConfig(AppConfig):
    """運用アプリの登録 — label ``operations``."""

    name = "tasuki_server.operations"
    label = "operations"
