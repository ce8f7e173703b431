# SPDX-License-Identifier: Apache-2.0
"""医療情報の交換（試行環境）アプリ — Django's view of this room."""

from __future__ import annotations

from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    """医療情報の交換（試行環境）アプリの登録 — label ``exchange``."""

    name = "tasuki_server.exchange"
    label = "exchange"
