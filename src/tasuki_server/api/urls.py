# SPDX-License-Identifier: Apache-2.0
"""接続のアドレス — the list, a new token, stopping one."""

from __future__ import annotations

from django.urls import path

from tasuki_server.api import views

app_name = "api"
urlpatterns = [
    path("", views.tokens, name="list"),
    path("new/", views.new_token, name="new"),
    path("<uuid:api_token_id>/revoke/", views.revoke, name="revoke"),
]
