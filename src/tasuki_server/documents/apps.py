# SPDX-License-Identifier: Apache-2.0
"""書類アプリ — Django's view of this room."""

from __future__ import annotations

from django.apps import AppConfig

from tasuki_server.audit.action_names import name_actions


class DocumentsConfig(AppConfig):
    """書類アプリの登録 — label ``documents``."""

    name = "tasuki_server.documents"
    label = "documents"

    def ready(self) -> None:
        """行為名の登録 — for the trail."""
        name_actions(
            {
                "document.issue": "書類の発行",
                "document.reissue": "書類の再発行",
                "document.read": "書類の表示",
            }
        )
