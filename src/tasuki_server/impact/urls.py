# SPDX-License-Identifier: Apache-2.0
"""改定影響のアドレス — the page and its tables."""

from __future__ import annotations

from django.urls import path

from tasuki_server.impact import views

app_name = "impact"
urlpatterns = [
    path("", views.impact, name="impact"),
    path("runs", views.begin, name="begin"),
    path("runs/<uuid:run_id>", views.run, name="run"),
    path("runs/<uuid:run_id>/step", views.step, name="step"),
    path("runs/<uuid:run_id>/<slug:table>.csv", views.run_table, name="run_table"),
    path("<slug:table>.csv", views.table, name="table"),
]
