# SPDX-License-Identifier: Apache-2.0
"""審査支払機関（試行環境）のアドレス — the desk; the machine's door is below ``v1/`` and never reaches Django."""

from __future__ import annotations

from django.urls import path

from tasuki_server.receiving import views

app_name = "receiving"
urlpatterns = [
    path("", views.desk, name="desk"),
    path("examine/", views.examine, name="examine"),
    path("deadline/", views.deadline, name="deadline"),
    path("clients/", views.clients, name="clients"),
    path("clients/<uuid:client_id>/", views.switch_client, name="switch_client"),
    path("deliveries/<uuid:delivery_id>/", views.delivery, name="delivery"),
    path("receipts/<uuid:receipt_id>/decide/", views.decide, name="decide"),
]
