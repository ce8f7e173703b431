# SPDX-License-Identifier: Apache-2.0
"""見張りのアドレス — alerts, containment, decoys, reports, training, incidents."""

from __future__ import annotations

from django.urls import path

from tasuki_server.watch import alert_views, containment_views, incident_views, report_views

app_name = "watch"
urlpatterns = [
    path("", alert_views.list_all, name="alerts"),
    path("alerts/<uuid:alert_id>/", alert_views.one, name="alert"),
    path("alerts/<uuid:alert_id>/close/", alert_views.close, name="close"),
    path("settings/", alert_views.settings, name="settings"),
    path("settings/network/", alert_views.network, name="network"),
    path("containment/", containment_views.containments, name="containments"),
    path("containment/begin/", containment_views.begin, name="contain"),
    path("containment/<uuid:containment_id>/end/", containment_views.end, name="end"),
    path("canaries/", containment_views.decoys, name="canaries"),
    path("canaries/make/", containment_views.make_decoy, name="make_canary"),
    path("canaries/<uuid:canary_id>/retire/", containment_views.retire_decoy, name="retire_canary"),
    path("report/", report_views.report, name="report"),
    path("training/", report_views.trainings, name="training"),
    path("incidents/", incident_views.list_all, name="incidents"),
    path("incidents/<uuid:incident_id>/", incident_views.one, name="incident"),
    path("incidents/<uuid:incident_id>/report/", incident_views.paper, name="paper"),
    path("incidents/<uuid:incident_id>/write/", incident_views.write, name="write"),
    path("incidents/<uuid:incident_id>/decide/", incident_views.decide, name="decide"),
    path("incidents/<uuid:incident_id>/close/", incident_views.close, name="close_incident"),
]
