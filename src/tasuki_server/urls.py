# SPDX-License-Identifier: Apache-2.0
"""アドレス — one line for each room; a room's own addresses are in its ``urls.py`` with ``app_name``."""

from __future__ import annotations

from django.urls import include, path

from tasuki_server.shell import views

handler400 = "tasuki_server.shell.errors.bad_request"
handler403 = "tasuki_server.shell.errors.refused"
handler404 = "tasuki_server.shell.errors.not_found"
handler500 = "tasuki_server.shell.errors.our_fault"

urlpatterns = [
    path("", views.home, name="home"),
    path("healthz", views.healthz, name="healthz"),
    path("accounts/", include("tasuki_server.accounts.urls")),
    path("staff/", include("tasuki_server.accounts.staff_urls")),
    path("providers/", include("tasuki_server.providers.urls")),
    path("facility/", include("tasuki_server.institutions.urls")),
    path("audit/", include("tasuki_server.audit.urls")),
    path("watch/", include("tasuki_server.watch.urls")),
    path("office/", include("tasuki_server.office.urls")),
    path("patients/", include("tasuki_server.patients.urls")),
    path("reception/", include("tasuki_server.reception.urls")),
    path("confirmation/", include("tasuki_server.confirmation.urls")),
    path("chart/", include("tasuki_server.chart.urls")),
    path("orders/", include("tasuki_server.orders.urls")),
    path("prescribing/", include("tasuki_server.eprescribing.urls")),
    path("sharing/", include("tasuki_server.sharing.urls")),
    path("notifications/", include("tasuki_server.notifications.urls")),
    path("billing/", include("tasuki_server.billing.urls")),
    path("documents/", include("tasuki_server.documents.urls")),
    path("claims/", include("tasuki_server.claims.urls")),
    # Below receiving/v1/ nothing reaches Django either.
    path("receiving/", include("tasuki_server.receiving.urls")),
    # Below platform/v1/ nothing reaches Django either.
    path("platform/", include("tasuki_server.platform.urls")),
    path("platform/register/", include("tasuki_server.eligibility.urls")),
    path("pharmacy/", include("tasuki_server.pharmacy.urls")),
    path("insurer/", include("tasuki_server.records.urls")),
    path("reference/", include("tasuki_server.reference.urls")),
    path("impact/", include("tasuki_server.impact.urls")),
    path("privacy/", include("tasuki_server.privacy.urls")),
    path("continuity/", include("tasuki_server.continuity.urls")),
    path("maintenance/", include("tasuki_server.maintenance.urls")),
    path("backups/", include("tasuki_server.recovery.urls")),
    # Not below api/: those addresses never reach Django (asgi.py).
    path("connections/", include("tasuki_server.api.urls")),
]
