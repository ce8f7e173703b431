# SPDX-License-Identifier: Apache-2.0
"""安全管理 — roles and permissions as data, the audit chain."""
