# SPDX-License-Identifier: Apache-2.0
"""訓練の一覧 — every drill by its name."""

from __future__ import annotations

from tasuki_server.drills.segments import SEGMENTS
from tasuki_server.drills.tamper import TAMPER
from tasuki_server.drills.tenants import TENANTS
from tasuki_server.drills.vendor import VENDOR

DRILLS = {each.name: each for each in (TAMPER, TENANTS, SEGMENTS, VENDOR)}
