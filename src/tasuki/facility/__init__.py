# SPDX-License-Identifier: Apache-2.0
"""施設基準 — notified standards and the opening hours of an institution."""
