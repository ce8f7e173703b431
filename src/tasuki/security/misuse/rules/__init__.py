# SPDX-License-Identifier: Apache-2.0
"""検知ルール — one small file each."""

from __future__ import annotations
