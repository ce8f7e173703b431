# SPDX-License-Identifier: Apache-2.0
"""表示 — words of the recovery plan in templates."""
