# SPDX-License-Identifier: Apache-2.0
"""訓練の一覧 — every drill by its name."""

from __future__ import annotations

from tasuki_server.drills.fuzz import FUZZ
from tasuki_server.drills.kept_secrets import SECRETS
from tasuki_server.drills.scan import SCAN
from tasuki_server.drills.tamper import TAMPER
from tasuki_server.drills.tenants import TENANTS

DRILLS = {each.name: each for each in (TAMPER, TENANTS, SECRETS, FUZZ, SCAN)}
