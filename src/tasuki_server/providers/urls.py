# SPDX-License-Identifier: Apache-2.0
"""認証基盤のアドレス — settings and links, and the way there and back."""

from __future__ import annotations

from django.urls import path

from tasuki_server.providers import views

app_name = "providers"
urlpatterns = [
    path("", views.settings, name="settings"),
    path("end/", views.end, name="end"),
    path("link/", views.link, name="link"),
    path("identities/<uuid:linked_identity_id>/unlink/", views.unlink, name="unlink"),
    path("start/<uuid:institution_id>/", views.start, name="start"),
    path("back/", views.back, name="back"),
]
