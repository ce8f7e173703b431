# SPDX-License-Identifier: Apache-2.0
"""認証基盤 — an institution's own identity provider in place of the password; the second factor stays ours."""

from __future__ import annotations
