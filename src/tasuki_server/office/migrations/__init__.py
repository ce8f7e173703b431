# SPDX-License-Identifier: Apache-2.0
"""移行 — the tables of continuity."""
