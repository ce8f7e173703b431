# SPDX-License-Identifier: Apache-2.0
"""訓練の一覧 — every drill by its name."""

from __future__ import annotations

from tasuki_server.drills.mfa import MFA
from tasuki_server.drills.stolen import STOLEN
from tasuki_server.drills.tamper import TAMPER
from tasuki_server.drills.tenants import TENANTS

DRILLS = {each.name: each for each in (MFA, STOLEN, TAMPER, TENANTS)}
