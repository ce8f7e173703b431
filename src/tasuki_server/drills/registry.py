# SPDX-License-Identifier: Apache-2.0
"""訓練の一覧 — every drill by its name."""

from __future__ import annotations

from tasuki_server.drills.audit import AUDIT
from tasuki_server.drills.authz import AUTHZ
from tasuki_server.drills.breakglass import BREAKGLASS
from tasuki_server.drills.crash import CRASH
from tasuki_server.drills.detect import DETECT
from tasuki_server.drills.diskloss import DISKLOSS
from tasuki_server.drills.fuzz import FUZZ
from tasuki_server.drills.immutable import IMMUTABLE
from tasuki_server.drills.kept_secrets import SECRETS
from tasuki_server.drills.load import LOAD
from tasuki_server.drills.mfa import MFA
from tasuki_server.drills.mutants import MUTANTS
from tasuki_server.drills.races import RACES
from tasuki_server.drills.ransom import RANSOM
from tasuki_server.drills.records import RECORDS
from tasuki_server.drills.register import REGISTER
from tasuki_server.drills.restore import RESTORE
from tasuki_server.drills.scan import SCAN
from tasuki_server.drills.seams import SEAMS
from tasuki_server.drills.segments import SEGMENTS
from tasuki_server.drills.stolen import STOLEN
from tasuki_server.drills.tamper import TAMPER
from tasuki_server.drills.tenants import TENANTS
from tasuki_server.drills.time_drill import TIME
from tasuki_server.drills.upgrade import UPGRADE
from tasuki_server.drills.vendor import VENDOR
from tasuki_server.drills.viewer import VIEWER

DRILLS = {
    each.name: each
    for each in (
        AUDIT,
        TAMPER,
        TENANTS,
        MFA,
        SEGMENTS,
        DETECT,
        SECRETS,
        FUZZ,
        STOLEN,
        AUTHZ,
        BREAKGLASS,
        VENDOR,
        SCAN,
        LOAD,
        UPGRADE,
        RESTORE,
        CRASH,
        DISKLOSS,
        IMMUTABLE,
        VIEWER,
        RANSOM,
        REGISTER,
        SEAMS,
        RACES,
        RECORDS,
        TIME,
        MUTANTS,
    )
}
