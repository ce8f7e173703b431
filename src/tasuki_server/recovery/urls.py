# SPDX-License-Identifier: Apache-2.0
"""控えと復元のアドレス — how things stand, and one key to begin a backup."""

from __future__ import annotations

from django.urls import path

from tasuki_server.recovery import views

app_name = "recovery"
urlpatterns = [
    path("", views.status, name="status"),
    path("progress/", views.progress, name="progress"),
    path("start/", views.start, name="start"),
]
