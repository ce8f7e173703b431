# SPDX-License-Identifier: Apache-2.0
"""訓練 — attacks on ourselves, each with a planted fault that must turn it red, and the evidence they leave."""

from __future__ import annotations
