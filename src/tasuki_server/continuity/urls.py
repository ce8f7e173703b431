# SPDX-License-Identifier: Apache-2.0
"""事業継続のアドレス — the recovery plan, the cards of the downtime viewer, accounts for emergencies."""

from __future__ import annotations

from django.urls import path

from tasuki_server.continuity import card_views, emergency_account_views, views

app_name = "continuity"
urlpatterns = [
    path("", views.plan, name="plan"),
    path("adopt/", views.adopt, name="adopt"),
    path("systems/new/", views.new_system, name="new"),
    path("systems/<uuid:recoverysystem_id>/", views.system, name="system"),
    path("card/", card_views.own_card, name="card"),
    path("cards/", card_views.cards, name="cards"),
    path("cards/<uuid:viewercard_id>/stop/", card_views.stop, name="stop_card"),
    path("emergency/", emergency_account_views.accounts, name="accounts"),
    path("emergency/seal/", emergency_account_views.seal, name="seal_account"),
    path("emergency/open/", emergency_account_views.open_with_envelopes, name="open_account"),
    path("emergency/openings/<uuid:emergencyopening_id>/", emergency_account_views.opening, name="opening"),
    path(
        "emergency/openings/<uuid:emergencyopening_id>/end/",
        emergency_account_views.end,
        name="end_opening",
    ),
]
