# SPDX-License-Identifier: Apache-2.0
"""安全管理室 — what the security officer looks after: walls, reviews, contracts, assets, notices, and the register."""
