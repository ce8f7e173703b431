# SPDX-License-Identifier: Apache-2.0
"""電子カルテ情報共有サービス（試行環境）アプリ — Django's view of this room."""

from __future__ import annotations

from django.apps import AppConfig


class RecordsConfig(AppConfig):
    """電子カルテ情報共有サービス（試行環境）アプリの登録 — label ``records``."""

    name = "tasuki_server.records"
    label = "records"
