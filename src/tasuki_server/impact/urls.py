# SPDX-License-Identifier: Apache-2.0
"""改定影響のアドレス — the page and its tables."""

from __future__ import annotations

from django.urls import path

from tasuki_server.impact import views

app_name = "impact"
urlpatterns = [
    path("", views.impact, name="impact"),
    path("<slug:table>.csv", views.table, name="table"),
]
