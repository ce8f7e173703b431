# SPDX-License-Identifier: Apache-2.0
"""停止時ビューア — an encrypted read-only copy of the charts, and the program that opens it without server or network."""

from __future__ import annotations
