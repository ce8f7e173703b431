# SPDX-License-Identifier: Apache-2.0
"""監査記録のアドレス — the trail, a patient's viewers and their sheet, counts, and the export."""

from __future__ import annotations

from django.urls import path

from tasuki_server.audit import views

app_name = "audit"
urlpatterns = [
    path("", views.trail, name="list"),
    path("counts/", views.counts, name="counts"),
    path("export/", views.export, name="export"),
    path("patients/<int:number>/", views.patient, name="patient"),
    path("patients/<int:number>/sheet/", views.sheet, name="sheet"),
]
