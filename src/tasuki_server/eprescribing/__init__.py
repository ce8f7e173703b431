# SPDX-License-Identifier: Apache-2.0
"""電子処方箋（医療機関側） — prescriptions of signed charts registered with 電子処方箋管理サービス, and followed until dispensed."""

from __future__ import annotations
