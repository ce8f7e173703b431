# SPDX-License-Identifier: Apache-2.0
"""オーダ — what is ordered: the keyboard table, sets, Do and warnings."""

from __future__ import annotations
