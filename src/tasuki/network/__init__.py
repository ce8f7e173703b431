# SPDX-License-Identifier: Apache-2.0
"""地域医療連携 — SS-MIX2, linkage and public statistics."""
