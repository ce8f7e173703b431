# SPDX-License-Identifier: Apache-2.0
"""利用者アプリ — Django's view of this room."""

from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """利用者アプリの登録 — label ``accounts``."""

    name = "tasuki_server.accounts"
    label = "accounts"

    def ready(self) -> None:
        """準備 — connects the notes of sign-in."""
        from tasuki_server.accounts import sign_in_notes

        sign_in_notes.connect()
