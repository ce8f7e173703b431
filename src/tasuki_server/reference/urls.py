# SPDX-License-Identifier: Apache-2.0
"""資料のアドレス — the rules, and how far the fee table is covered."""

from __future__ import annotations

from django.urls import path

from tasuki_server.reference import views

app_name = "reference"
urlpatterns = [
    path("coverage/", views.fee_table, name="coverage"),
    path("rules/", views.rules, name="rules"),
    path("rules/<path:rule_id>", views.rule, name="rule"),
]
