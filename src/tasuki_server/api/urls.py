# SPDX-License-Identifier: Apache-2.0
"""接続のアドレス — the list, clients with their keys, and the tokens of this machine."""

from __future__ import annotations

from django.urls import path

from tasuki_server.api import app_views, authorize_views, client_views, views

app_name = "api"
urlpatterns = [
    path("", views.tokens, name="list"),
    path("clients/new/", client_views.new_client, name="new_client"),
    path("clients/<uuid:service_client_id>/", client_views.client, name="client"),
    path("clients/<uuid:service_client_id>/keys/", client_views.new_key, name="new_key"),
    path("clients/<uuid:service_client_id>/revoke/", client_views.stop_client, name="stop_client"),
    path("apps/", app_views.apps, name="apps"),
    path("apps/new/", app_views.new_app, name="new_app"),
    path("apps/<uuid:launch_app_id>/revoke/", app_views.stop_app, name="stop_app"),
    path("apps/permits/<uuid:app_permit_id>/end/", app_views.stop_permit, name="stop_permit"),
    path("authorize/", authorize_views.authorize, name="authorize"),
    path("keys/<uuid:client_key_id>/revoke/", client_views.stop_key, name="stop_key"),
    path("new/", views.new_token, name="new"),
    path("<uuid:api_token_id>/revoke/", views.revoke, name="revoke"),
]
