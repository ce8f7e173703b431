# SPDX-License-Identifier: Apache-2.0
"""受付アプリ — Django's view of this room."""

from __future__ import annotations

from django.apps import AppConfig


class ReceptionConfig(AppConfig):
    """受付アプリの登録 — label ``reception``."""

    name = "tasuki_server.reception"
    label = "reception"
