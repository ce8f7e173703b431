# SPDX-License-Identifier: Apache-2.0
"""Djangoの接続設定 — from connection strings to the DATABASES of Django."""

from __future__ import annotations

import os
from typing import Any

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from tasuki_server.database import roles
from tasuki_server.database.places import installation_secrets

VARIABLES = {
    "default": "TASUKI_APP_DATABASE_URL",
    "signin": "TASUKI_SIGNIN_DATABASE_URL",
    "receiving": "TASUKI_RECEIVING_DATABASE_URL",
    "platform": "TASUKI_PLATFORM_DATABASE_URL",
    "owner": "TASUKI_OWNER_DATABASE_URL",
}
# 本人の画面の役割: where the platform's is. An `up` of the version before, which knows neither, starts a next one that does.
PORTAL = {"portal_door": roles.PORTAL_DOOR, "portal": roles.PORTAL}
# A page asks by both: opened together with the first, so that a few who come at once do not wait for handshakes one by one.
LEAST_OF_THE_PORTAL = 4


def databases() -> dict[str, dict[str, Any]]:
    """接続先の表 — one alias for each role this process may use; the web server has no owner."""
    platform = os.environ.get(VARIABLES["platform"], "")
    return {
        alias: database(os.environ.get(variable, ""), alias)
        for alias, variable in VARIABLES.items()
        if alias != "owner" or variable in os.environ
    } | {alias: database(_as_role(platform, role), alias) for alias, role in PORTAL.items()}


def _as_role(conninfo: str, role: str) -> str:
    if not conninfo:
        return ""
    return make_conninfo(conninfo, user=role, password=installation_secrets().password(role))


def database(conninfo: str, alias: str) -> dict[str, Any]:
    """接続先 — one alias."""
    parts = conninfo_to_dict(conninfo)
    known = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    settings: dict[str, Any] = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "not-configured",
        "CONN_MAX_AGE": 0,
        "TIME_ZONE": None,
        "OPTIONS": {key: value for key, value in parts.items() if key not in known},
    }
    settings.update({name: str(parts[key]) for key, name in known.items() if key in parts})
    pool_size = int(os.environ.get("TASUKI_POOL_SIZE", "0"))
    if pool_size and alias != "owner":
        least = min(LEAST_OF_THE_PORTAL, pool_size) if alias in PORTAL else 1
        settings["OPTIONS"]["pool"] = {"min_size": least, "max_size": pool_size, "timeout": 20}
    return settings


def point_django_at() -> None:
    """接続先の変更 — makes a Django that is already set up use the present variables."""
    from django.conf import settings
    from django.db import connections

    wanted = databases()
    for alias, given in wanted.items():
        settings.DATABASES[alias] = given
        connections.settings[alias] = given
    connections.settings = connections.configure_settings(connections.settings)
    for alias in wanted:
        if hasattr(connections._connections, alias):
            connections[alias].close()
            del connections[alias]
