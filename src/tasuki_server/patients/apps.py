# SPDX-License-Identifier: Apache-2.0
"""患者アプリ — Django's view of this room."""

from __future__ import annotations

from django.apps import AppConfig


class PatientsConfig(AppConfig):
    """患者アプリの登録 — label ``patients``."""

    name = "tasuki_server.patients"
    label = "patients"
