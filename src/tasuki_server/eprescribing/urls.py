# SPDX-License-Identifier: Apache-2.0
"""電子処方箋のアドレス — the list, one prescription, the part of the chart, and how doctors sign."""

from __future__ import annotations

from django.urls import path

from tasuki_server.eprescribing import check_views, setup_views, views

app_name = "eprescribing"
urlpatterns = [
    path("", views.show_list, name="list"),
    path("visit/<uuid:visit_id>/", views.panel, name="panel"),
    path("visit/<uuid:visit_id>/choose/", views.choose, name="choose"),
    path("visit/<uuid:visit_id>/again/", views.again, name="again"),
    path("visit/<uuid:visit_id>/check/", check_views.check, name="check"),
    path("visit/<uuid:visit_id>/consent/", check_views.consent, name="consent"),
    path("results/<uuid:result_id>/seen/", views.seen, name="seen"),
    path("setup/", setup_views.setup, name="setup"),
    path("setup/use/", setup_views.use, name="use"),
    path("signer/", setup_views.signer, name="signer"),
    path("signer/requests/<uuid:request_id>/", setup_views.decide, name="decide"),
    path("<uuid:registration_id>/", views.registration, name="registration"),
    path("<uuid:registration_id>/cancel/", views.cancel, name="cancel"),
    path("<uuid:registration_id>/undo/", views.undo, name="undo"),
]
