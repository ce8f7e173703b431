# SPDX-License-Identifier: Apache-2.0
"""襷 — the library: what the law and the standards say. Values in, values out."""
