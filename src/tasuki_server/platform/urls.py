# SPDX-License-Identifier: Apache-2.0
"""全国医療情報プラットフォーム（試行環境）のアドレス — the operator's desk; the machine's door is below ``v1/`` and never reaches Django."""

from __future__ import annotations

from django.urls import path

from tasuki_server.platform import key_views, program_views, views

app_name = "platform"
urlpatterns = [
    path("", views.desk, name="desk"),
    path("events/", views.events, name="events"),
    path("faults/", views.faults, name="faults"),
    path("institutions/", views.institutions, name="institutions"),
    path("institutions/new/", views.register, name="register"),
    path("programs/", program_views.programs, name="programs"),
    path("programs/new/", program_views.register_program, name="register_program"),
    path("programs/<uuid:client_id>/", program_views.stop_program, name="stop_program"),
    path("institutions/<uuid:institution_id>/keys/", key_views.institution, name="institution"),
    path("institutions/<uuid:institution_id>/keys/stop/", key_views.stop_key, name="stop_key"),
    path("institutions/<uuid:institution_id>/", views.switch_institution, name="switch_institution"),
]
