# SPDX-License-Identifier: Apache-2.0
"""接続のアドレス — the list, clients with their keys, and the tokens of this machine."""

from __future__ import annotations

from django.urls import path

from tasuki_server.api import client_views, views

app_name = "api"
urlpatterns = [
    path("", views.tokens, name="list"),
    path("clients/new/", client_views.new_client, name="new_client"),
    path("clients/<uuid:service_client_id>/", client_views.client, name="client"),
    path("clients/<uuid:service_client_id>/keys/", client_views.new_key, name="new_key"),
    path("clients/<uuid:service_client_id>/revoke/", client_views.stop_client, name="stop_client"),
    path("keys/<uuid:client_key_id>/revoke/", client_views.stop_key, name="stop_key"),
    path("new/", views.new_token, name="new"),
    path("<uuid:api_token_id>/revoke/", views.revoke, name="revoke"),
]
