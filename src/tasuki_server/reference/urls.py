# SPDX-License-Identifier: Apache-2.0
"""資料のアドレス — the rules."""

from __future__ import annotations

from django.urls import path

from tasuki_server.reference import views

app_name = "reference"
urlpatterns = [
    path("rules/", views.rules, name="rules"),
    path("rules/<path:rule_id>", views.rule, name="rule"),
]
