# SPDX-License-Identifier: Apache-2.0
"""事業継続のアドレス — the recovery plan, and the cards of the downtime viewer."""

from __future__ import annotations

from django.urls import path

from tasuki_server.continuity import views

app_name = "continuity"
urlpatterns = [
    path("", views.plan, name="plan"),
    path("adopt/", views.adopt, name="adopt"),
    path("systems/new/", views.new_system, name="new"),
    path("systems/<uuid:recoverysystem_id>/", views.system, name="system"),
]
