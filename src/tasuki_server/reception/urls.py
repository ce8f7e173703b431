# SPDX-License-Identifier: Apache-2.0
"""受付のアドレス — the board, and what is done to a visit."""

from __future__ import annotations

from django.urls import path

from tasuki_server.reception import booking_views, views

app_name = "reception"
urlpatterns = [
    path("", views.board, name="board"),
    path("rows/", views.board_rows, name="rows"),
    path("bookings/", booking_views.bookings, name="bookings"),
    path("bookings/add/", booking_views.add_booking, name="booking_add"),
    path("bookings/<uuid:booking_id>/", booking_views.booking, name="booking"),
    path("bookings/<uuid:booking_id>/cancel/", booking_views.cancel, name="booking_cancel"),
    path("next/", views.take_next, name="next"),
    path("patients/<int:number>/", views.receive, name="receive"),
    path("<uuid:visit_id>/", views.change, name="change"),
    path("<uuid:visit_id>/move/", views.move, name="move"),
    path("<uuid:visit_id>/take/", views.take, name="take"),
]
