# SPDX-License-Identifier: Apache-2.0
"""閲覧の保護のアドレス — break-glass and its review, marks of patients, staff who are patients, the rules."""

from __future__ import annotations

from django.urls import path

from tasuki_server.privacy import emergency_views, mark_views, policy_views

app_name = "privacy"
urlpatterns = [
    path("emergencies/", emergency_views.emergencies, name="emergencies"),
    path("emergencies/patients/<uuid:patient_id>/", emergency_views.begin, name="emergency_open"),
    path("emergencies/<uuid:emergency_access_id>/", emergency_views.review, name="emergency"),
    path("emergencies/<uuid:emergency_access_id>/end/", emergency_views.end, name="emergency_end"),
    path("marks/", mark_views.marks, name="marks"),
    path("marks/new/", mark_views.new_mark, name="mark_new"),
    path("marks/<uuid:patient_mark_id>/", mark_views.change_mark, name="mark"),
    path("links/<uuid:staff_patient_id>/withdraw/", mark_views.withdraw_link, name="link_withdraw"),
    path("rules/", policy_views.rules, name="rules"),
]
