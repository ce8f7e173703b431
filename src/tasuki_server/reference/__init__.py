# SPDX-License-Identifier: Apache-2.0
"""資料の生成 — reference pages made from the code, so that they cannot tell of another version."""

from __future__ import annotations
