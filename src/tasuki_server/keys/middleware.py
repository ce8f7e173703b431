# SPDX-License-Identifier: Apache-2.0
"""開けない値の画面 — says which record cannot be opened, so that someone can be told; everything else goes on."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.apps import apps
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone

from tasuki.security.sealed_fields import BrokenSeal, Place

LOG = logging.getLogger(__name__)


class BrokenSeals:
    """開けない値への応答 — inside the transaction of the institution, which is then rolled back."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """要求の処理 — passed on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """開けない値の画面 — names the table, the column and the row; the log has the same."""
        if not isinstance(exception, BrokenSeal):
            return None
        LOG.error("sealed value cannot be opened: %s", exception)
        return render(
            request,
            "errors/error.html",
            {
                "status": 500,
                "title": "開けない記録があります",
                "advice": "記録が書き換えられたか、別の場所に移されています。ほかの記録には影響ありません。"
                "上の番号を管理者に伝え、控えから戻してください。",
                "findings": [_named(exception.place)],
                "now": timezone.now(),
            },
            status=500,
        )


def _named(place: Place) -> str:
    """The place in the words of the screens, and the row's number."""
    for model in apps.get_models():
        if model._meta.db_table == place.table:
            field = next((each for each in model._meta.concrete_fields if each.column == place.column), None)
            label = place.column if field is None else field.verbose_name
            return f"{model._meta.verbose_name}の{label}（{place.row}）"
    return str(place)
