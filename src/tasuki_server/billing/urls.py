# SPDX-License-Identifier: Apache-2.0
"""会計のアドレス."""

from __future__ import annotations

from django.urls import path

from tasuki_server.billing import (
    change_views,
    daybook_views,
    household_views,
    ledger_views,
    price_views,
    views,
)

app_name = "billing"

urlpatterns = [
    path("", views.waiting, name="list"),
    path("unpaid", views.unpaid, name="unpaid"),
    path("daybook", daybook_views.daybook, name="daybook"),
    path("daybook.pdf", daybook_views.paper, name="daybook_paper"),
    path("visit/<uuid:visit_id>", views.visit, name="visit"),
    path("visit/<uuid:visit_id>/settle", views.settle, name="settle"),
    path("visit/<uuid:visit_id>/pay", views.pay, name="pay"),
    path("visit/<uuid:visit_id>/refund", views.refund, name="refund"),
    path("visit/<uuid:visit_id>/kind", views.kind, name="kind"),
    path("visit/<uuid:visit_id>/payers", views.payers, name="payers"),
    path("visit/<uuid:visit_id>/ledger", ledger_views.add, name="ledger_add"),
    path("visit/<uuid:visit_id>/ledger/<uuid:record_id>", ledger_views.withdraw, name="ledger_withdraw"),
    path("household/<int:number>", household_views.household, name="household"),
    path("household/<int:number>/add", household_views.add, name="household_add"),
    path("household/<int:number>/member/<uuid:record_id>", household_views.end, name="household_end"),
    path("prices", price_views.prices, name="prices"),
    path("prices/import", price_views.import_prices, name="import_prices"),
    path("prices/programmes", price_views.import_programmes, name="import_programmes"),
    path("changes", change_views.changes, name="changes"),
    path("changes/visit/<uuid:visit_id>", change_views.recalculate, name="recalculate"),
    path("changes/visit/<uuid:visit_id>/insurance", change_views.switch, name="switch_insurance"),
    path("prices/contract", price_views.add_contract, name="add_contract"),
    path("prices/contract/<uuid:record_id>/end", price_views.end_contract, name="end_contract"),
    path("visit/<uuid:visit_id>/flag", views.flag, name="flag"),
]
