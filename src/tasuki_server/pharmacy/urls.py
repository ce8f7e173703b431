# SPDX-License-Identifier: Apache-2.0
"""薬局のアドレス — the list, one prescription, and what is done with it."""

from __future__ import annotations

from django.urls import path

from tasuki_server.pharmacy import views

app_name = "pharmacy"
urlpatterns = [
    path("", views.board, name="board"),
    path("receive/", views.receive, name="receive"),
    path("<uuid:received_id>/", views.prescription, name="prescription"),
    path("<uuid:received_id>/check/", views.check, name="check"),
    path("<uuid:received_id>/dispense/", views.dispense, name="dispense"),
    path("<uuid:received_id>/step/", views.step, name="step"),
    path("<uuid:received_id>/cancel/", views.cancel, name="cancel"),
]
