# SPDX-License-Identifier: Apache-2.0
"""医療機関アプリ — Django's view of this room."""

from __future__ import annotations

from django.apps import AppConfig


class InstitutionsConfig(AppConfig):
    """医療機関アプリの登録 — label ``institutions``."""

    name = "tasuki_server.institutions"
    label = "institutions"
