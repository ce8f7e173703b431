# SPDX-License-Identifier: Apache-2.0
"""鍵アプリ — Django's view of this room."""

from __future__ import annotations

from django.apps import AppConfig


class KeysConfig(AppConfig):
    """鍵アプリの登録 — label ``keys``."""

    name = "tasuki_server.keys"
    label = "keys"

    def ready(self) -> None:
        """行為名の登録 — for the trail."""
        from tasuki_server.audit.action_names import name_actions

        name_actions(
            {
                "keys.rotate": "鍵の交換の開始",
                "keys.resume": "鍵の交換の再開",
                "keys.retire": "古い鍵の引退",
                "keys.rewrap": "鍵の包み直し",
            }
        )
