# SPDX-License-Identifier: Apache-2.0
"""資格の登録（試行環境）のアドレス — people of the register, what covers them, and stopping."""

from __future__ import annotations

from django.urls import path

from tasuki_server.eligibility import views

app_name = "eligibility"
urlpatterns = [
    path("", views.persons, name="persons"),
    path("mode/", views.mode, name="mode"),
    path("new/", views.new_person, name="new_person"),
    path("<uuid:person_id>/", views.person, name="person"),
    path("<uuid:person_id>/stop/", views.stop, name="stop"),
    path("<uuid:person_id>/cover/", views.new_cover, name="new_cover"),
    path("<uuid:person_id>/subsidy/", views.new_subsidy, name="new_subsidy"),
    path("cover/<uuid:cover_id>/", views.cover, name="cover"),
    path("cover/<uuid:cover_id>/ticket/", views.new_ticket, name="new_ticket"),
]
