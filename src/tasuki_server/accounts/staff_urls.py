# SPDX-License-Identifier: Apache-2.0
"""職員の管理のアドレス — people, and the devices they are signed in on."""

from __future__ import annotations

from django.urls import path

from tasuki_server.accounts import staff_views as views

app_name = "staff"
urlpatterns = [
    path("", views.members, name="list"),
    path("new/", views.new_member, name="new"),
    path("sessions/", views.sessions, name="sessions"),
    path("sessions/<uuid:session_id>/end/", views.end_one, name="end_session"),
    path("<uuid:staff_id>/", views.member, name="member"),
    path("<uuid:staff_id>/roles/", views.change_roles, name="roles"),
    path("<uuid:staff_id>/disable/", views.disable, name="disable"),
    path("<uuid:staff_id>/enable/", views.enable, name="enable"),
    path("<uuid:staff_id>/reset-factor/", views.reset_factor, name="reset_factor"),
    path("<uuid:staff_id>/reset-password/", views.reset_password, name="reset_password"),
    path("<uuid:staff_id>/end-sessions/", views.end_all, name="end_all"),
]
