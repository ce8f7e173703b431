# SPDX-License-Identifier: Apache-2.0
"""検知ルールの一覧 — the twenty-one, in the order of their ids."""

from __future__ import annotations

from tasuki.security.misuse.rules import (
    bulk_viewing,
    canary_chart,
    canary_credential,
    coworker,
    dormant_account,
    emergency_overuse,
    enumeration,
    factor_tampering,
    family,
    guarded_chart,
    impossible_travel,
    new_device,
    no_care_relation,
    off_hours,
    password_spray,
    privilege_chain,
    trail_interference,
    two_terminals,
    vendor_outside_order,
    volume_out,
    withdrawn_consent,
)

RULES = (
    impossible_travel.RULE,
    new_device.RULE,
    off_hours.RULE,
    bulk_viewing.RULE,
    enumeration.RULE,
    no_care_relation.RULE,
    family.RULE,
    coworker.RULE,
    guarded_chart.RULE,
    canary_chart.RULE,
    canary_credential.RULE,
    vendor_outside_order.RULE,
    privilege_chain.RULE,
    factor_tampering.RULE,
    trail_interference.RULE,
    volume_out.RULE,
    password_spray.RULE,
    dormant_account.RULE,
    two_terminals.RULE,
    emergency_overuse.RULE,
    withdrawn_consent.RULE,
)
BY_ID = {rule.id: rule for rule in RULES}
