# SPDX-License-Identifier: Apache-2.0
"""WSGI入口 — the pages, served by granian's threads."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tasuki_server.settings")
application = get_wsgi_application()

from tasuki_server.accounts.route_check import refuse_undeclared  # noqa: E402

refuse_undeclared()
