# SPDX-License-Identifier: Apache-2.0
"""オーダアプリ — Django's view of this room."""

from __future__ import annotations

from django.apps import AppConfig


class OrdersConfig(AppConfig):
    """オーダアプリの登録 — label ``orders``."""

    name = "tasuki_server.orders"
    label = "orders"
