# SPDX-License-Identifier: Apache-2.0
"""監査記録のアドレス — one list."""

from __future__ import annotations

from django.urls import path

from tasuki_server.audit import views

app_name = "audit"
urlpatterns = [path("", views.trail, name="list")]
