# SPDX-License-Identifier: Apache-2.0
"""保険者の画面のアドレス — the machine's door of this service is below ``/platform/v1/records/`` and never reaches Django."""

from __future__ import annotations

from django.urls import path

from tasuki_server.records import insurer_views as views

app_name = "records"
urlpatterns = [
    path("checkups/", views.checkups, name="checkups"),
    path("checkups/<uuid:checkup_id>/", views.checkup, name="checkup"),
    path("checkups/<uuid:checkup_id>/fhir/", views.take_fhir, name="take_fhir"),
    path("checkups/<uuid:checkup_id>/v08/", views.take_v08, name="take_v08"),
]
