# SPDX-License-Identifier: Apache-2.0
"""施設の設定のアドレス."""

from __future__ import annotations

from django.urls import path

from tasuki_server.institutions import facility_views

app_name = "institutions"
urlpatterns = [
    path("", facility_views.facility, name="facility"),
    path("standards/", facility_views.standards, name="standards"),
    path("standards/search/", facility_views.search, name="search"),
]
