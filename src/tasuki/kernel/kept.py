# SPDX-License-Identifier: Apache-2.0
"""控えの長さ — what is made of a text that a sender wrote is kept only where the text is short: nobody fills the memory by it."""

from __future__ import annotations

# 文字数: of names, addresses and records as they are; what is longer is rare, and made anew each time.
LONGEST_KEPT = 400
