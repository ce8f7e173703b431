# SPDX-License-Identifier: Apache-2.0
"""患者アプリ — Django's view of this room."""

from __future__ import annotations

from django.apps import AppConfig


class PatientsConfig(AppConfig):
    """患者アプリの登録 — label ``patients``."""

    name = "tasuki_server.patients"
    label = "patients"

    def ready(self) -> None:
        """起動 — names the acts of the trail."""
        from tasuki_server.audit.action_names import name_actions

        name_actions(
            {
                "household.add": "世帯の家族の登録",
                "household.end": "世帯の家族の終了",
                "household.withdraw": "世帯の家族の取消",
            }
        )
