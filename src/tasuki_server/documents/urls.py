# SPDX-License-Identifier: Apache-2.0
"""書類のアドレス — by visit and by document."""

from __future__ import annotations

from django.urls import path

from tasuki_server.documents import views

app_name = "documents"
urlpatterns = [
    path("visit/<uuid:visit_id>/", views.of_visit, name="of_visit"),
    path("visit/<uuid:visit_id>/<slug:kind>/", views.issue, name="issue"),
    path("<uuid:document_id>.pdf", views.pdf, name="pdf"),
    path("<uuid:document_id>/reissue/", views.reissue, name="reissue"),
]
